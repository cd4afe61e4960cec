import "./style.css";

import { buildApi } from "./api";
import { readEmbedded, readSound } from "./embedded";
import { Face } from "./face";
import { failWith, Loop } from "./loop";
import { parse } from "./payload";
import { Player } from "./player";
import { Stage } from "./stage";
import { buildPage } from "./ui/page";
import { el } from "./ui/dom";

async function start(): Promise<void> {
  const clip = parse(await readEmbedded("utterface-clip"));
  const media = await readSound("utterface-sound", clip.duration);
  const face = new Face(clip.rig);
  const player = new Player(clip, media, face);
  const canvas = el("canvas", { class: "stage", role: "img", "aria-label": `A talking face: ${clip.title}` });
  const page = buildPage(player, canvas);
  const stage = new Stage(canvas, face);
  page.connect(stage);

  const loop = new Loop();
  window.utterface = buildApi(player, stage, loop);
  loop.run(
    player,
    () => {
      if (player.update()) stage.invalidate();
      page.update();
    },
    () => stage.draw(),
  );
}

start().catch(failWith);
