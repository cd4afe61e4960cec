import type { Ensemble } from "../ensemble";
import type { Gallery } from "../gallery";
import { Captions } from "./captions";
import { Cells } from "./cells";
import { el, iconButton } from "./dom";
import { listenForKeys, playbackKeys, type Keys } from "./keys";
import { curveOf } from "./ranking";
import { currentTheme, themeButton } from "./theme";
import { spaced, Timeline, zoomButtons, type Lane } from "./timeline";
import { Transport } from "./transport";

/** Everything around the faces. */
export interface ComparisonPage {
  /** What lies over the canvas and is dragged to turn the heads. */
  surface: HTMLElement;
  connect(gallery: Gallery): void;
  /** Follow the ensemble, once a frame. */
  update(): void;
}

export function buildComparisonPage(ensemble: Ensemble, canvas: HTMLCanvasElement): ComparisonPage {
  const { title } = ensemble.comparison;
  let gallery: Gallery | undefined;
  const cells = new Cells(ensemble);
  const dock = new Dock(ensemble);
  const theme = themeButton(() => {
    dock.timeline.invalidate();
    gallery?.setDark(currentTheme() === "dark");
  });
  const picker = sentencePicker(ensemble);

  document.title = title;
  document.body.classList.add("comparison");
  document.body.replaceChildren(
    el("header", { class: "top" }, el("h1", {}, title), picker.element, el("div", { class: "tools" }, theme)),
    rowChips(ensemble),
    el("main", {}, canvas, cells.element),
    dock.element,
    ...document.querySelectorAll("body > script"),
  );
  cells.element.addEventListener("dblclick", () => gallery?.resetView());

  listenForKeys({
    ...playbackKeys(ensemble),
    ...rowKeys(ensemble),
    PageUp: () => picker.go(-1),
    PageDown: () => picker.go(1),
    "0": () => gallery?.resetView(),
    "+": () => dock.timeline.zoom(2),
    "=": () => dock.timeline.zoom(2),
    "-": () => dock.timeline.zoom(0.5),
    t: () => theme.click(),
  });

  return {
    surface: cells.element,
    connect(connected) {
      gallery = connected;
      gallery.setDark(currentTheme() === "dark");
      cells.connect(gallery);
    },
    update: () => dock.update(),
  };
}

/** Which sentence: a list, and a step to either side. */
function sentencePicker(ensemble: Ensemble): { element: HTMLElement; go(step: number): void } {
  const { sentences } = ensemble.comparison;
  const select = el(
    "select",
    { "aria-label": "Sentence", onchange: () => void ensemble.choose(Number(select.value)) },
    ...sentences.map((sentence, i) => el("option", { value: i }, `${i + 1}. ${sentence}`)),
  );
  const go = (step: number) => {
    const next = Number(select.value) + step;
    if (next < 0 || next >= sentences.length) return;
    select.value = String(next);
    void ensemble.choose(next);
  };
  const back = iconButton("back", "Previous sentence (page up)", () => go(-1));
  const forth = iconButton("forth", "Next sentence (page down)", () => go(1));
  const follow = () => {
    select.value = String(ensemble.sentence);
    back.disabled = ensemble.sentence === 0;
    forth.disabled = ensemble.sentence === sentences.length - 1;
  };
  ensemble.addEventListener("sentence", follow);
  follow();
  return { element: el("div", { class: "picker", hidden: sentences.length < 2 }, back, select, forth), go };
}

/** A chip a row: a click shows or hides its face. */
function rowChips(ensemble: Ensemble): HTMLElement {
  const chips = ensemble.rows.map((row) => {
    const key = row.number < 9 ? ` (${row.number + 1})` : "";
    const onclick = () => ensemble.show(row.number, !row.shown);
    return el("button", { type: "button", class: "chip", title: `Show or hide${key}`, onclick }, el("i", { class: "dot" }), row.name);
  });
  const follow = () => {
    ensemble.rows.forEach((row, i) => {
      chips[i].setAttribute("aria-pressed", String(row.shown));
      chips[i].disabled = row.follower === null;
      chips[i].style.setProperty("--dot", `var(--curve-${row.ink})`);
    });
  };
  for (const event of ["rows", "sentence"]) ensemble.addEventListener(event, follow);
  follow();
  return el("nav", { class: "rows", "aria-label": "Faces" }, ...chips);
}

/** 1 to 9 show or hide the first nine rows. */
function rowKeys(ensemble: Ensemble): Keys {
  const keys = ensemble.rows.slice(0, 9).map((row) => [
    String(row.number + 1),
    () => {
      if (row.follower) ensemble.show(row.number, !row.shown);
    },
  ]);
  return Object.fromEntries(keys) as Keys;
}

/** Transport, captions and timeline; built anew for every sentence and every choice of faces. */
class Dock {
  readonly element = el("footer", { class: "dock" });
  timeline!: Timeline;
  private transport!: Transport;
  private captions!: Captions;
  private readonly heard = el("button", { type: "button", class: "chip", title: "Hear the recording again", hidden: true });

  constructor(private readonly ensemble: Ensemble) {
    this.heard.addEventListener("click", () => void ensemble.hear(null));
    ensemble.addEventListener("sentence", () => this.build());
    ensemble.addEventListener("rows", () => this.buildTimeline());
    ensemble.addEventListener("hearing", () => this.mark());
    this.build();
  }

  update(): void {
    this.transport.update();
    this.timeline.update();
    this.captions.update();
  }

  private build(): void {
    const { words, text } = this.ensemble.data;
    this.captions = new Captions(this.ensemble, text);
    this.captions.element.classList.toggle("nothing", !words.length && !text);
    this.transport = new Transport(
      this.ensemble,
      this.captions.element,
      this.heard,
      zoomButtons((factor) => this.timeline.zoom(factor)),
    );
    this.element.replaceChildren(this.transport.element);
    this.buildTimeline();
    this.mark();
  }

  private buildTimeline(): void {
    const narrow = innerWidth < 640;
    const last = this.timeline?.element;
    this.timeline = new Timeline(this.ensemble, jawLanes(this.ensemble, narrow), narrow);
    if (last?.parentElement === this.element) last.replaceWith(this.timeline.element);
    else this.element.append(this.timeline.element);
  }

  private mark(): void {
    const { hearing, rows } = this.ensemble;
    this.heard.hidden = hearing === null;
    if (hearing !== null) this.heard.textContent = `heard: ${rows[hearing].name}`;
    this.timeline.invalidate();
  }
}

/** How far each face that is shown opens its jaw, all on one scale: who follows whom is seen at a glance. */
function jawLanes(ensemble: Ensemble, narrow: boolean): Lane[] {
  const lines = ensemble.visible.flatMap(({ follower, ink }) => {
    const { motion } = follower!;
    const jaw = motion.channels.indexOf("jawOpen");
    const { frameRate, start } = motion;
    return jaw < 0 ? [] : [{ ...curveOf(motion, jaw), frameRate, start, ink: `curve-${ink}` }];
  });
  return lines.length ? [{ name: spaced("jawOpen"), height: narrow ? 30 : 44, lines }] : [];
}
