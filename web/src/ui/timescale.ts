import type { Span } from "../payload";

/** Which stretch of the clip the timeline shows, and where moments lie on it. Pure arithmetic, seconds and pixels. */
export class Timescale {
  start = 0;
  end: number;

  constructor(
    readonly duration: number,
    public width = 1,
  ) {
    this.end = duration;
  }

  get span(): number {
    return this.end - this.start;
  }

  toX(time: number): number {
    return ((time - this.start) / this.span) * this.width;
  }

  toTime(x: number): number {
    return Math.min(Math.max(this.start + (x / this.width) * this.span, 0), this.duration);
  }

  /** Zoom in (factor > 1) or out around a moment, which keeps its place; never beyond the clip nor under 0.25 s. */
  zoom(factor: number, around: number): void {
    const span = Math.min(Math.max(this.span / factor, Math.min(0.25, this.duration)), this.duration);
    const place = (around - this.start) / this.span;
    this.show(around - place * span, span);
  }

  pan(seconds: number): void {
    this.show(this.start + seconds, this.span);
  }

  /** Turn the page when a moment has left it. Returns whether it turned. */
  follow(time: number): boolean {
    if (time >= this.start && time <= this.end) return false;
    this.show(time - 0.1 * this.span, this.span);
    return true;
  }

  private show(start: number, span: number): void {
    this.start = Math.min(Math.max(start, 0), this.duration - span);
    this.end = this.start + span;
  }

  /** Round moments for the ruler, at least `gap` pixels apart. */
  ticks(gap = 70): number[] {
    const least = (gap / this.width) * this.span;
    const step = STEPS.find((candidate) => candidate >= least) ?? STEPS[STEPS.length - 1];
    const ticks = [];
    for (let i = Math.ceil(this.start / step - 1e-6); i * step <= this.end + 1e-6; i++) ticks.push(i * step);
    return ticks;
  }
}

const STEPS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600]; // seconds

/** 83.456 → "1:23.46" with two decimals, "1:23" with none. */
export function clockText(time: number, decimals = 0): string {
  const scale = 10 ** decimals;
  const rounded = Math.floor(time * scale + 1e-6) / scale;
  const minutes = Math.floor(rounded / 60);
  return `${minutes}:${(rounded - 60 * minutes).toFixed(decimals).padStart(decimals ? decimals + 3 : 2, "0")}`;
}

/** Index of the span at a moment, or -1. Spans are in order and do not overlap. */
export function spanAt(spans: Span[], time: number): number {
  let [low, high] = [0, spans.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (time < spans[middle].start) high = middle - 1;
    else if (time >= spans[middle].end) low = middle + 1;
    else return middle;
  }
  return -1;
}

/** Words as lines to read along: broken at pauses and where a line gets long. Returns [from, to) of each line. */
export function lines(words: Span[], letters = 42, pause = 0.45): [number, number][] {
  const runs: [number, number][] = [];
  let [from, length] = [0, 0];
  words.forEach((word, i) => {
    const gap = i > 0 ? word.start - words[i - 1].end : 0;
    if (i > from && (gap > pause || length + word.label.length > letters)) {
      runs.push([from, i]);
      [from, length] = [i, 0];
    }
    length += word.label.length + 1;
  });
  if (words.length > from) runs.push([from, words.length]);
  return runs;
}
