import type { Playback } from "../playback";
import { el, iconButton, setIcon } from "./dom";
import { clockText } from "./timescale";

const SPEEDS = [0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5];

/** Play button, time, what the page puts there, and speed. */
export class Transport {
  readonly element: HTMLElement;
  private readonly play: HTMLButtonElement;
  private readonly time = el("time", { class: "time" }, "0:00.00");
  private shownTime = "";
  private shownState = "";

  constructor(
    private readonly playback: Playback,
    ...between: HTMLElement[]
  ) {
    this.play = iconButton("play", "Play (space)", () => playback.toggle());
    this.play.classList.add("play");
    let byPointer = false; // then the space bar plays again; keyboard focus stays
    const speed = el(
      "select",
      {
        "aria-label": "Speed",
        title: "Speed",
        onpointerdown: () => (byPointer = true),
        onkeydown: () => (byPointer = false),
        onchange: () => {
          playback.media.playbackRate = Number(speed.value);
          if (byPointer) speed.blur();
        },
      },
      ...SPEEDS.map((rate) => el("option", { value: rate, selected: rate === playback.media.playbackRate }, `${rate}×`)),
    );
    const total = el("span", { class: "total" }, ` / ${clockText(playback.recording.duration, 2)}`);
    this.element = el("div", { class: "transport" }, this.play, el("div", { class: "clock" }, this.time, total), ...between, speed);
  }

  update(): void {
    const text = clockText(this.playback.time, 2);
    if (text !== this.shownTime) this.time.textContent = this.shownTime = text;
    const state = this.playback.playing ? "pause" : "play";
    if (state === this.shownState) return;
    this.shownState = state;
    setIcon(this.play, state, state === "play" ? "Play (space)" : "Pause (space)");
  }
}
