import type { Player } from "../player";
import type { Stage } from "../stage";
import { Captions } from "./captions";
import { el, iconButton } from "./dom";
import { listenForKeys, playbackKeys } from "./keys";
import { PosePanel } from "./pose";
import { strongest } from "./ranking";
import { background, currentTheme, themeButton } from "./theme";
import { Timeline, zoomButtons, type Lane } from "./timeline";
import { Transport } from "./transport";

/** Everything around the face. */
export interface Page {
  /** Give the buttons a stage to act on. */
  connect(stage: Stage): void;
  /** Follow the player, once a frame. */
  update(): void;
}

/** `#still` in the address leaves the face alone on the page, for pictures. */
export function buildPage(player: Player, canvas: HTMLCanvasElement): Page {
  let stage: Stage | undefined;
  const narrow = innerWidth < 640;
  const timeline = new Timeline(player, strongestLanes(player, narrow), narrow);
  const transport = new Transport(player, zoomButtons((factor) => timeline.zoom(factor)));
  const captions = new Captions(player);
  const pose = new PosePanel(player, () => togglePose());
  const theme = themeButton(() => {
    timeline.invalidate();
    stage?.setDark(currentTheme() === "dark");
  });
  const poseButton = iconButton("sliders", "Pose the face by hand (P)", () => togglePose());
  const togglePose = () => {
    pose.open = !pose.open;
    document.body.classList.toggle("posing", pose.open);
    poseButton.setAttribute("aria-pressed", String(pose.open));
  };
  const takePicture = () => {
    if (stage) download(stage.picture(1600, 1600, background()), `${player.clip.title}-${player.time.toFixed(2)}s.png`);
  };

  const dock = el("footer", { class: "dock" }, transport.element, timeline.element);
  new ResizeObserver(() => document.body.style.setProperty("--dock", `${dock.offsetHeight}px`)).observe(dock);
  document.title = player.clip.title;
  document.body.classList.toggle("still", location.hash === "#still");
  document.body.replaceChildren(
    el("main", {}, canvas, captions.element),
    el(
      "header",
      { class: "bar" },
      el("h1", {}, player.clip.title),
      el("div", { class: "tools" }, poseButton, iconButton("picture", "Save a picture (S)", takePicture), theme),
    ),
    pose.element,
    dock,
    ...document.querySelectorAll("body > script"),
  );
  canvas.addEventListener("dblclick", () => stage?.resetView());

  listenForKeys({
    ...playbackKeys(player),
    "0": () => stage?.resetView(),
    "+": () => timeline.zoom(2),
    "=": () => timeline.zoom(2),
    "-": () => timeline.zoom(0.5),
    t: () => theme.click(),
    p: togglePose,
    Escape: () => pose.open && togglePose(),
    s: takePicture,
  });

  return {
    connect(connected) {
      stage = connected;
      stage.setDark(currentTheme() === "dark");
    },
    update() {
      transport.update();
      timeline.update();
      captions.update();
      pose.update();
    },
  };
}

/** The curves that move most, one to a lane. */
function strongestLanes({ clip: { motion } }: Player, narrow: boolean): Lane[] {
  const { frameRate, start } = motion;
  return strongest(motion, narrow ? 3 : 5).map((curve, i) => ({
    name: curve.name,
    height: narrow ? 20 : 24,
    lines: [{ ...curve, frameRate, start, ink: `curve-${i}` }],
  }));
}

function download(picture: HTMLCanvasElement, name: string): void {
  picture.toBlob((blob) => {
    const address = URL.createObjectURL(blob!);
    el("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }, "image/png");
}
