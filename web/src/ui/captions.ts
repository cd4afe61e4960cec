import type { Player } from "../player";
import { el } from "./dom";
import { lines, spanAt } from "./timescale";

/** The line being said, the word of the moment marked. */
export class Captions {
  readonly element = el("p", { class: "captions", "aria-hidden": "true" });
  private readonly lines: [number, number][];
  private line = -1;
  private word = -1;

  constructor(private readonly player: Player) {
    this.lines = lines(player.clip.words);
  }

  update(): void {
    const { words } = this.player.clip;
    const time = this.player.time;
    const line = this.lines.findIndex(([, to]) => time < words[to - 1].end + 0.4);
    if (line !== this.line) {
      this.line = line;
      this.word = -1;
      const [from, to] = this.lines[line] ?? [0, 0];
      this.element.replaceChildren(...words.slice(from, to).flatMap((word) => [el("span", {}, word.label), " "]));
    }
    const word = spanAt(words, time);
    if (word === this.word) return;
    this.word = word;
    const from = this.lines[line]?.[0] ?? 0;
    [...this.element.children].forEach((child, i) => child.classList.toggle("now", from + i === word));
  }
}
