import type { Span } from "../payload";
import type { Grid, Playback } from "../playback";
import { el, iconButton } from "./dom";
import type { Curve } from "./ranking";
import { colour } from "./theme";
import { clockText, spanAt, Timescale } from "./timescale";

interface Row {
  name: string;
  height: number;
  draw(context: CanvasRenderingContext2D, top: number, height: number): void;
}

/** A curve on the grid of its motion, in a colour of the style sheet. */
export type Line = Curve & Grid & { ink: string };

/** Curves that share a row of the timeline and its scale; one alone is filled. */
export interface Lane {
  name: string;
  height: number;
  lines: Line[];
}

const RULER = 20;
const LEGIBLE = 85; // pixels a second at first; words can be read
const FONT = '11px system-ui, -apple-system, "Segoe UI", sans-serif';

/**
 * Sound, words, phones and curves over time. Click or drag to seek, wheel to zoom, drag the ruler to pan.
 *
 * The canvas is drawn again only when what it shows changes; the playhead is an element that slides over it, so that
 * playing costs next to nothing.
 */
export class Timeline {
  readonly element: HTMLElement;
  private readonly canvas = el("canvas", { "aria-hidden": "true" });
  private readonly head = el("div", { class: "playhead" });
  private readonly area: HTMLElement;
  private readonly scale: Timescale;
  private readonly rows: Row[];
  private stale = true;
  private fitted = false;
  private shown = "";

  /** `narrow`: where room is scarce, rows are lower. */
  constructor(
    private readonly playback: Playback,
    lanes: Lane[],
    narrow: boolean,
  ) {
    const { duration, words, phones } = playback.recording;
    this.scale = new Timescale(duration);
    this.rows = [
      { name: "sound", height: narrow ? 30 : 42, draw: (...place) => this.drawSound(...place) },
      ...this.spanRow("words", words, 22),
      ...this.spanRow("phones", phones, 20),
      ...lanes.map((lane) => ({
        name: lane.name,
        height: lane.height,
        draw: (...place: Parameters<Row["draw"]>) => this.drawLane(lane, ...place),
      })),
    ];
    const height = RULER + this.rows.reduce((sum, row) => sum + row.height, 0) + 4;
    this.area = el(
      "div",
      {
        class: "track",
        role: "slider",
        tabindex: 0,
        "aria-label": "Position",
        "aria-valuemin": 0,
        "aria-valuemax": duration.toFixed(2),
        style: `height: ${height}px`,
      },
      this.canvas,
      this.head,
    );
    this.element = el("section", { class: "timeline", "aria-label": "Timeline" }, this.gutter(), this.area);
    this.listen();
    new ResizeObserver(() => this.fit()).observe(this.area);
  }

  /** Draw again with the next update, for instance in other colours. */
  invalidate(): void {
    this.stale = true;
  }

  update(): void {
    const { time, playing } = this.playback;
    if (playing && this.scale.follow(time)) this.stale = true;
    if (this.stale) this.draw();
    const x = this.scale.toX(time);
    const place = x < -1 || x > this.scale.width + 1 ? "translateX(-9999px)" : `translateX(${x.toFixed(2)}px)`;
    if (place === this.shown) return;
    this.shown = place;
    this.head.style.transform = place;
    if (!playing) this.describe();
  }

  /** What a screen reader says about the position. */
  private describe(): void {
    const { time, recording } = this.playback;
    const word = recording.words[spanAt(recording.words, time)]?.label;
    this.area.setAttribute("aria-valuenow", time.toFixed(2));
    this.area.setAttribute("aria-valuetext", clockText(time, 2) + (word ? `, ${word}` : ""));
  }

  private gutter(): HTMLElement {
    const labels = this.rows.map(({ name, height }) => {
      const obvious = ["sound", "words", "phones"].includes(name); // needs no label where room is scarce
      return el("div", { class: obvious ? "named" : "", style: `height: ${height}px` }, spaced(name));
    });
    return el("div", { class: "gutter", "aria-hidden": "true", style: `padding-top: ${RULER}px` }, ...labels);
  }

