import { readDropped } from "../drop";
import { writeGlb } from "../glb";
import { writeTake } from "../livelink";
import type { People } from "../people";
import type { Player } from "../player";
import type { Stage } from "../stage";
import { canRecord } from "../video";
import { Captions } from "./captions";
import { download, el, iconButton, type Icon } from "./dom";
import { Film } from "./film";
import { KEY_HELP, listenForKeys, playbackKeys } from "./keys";
import { PosePanel } from "./pose";
import { strongest } from "./ranking";
import { background, currentTheme, themeButton } from "./theme";
import { spanAt } from "./timescale";
import { Timeline, zoomButtons, type Lane } from "./timeline";
import { Transport } from "./transport";

/** Everything around the face. */
export interface Page {
  /** Give the buttons a stage to act on. */
  connect(stage: Stage): void;
  /** Follow the player, once a frame. */
  update(): void;
  /** Follow a new picture of the face. */
  drawn(): void;
  /** Let go of the keyboard and the canvas, for another page in its place. */
  dispose(): void;
}

/** Where the camera stands: degrees aside, degrees up, distance, half heights down. */
const VIEWS: [name: string, icon: Icon, view: [number, number, number, number]][] = [
  ["From the front (1)", "front", [0, 0, 1, 0]],
  ["Three quarters (2)", "quarter", [40, 4, 1, 0]],
  ["From the side (3)", "side", [88, 0, 1, 0]],
  ["The mouth (4)", "mouth", [12, -2, 0.42, 0.3]],
];
const HOME = "https://pypi.org/project/utterface/";
const CLICK = 5; // pixels that a click may wander

/** `#still` in the address leaves the face alone on the page, for pictures; `#t=2.2` begins there. */
export function buildPage(
  player: Player,
  canvas: HTMLCanvasElement,
  people?: People,
  choose: (name: string) => Promise<void> = async () => undefined,
): Page {
  let stage: Stage | undefined;
  const leaving = new AbortController();
  const { signal } = leaving;
  const narrow = innerWidth < 640;
  const timeline = new Timeline(player, strongestLanes(player, narrow), narrow);
  const transport = new Transport(player, zoomButtons((factor) => timeline.zoom(factor)));
  const captions = new Captions(player, "", player.clip.captions);
  const pose = new PosePanel(player, () => togglePose(), people, choose);
  const help = keyHelp();
  const theme = themeButton(() => {
    timeline.invalidate();
    stage?.setDark(currentTheme() === "dark");
  });
  const poseButton = iconButton("sliders", people ? "Face, pose, mood and strength (P)" : "Pose, mood and strength (P)", () => togglePose());
  const togglePose = () => {
    pose.open = !pose.open;
    document.body.classList.toggle("posing", pose.open);
    poseButton.setAttribute("aria-pressed", String(pose.open));
  };
  const takePicture = () => {
    const name = `${player.clip.title}-${player.time.toFixed(2)}s.png`;
    stage?.picture(1600, 1600, background()).toBlob((blob) => download(blob!, name), "image/png");
  };
  const saveTake = () => {
    const text = writeTake(player.clip.motion, (weights) => player.mood.over(weights));
    download(new Blob([text], { type: "text/csv" }), `${player.clip.title}.csv`);
  };
  const saveFace = async () => {
    const rig = await people!.rig(people!.shown);
    download(writeGlb(rig, player.clip.motion, (weights) => player.mood.over(weights)), `${player.clip.title}.glb`);
  };
  const film = new Film(player, canvas, () => stage?.invalidate());
  const look = (view: number) => stage?.resetView(...VIEWS[view][2]);
  const views = VIEWS.map(([name, symbol], i) => iconButton(symbol, name, () => look(i)));

  const credit = el("a", { class: "credit", href: HOME, target: "_blank", rel: "noopener" }, "made with utterface");
  const dock = el("footer", { class: "dock" }, transport.element, timeline.element);
  new ResizeObserver(() => document.body.style.setProperty("--dock", `${dock.offsetHeight}px`)).observe(dock);
  document.title = player.clip.title;
  document.body.classList.toggle("still", location.hash === "#still");
  const tools = [
    poseButton,
    iconButton("picture", "Save a picture (S)", takePicture),
    ...(canRecord() ? [film.button] : []),
    iconButton("download", "Save the motion as .csv for Live Link", saveTake),
    ...(people ? [iconButton("cube", "Save the face that moves as .glb", () => void saveFace())] : []),
    theme,
    iconButton("help", "Keys (?)", () => help.showModal()),
  ];
  document.body.replaceChildren(
    el("main", {}, canvas, el("div", { class: "views", role: "group", "aria-label": "Views" }, ...views), captions.element, credit),
    el("header", { class: "bar" }, el("h1", {}, player.clip.title), el("div", { class: "tools" }, ...tools)),
    pose.element,
    help,
    dock,
    ...document.querySelectorAll("body > script"),
  );
  canvas.addEventListener("dblclick", () => stage?.resetView(), { signal });
  onClick(canvas, () => player.toggle(), signal);
  takeDrops(player, signal);
  followAddress(player, signal);

  listenForKeys(
    {
      ...playbackKeys(player),
      "0": () => stage?.resetView(),
      ...Object.fromEntries(VIEWS.map((_, i) => [String(i + 1), () => look(i)])),
      "+": () => timeline.zoom(2),
      "=": () => timeline.zoom(2),
      "-": () => timeline.zoom(0.5),
      t: () => theme.click(),
      p: togglePose,
      f: () => pose.nextFace(),
      l: () => player.repeat(player.looped ?? player.clip.words[spanAt(player.clip.words, player.time)] ?? null),
      v: () => film.toggle(),
      "?": () => help.showModal(),
      Escape: () => (player.looped ? player.repeat(null) : pose.open && togglePose()),
      s: takePicture,
    },
    signal,
  );

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
      film.update();
    },
    drawn: () => film.draw(),
    dispose: () => leaving.abort(),
  };
}

