import "./style.css";

import { buildApi, FrameTimes, type Api } from "./api";
import { Silence, type Media } from "./clock";
import { Face } from "./face";
import { fromBase64, inflate, parse, type ClipData } from "./payload";
import { Player } from "./player";
import { Stage } from "./stage";
import { buildPage } from "./ui/page";
import { el } from "./ui/dom";

declare global {
  interface Window {
    utterface?: Api;
  }
}

/** The clip and its sound wait in two inert script elements at the end of the page. */
async function readClip(): Promise<[ClipData, Media]> {
  const embedded = (id: string) => document.getElementById(id)?.textContent?.trim() ?? "";
  const clip = parse(await inflate(fromBase64(embedded("utterface-clip"))));
  const sound = embedded("utterface-sound");
  if (!sound) return [clip, new Silence(clip.duration)];
  const type = document.getElementById("utterface-sound")!.dataset.type;
  const audio = new Audio(URL.createObjectURL(new Blob([fromBase64(sound)], { type })));
  audio.preload = "auto";
  audio.preservesPitch = true;
  await new Promise((resolve, reject) => {
    audio.addEventListener("loadedmetadata", resolve, { once: true });
    audio.addEventListener("error", () => reject(new Error("this browser cannot play the sound (FLAC)")), { once: true });
  });
  return [clip, audio];
}

async function start(): Promise<void> {
  const [clip, media] = await readClip();
  const face = new Face(clip.rig);
  const player = new Player(clip, media, face);
  const canvas = el("canvas", { class: "stage", role: "img", "aria-label": `A talking face: ${clip.title}` });
  const page = buildPage(player, canvas);
  const stage = new Stage(canvas, face);
  page.connect(stage);

  const times = new FrameTimes();
  let waiting: (() => void)[] = [];
  const frame = () => new Promise<void>((resolve) => waiting.push(resolve));
  window.utterface = buildApi(player, stage, times, frame);

  const loop = () => {
    requestAnimationFrame(loop);
    const began = performance.now();
    const heard = media.currentTime;
    if (player.update()) stage.invalidate();
    page.update();
    times.add(performance.now() - began, 1000 * Math.abs(player.time - heard));
    stage.draw();
    if (Number.isNaN(times.firstFrameMs)) {
      times.firstFrameMs = performance.now();
      document.documentElement.dataset.ready = ""; // for whoever waits from outside
    }
    const drawn = waiting;
    waiting = [];
    for (const resolve of drawn) resolve();
  };
  loop();
}

start().catch((error: unknown) => {
  document.body.replaceChildren(el("p", { class: "failure", role: "alert" }, `This page cannot play: ${String(error)}`));
  throw error;
});
