import type { People } from "../people";
import type { Player } from "../player";
import { el, iconButton } from "./dom";
import { mirrored } from "./ranking";
import { spaced } from "./timeline";

const GROUPS: [name: string, channels: RegExp][] = [
  ["Jaw and tongue", /^(jaw|tongue)/],
  ["Mouth", /^mouth/],
  ["Eyes", /^eye/],
  ["Brows", /^brow/],
  ["Cheeks and nose", /^(cheek|nose)/],
  ["Head", /^head/],
  ["Other", /./],
];
const TURN = 0.6; // radians; how far a slider turns the head

/** Which group a channel is listed in; eye angles are left out, gaze lives in the eyeLook weights. */
export function groupOf(channel: string): string | null {
  if (/^(left|right)Eye(Yaw|Pitch|Roll)$/.test(channel)) return null;
  return GROUPS.find(([, pattern]) => pattern.test(channel))![0];
}

/** A slider a channel, in groups, to pose the face by hand. Sliders follow the motion until one is moved. */
export class PosePanel {
  readonly element: HTMLElement;
  private readonly inputs = new Map<string, HTMLInputElement>();
  private readonly readings = new Map<string, HTMLElement>();
  private readonly both = el("input", { type: "checkbox", checked: true });
  private readonly face = el("select", { "aria-label": "Face" });
  private lastUpdate = 0;

  constructor(
    private readonly player: Player,
    onclose: () => void,
    private readonly people?: People,
    private readonly choose: (name: string) => Promise<void> = async () => undefined,
  ) {
    const groups = GROUPS.map(([name]) => this.group(name)).filter((group) => group !== null);
    this.element = el(
      "aside",
      { class: "pose", "aria-label": "Pose the face by hand", hidden: true },
      el(
        "header",
        {},
        el("h2", {}, "Pose"),
        el("label", { class: "both" }, this.both, "both sides"),
        el("button", { type: "button", class: "text", onclick: () => player.release() }, "Reset all"),
        iconButton("close", "Close", onclose),
      ),
      ...this.faces(),
      ...this.mood(),
      ...Object.entries(player.clip.poses).map(([name, poses]) => this.chips(name, poses)),
      ...groups,
    );
    player.addEventListener("hold", () => this.update(true));
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  set open(open: boolean) {
    this.element.hidden = !open;
    if (open) this.update(true);
  }

  /** Let the sliders follow, ten times a second. */
  update(now = false): void {
    if (!this.open) return;
    const time = performance.now();
    if (!now && time - this.lastUpdate < 100) return;
    this.lastUpdate = time;
    if (this.people) this.face.value = this.people.shown;
    this.player.channels.forEach((channel, c) => {
      const input = this.inputs.get(channel);
      if (!input) return;
      const weight = this.player.weights[c];
      if (document.activeElement !== input || this.player.playing) input.value = String(weight);
      this.readings.get(channel)!.textContent = reading(channel, weight);
    });
  }

  /** Show the next face of the list. */
  nextFace(): void {
    if (!this.people) return;
    const { names, shown } = this.people;
    if (names.length < 2) return;
    this.face.value = names[(names.indexOf(shown) + 1) % names.length];
    void this.choose(this.face.value);
  }

  private faces(): HTMLElement[] {
    if (!this.people) return [];
    const { names, shown } = this.people;
    if (names.length < 2) return [];
    this.face.append(...names.map((name) => el("option", { value: name, selected: name === shown }, name)));
    this.face.addEventListener("change", () => void this.choose(this.face.value));
    return [el("label", { class: "slider" }, el("span", {}, "face"), this.face)];
  }

  /** What is laid over the motion while it plays: an emotion, how much of it, and how much the lips articulate. */
  private mood(): HTMLElement[] {
    const { mood } = this.player;
    const changed = () => this.player.dispatchEvent(new Event("hold"));
    const range = (name: string, most: number, value: number, put: (value: number) => void) => {
      const output = el("output", {}, value.toFixed(2));
      const input = el("input", { type: "range", min: 0, max: most, step: 0.01, value, "aria-label": name, oninput: () => {
        put(Number(input.value));
        output.textContent = Number(input.value).toFixed(2);
        changed();
      } }); // prettier-ignore
      return el("label", { class: "slider" }, el("span", {}, name), input, output);
    };
    const strength = range("strength", 2, mood.strength, (value) => (mood.strength = value));
    if (!mood.emotions.length) return [strength];
    const choice = el(
      "select",
      { "aria-label": "Emotion", onchange: () => {
        mood.emotion = choice.value;
        changed();
      } }, // prettier-ignore
      el("option", { value: "" }, "as recorded"),
      ...mood.emotions.map((name) => el("option", { value: name }, name)),
    );
    return [
      el("label", { class: "slider" }, el("span", {}, "emotion"), choice),
      range("intensity", 1, mood.intensity, (value) => (mood.intensity = value)),
      strength,
    ];
  }

  /** Whole faces to try: one click shows exactly that. */
  private chips(name: string, poses: Record<string, Record<string, number>>): HTMLElement {
    const chips = Object.entries(poses).map(([pose, weights]) =>
      el("button", { type: "button", class: "chip", onclick: () => this.show(weights) }, pose),
    );
    return el("div", { class: "chips", role: "group", "aria-label": name }, ...chips);
  }

  private show(weights: Record<string, number>): void {
    const rest = [...this.inputs.keys()].filter((channel) => groupOf(channel) !== "Head");
    this.player.hold({ ...Object.fromEntries(rest.map((channel) => [channel, 0])), ...weights });
  }

  private group(name: string): HTMLElement | null {
    const channels = this.player.channels.filter((channel) => groupOf(channel) === name);
    if (!channels.length) return null;
    const reset = el(
      "button",
      {
        type: "button",
        class: "text",
        onclick: (event) => {
          event.preventDefault();
          this.player.release(channels);
        },
      },
      "Reset",
    );
    const rows = channels.map((channel) => this.slider(channel));
    return el("details", { open: name.startsWith("Jaw") }, el("summary", {}, el("span", {}, name), reset), ...rows);
  }

  private slider(channel: string): HTMLElement {
    const turns = channel.startsWith("head");
    const input = el("input", {
      type: "range",
      min: turns ? -TURN : 0,
      max: turns ? TURN : 1,
      step: 0.01,
      value: 0,
      "aria-label": spaced(channel),
      oninput: () => this.move(channel, Number(input.value)),
    });
    const value = el("output", {}, "0");
    this.inputs.set(channel, input);
    this.readings.set(channel, value);
    return el("label", { class: "slider" }, el("span", {}, spaced(channel)), input, value);
  }

  private move(channel: string, weight: number): void {
    const weights: Record<string, number> = { [channel]: weight };
    const other = mirrored(channel);
    // Left and right of these are directions, not sides.
    if (this.both.checked && this.inputs.has(other) && !/^(jaw|mouth)(Left|Right)$/.test(channel)) weights[other] = weight;
    this.player.hold(weights);
  }
}

function reading(channel: string, weight: number): string {
  return channel.startsWith("head") ? `${Math.round((weight * 180) / Math.PI)}°` : weight.toFixed(2);
}