/** A press that lets go where it began, and soon: not the drag that turns the head. */
function onClick(canvas: HTMLCanvasElement, action: () => void, signal: AbortSignal): void {
  let [x, y] = [0, 0];
  canvas.addEventListener("pointerdown", (event) => ([x, y] = [event.clientX, event.clientY]), { signal });
  canvas.addEventListener(
    "click",
    (event) => {
      if (Math.hypot(event.clientX - x, event.clientY - y) < CLICK) action();
    },
    { signal },
  );
}

/** Another take, dropped anywhere on the page, plays in the place of this one. */
function takeDrops(player: Player, signal: AbortSignal): void {
  addEventListener("dragover", (event) => event.preventDefault(), { signal });
  addEventListener(
    "drop",
    (event) => {
      event.preventDefault();
      const files = [...(event.dataTransfer?.files ?? [])];
      readDropped(files, player.channels)
        .then(({ take, media }) => player.take(take, media))
        .catch((error: unknown) => tell(error instanceof Error ? error.message : String(error)));
    },
    { signal },
  );
}

/** A line that goes by itself. */
function tell(message: string): void {
  const line = el("p", { class: "notice", role: "alert" }, message);
  document.body.append(line);
  setTimeout(() => line.remove(), 5000);
}

/** `#t=2.2` in the address is a moment, seconds. */
function followAddress(player: Player, signal: AbortSignal): void {
  const go = () => {
    const time = /^#t=(\d+(\.\d+)?)$/.exec(location.hash)?.[1];
    if (time) player.seek(Number(time));
  };
  addEventListener("hashchange", go, { signal });
  go();
}

function keyHelp(): HTMLDialogElement {
  const rows = KEY_HELP.flatMap(([keys, what]) => [el("dt", {}, keys), el("dd", {}, what)]);
  const hint = "Click the face to play, drag it to turn it. Double click a word to repeat it. Drop a .csv of Live Link or a .npz, with its sound, to play it.";
  const dialog = el("dialog", { class: "help", "aria-label": "Keys" }, el("dl", {}, ...rows), el("p", {}, hint));
  dialog.addEventListener("click", () => dialog.close());
  return dialog;
}

/** The curves that move most, one to a lane. */
function strongestLanes({ clip: { motion } }: Player, narrow: boolean): Lane[] {
  const { frameRate, start } = motion;
  const count = innerHeight < 720 ? 2 : narrow ? 3 : 5; // none that is cut off
  return strongest(motion, count).map((curve, i) => ({
    name: curve.name,
    height: narrow ? 20 : 24,
    lines: [{ ...curve, frameRate, start, ink: `curve-${i}` }],
  }));
}