  private listen(): void {
    let dragging: "seek" | "pan" | null = null;
    let [lastX, resume] = [0, false];
    this.area.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.area.setPointerCapture(event.pointerId);
      dragging = event.offsetY < RULER && this.scale.span < this.scale.duration ? "pan" : "seek";
      lastX = event.clientX;
      if (dragging === "seek") {
        resume = this.playback.playing;
        this.playback.pause();
        this.playback.seek(this.scale.toTime(this.x(event)));
      }
    });
    this.area.addEventListener("pointermove", (event) => {
      if (dragging === "seek") this.playback.seek(this.scale.toTime(this.x(event)));
      if (dragging === "pan") {
        this.scale.pan(((lastX - event.clientX) / this.scale.width) * this.scale.span);
        lastX = event.clientX;
        this.stale = true;
      }
    });
    for (const end of ["pointerup", "pointercancel"]) {
      this.area.addEventListener(end, () => {
        if (dragging === "seek" && resume) void this.playback.play();
        dragging = null;
      });
    }
    this.area.addEventListener("dblclick", (event) => this.repeatAt(event));
    this.playback.addEventListener("loop", () => this.invalidate());
    this.area.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
        if (sideways) this.scale.pan((((event.deltaX || event.deltaY) * 1) / this.scale.width) * this.scale.span);
        else this.scale.zoom(Math.exp(-event.deltaY / 300), this.scale.toTime(this.x(event)));
        this.stale = true;
      },
      { passive: false },
    );
  }

  /** Zoom from the keyboard, around the playhead. */
  zoom(factor: number): void {
    this.scale.zoom(factor, this.playback.time);
    this.stale = true;
  }

  /** A double click on a word or phone plays it again and again; elsewhere, or once more, it ends that. */
  private repeatAt(event: MouseEvent): void {
    const { words, phones } = this.playback.recording;
    let top = RULER;
    const row = this.rows.find(({ height }) => event.offsetY < (top += height));
    const spans = row?.name === "words" ? words : row?.name === "phones" ? phones : [];
    this.playback.repeat(spans[spanAt(spans, this.scale.toTime(this.x(event)))] ?? null);
  }

  private x(event: MouseEvent): number {
    return event.clientX - this.area.getBoundingClientRect().left;
  }

  private fit(): void {
    const { clientWidth, clientHeight } = this.area;
    const ratio = Math.min(devicePixelRatio, 2);
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    this.scale.width = clientWidth;
    const legible = clientWidth < 480 ? 1.7 * LEGIBLE : LEGIBLE; // a phone shows fewer seconds, with their words
    if (!this.fitted && clientWidth) this.scale.zoom((this.scale.duration * legible) / clientWidth, 0);
    this.fitted ||= clientWidth > 0;
    this.stale = true;
  }

  private draw(): void {
    this.stale = false;
    this.shown = "";
    const context = this.canvas.getContext("2d")!;
    const ratio = this.canvas.width / Math.max(this.scale.width, 1);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.scale.width, this.canvas.height);
    context.font = FONT;
    context.textBaseline = "middle";
    this.drawRuler(context);
    let top = RULER;
    for (const row of this.rows) {
      row.draw(context, top, row.height);
      top += row.height;
    }
  }

  private drawRuler(context: CanvasRenderingContext2D): void {
    const ticks = this.scale.ticks();
    const decimals = ticks.length > 1 && ticks[1] - ticks[0] < 0.99 ? (ticks[1] - ticks[0] < 0.09 ? 2 : 1) : 0;
    context.textAlign = "left";
    for (const tick of ticks) {
      const x = Math.round(this.scale.toX(tick)) + 0.5;
      context.fillStyle = colour("line");
      context.fillRect(x - 0.5, 4, 1, this.area.clientHeight);
      context.fillStyle = colour("ink-2");
      context.fillText(clockText(tick, decimals), x + 4, RULER / 2);
    }
  }

  private drawSound(context: CanvasRenderingContext2D, top: number, height: number): void {
    const { rate, peaks } = this.playback.recording.waveform;
    const [middle, half] = [top + height / 2, height / 2 - 3];
    context.fillStyle = colour("wave");
    for (let x = 0; x < this.scale.width; x++) {
      const from = Math.floor(this.scale.toTime(x) * rate);
      const to = Math.max(Math.ceil(this.scale.toTime(x + 1) * rate), from + 1);
      let [low, high] = [0, 0];
      for (let i = from; i < to && 2 * i < peaks.length; i++) {
        low = Math.min(low, peaks[2 * i]);
        high = Math.max(high, peaks[2 * i + 1]);
      }
      const y = middle - (high / 127) * half;
      context.fillRect(x, y, 1, Math.max(((high - low) / 127) * half, 1));
    }
  }

  private spanRow(name: string, spans: Span[], height: number): Row[] {
    if (!spans.length) return [];
    return [{ name, height, draw: (context, top, tall) => this.drawSpans(context, spans, top, tall) }];
  }

  private drawSpans(context: CanvasRenderingContext2D, spans: Span[], top: number, height: number): void {
    context.textAlign = "center";
    const ink = colour("ink");
    const fill = colour("chip");
    const { looped } = this.playback;
    for (const span of spans) {
      if (span.end < this.scale.start || span.start > this.scale.end || !span.label || span.label === "sil") continue;
      const left = this.scale.toX(span.start);
      const width = this.scale.toX(span.end) - left;
      context.fillStyle = looped?.start === span.start && looped.end === span.end ? colour("loop") : fill;
      context.beginPath();
      context.roundRect(left + 0.5, top + 2, Math.max(width - 1, 0.5), height - 4, Math.min(4, width / 2));
      context.fill();
      if (context.measureText(span.label).width > width - 3) continue;
      context.fillStyle = ink;
      context.fillText(span.label, left + width / 2, top + height / 2 + 0.5);
    }
  }

  private drawLane({ lines }: Lane, context: CanvasRenderingContext2D, top: number, height: number): void {
    const peak = Math.max(0.1, ...lines.map((line) => line.peak));
    const signed = lines.some(({ values }) => values.some((value) => value < -0.001));
    const zero = signed ? top + height / 2 : top + height - 3;
    const reach = (signed ? height / 2 - 3 : height - 6) / peak;
    for (const line of lines) {
      const path = this.pathOf(line, zero, reach);
      const stroke = colour(line.ink);
      if (lines.length === 1) {
        context.fillStyle = stroke;
        context.globalAlpha = 0.16;
        context.fill(path);
        context.globalAlpha = 1;
      }
      context.strokeStyle = stroke;
      context.lineWidth = 1.25;
      context.stroke(path);
    }
  }

  /** What of a curve is in view, from the zero line and back to it. */
  private pathOf({ values, frameRate, start }: Line, zero: number, reach: number): Path2D {
    const from = Math.max(Math.floor((this.scale.start - start) * frameRate), 0);
    const to = Math.min(Math.ceil((this.scale.end - start) * frameRate), values.length - 1);
    const stride = Math.max(Math.floor((to - from) / (2 * this.scale.width)), 1);
    const path = new Path2D();
    const x = (frame: number) => this.scale.toX(start + frame / frameRate);
    path.moveTo(x(from), zero);
    for (let frame = from; frame <= to; frame += stride) path.lineTo(x(frame), zero - values[frame] * reach);
    path.lineTo(x(to), zero);
    return path;
  }
}

export function zoomButtons(zoom: (factor: number) => void): HTMLElement {
  return el(
    "div",
    { class: "zoom" },
    iconButton("minus", "Zoom the timeline out (−)", () => zoom(0.5)),
    iconButton("plus", "Zoom the timeline in (+)", () => zoom(2)),
  );
}

/** "mouthSmileLeft" → "mouth smile left". */
export function spaced(channel: string): string {
  return channel.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}
