import type { Object3D } from "three";

import { buildApi } from "./api";
import { Face } from "./face";
import { HeadMaker } from "./heads";
import { Loop } from "./loop";
import type { People } from "./people";
import type { Player } from "./player";
import { Stage } from "./stage";
import { el } from "./ui/dom";
import { buildPage } from "./ui/page";

/**
 * The page around a player: its face on a stage, framed by the template, and everything that drives it.
 *
 * @param people whose faces can be chosen instead
 */
export function show(player: Player, face: Object3D, template: Float32Array, people?: People): void {
  const label = `A talking face: ${player.clip.title}`;
  const canvas = el("canvas", { class: "stage", role: "img", "aria-label": label });
  const stage = new Stage(canvas, face, template);
  const choose = async (name: string) => {
    const rig = await people!.rig(name);
    const chosen = new Face(rig);
    people!.shown = name;
    player.wear(chosen);
    stage.wear(new HeadMaker(rig).make(chosen));
  };
  let page = buildPage(player, canvas, people, choose);
  page.connect(stage);
  player.addEventListener("take", () => {
    page.dispose();
    page = buildPage(player, canvas, people, choose);
    page.connect(stage);
  });

  const loop = new Loop();
  window.utterface = buildApi(player, stage, loop, people, choose);
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
