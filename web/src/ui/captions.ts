import type { Playback } from "../playback";
import { el } from "./dom";
import { lines, spanAt } from "./timescale";

/** The spoken line, its current word marked. */
export class Captions {
  readonly element = el("p", { class: "captions" });
  private readonly lines: [number, number][];
  private line = -1;
  private word = -1;

  /** `text` stands there where the words are not timed. */
  constructor(
    private readonly playback: Playback,
    text = "",
    private readonly written: string[] = [],
  ) {
    this.lines = lines(playback.recording.words);
    if (!this.lines.length) this.element.textContent = text;
  }

  update(): void {
    const { words } = this.playback.recording;
    const time = this.playback.time;
    const line = this.lines.findIndex(([, to]) => time < words[to - 1].end + 0.4);
    if (line !== this.line) {
      this.line = line;
      this.word = -1;
      const [from, to] = this.lines[line] ?? [0, 0];
      this.element.replaceChildren(...words.slice(from, to).flatMap((word, i) => [el("span", {}, this.written[from + i] ?? word.label), " "]));
    }
    const word = spanAt(words, time);
    if (word === this.word) return;
    this.word = word;
    const from = this.lines[line]?.[0] ?? 0;
    [...this.element.children].forEach((child, i) => child.classList.toggle("now", from + i === word));
  }
}
