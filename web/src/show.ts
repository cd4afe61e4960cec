import type { Object3D } from "three";

import { buildApi } from "./api";
import { Loop } from "./loop";
import type { Player } from "./player";
import { Stage } from "./stage";
import { el } from "./ui/dom";
import { buildPage } from "./ui/page";

/** The page around a player: its face on a stage, framed by the template, and everything that drives it. */
export function show(player: Player, face: Object3D, template: Float32Array): void {
  const label = `A talking face: ${player.clip.title}`;
  const canvas = el("canvas", { class: "stage", role: "img", "aria-label": label });
  let page = buildPage(player, canvas);
  const stage = new Stage(canvas, face, template);
  page.connect(stage);
  player.addEventListener("take", () => {
    page.dispose();
    page = buildPage(player, canvas);
    page.connect(stage);
  });

  const loop = new Loop();
  window.utterface = buildApi(player, stage, loop);
  loop.run(
    player,
    () => {
      if (player.update()) stage.invalidate();
      page.update();
    },
    () => {
      if (stage.draw()) page.drawn();
    },
  );
}
