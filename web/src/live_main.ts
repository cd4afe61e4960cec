import "./style.css";
import "./live.css";

import { Avatar, FRAME } from "./avatar";
import { readEmbedded } from "./embedded";
import { Face } from "./face";
import type { Poseable } from "./follower";
import { HeadMaker } from "./heads";
import type { EngineConfig } from "./live/engine";
import { contentOf, describe, VOWELS } from "./live/file_avatar";
import { Life } from "./live/life";
import { listen, type Listening } from "./live/microphone";
import { LiveVoice } from "./live/voice";
import { failWith } from "./loop";
import { Mood } from "./mood";
import { parse } from "./payload";
import { Stage } from "./stage";
import { el } from "./ui/dom";

const SAMPLE_RATE = 16_000;
const LATE = 0.05; // seconds for the passes of the network, shown behind a microphone
const CLOSED_MM = 1.2;
const STILL = matchMedia("(prefers-reduced-motion: reduce)"); // then the mouth alone moves

interface PageConfig extends EngineConfig {
  /** ARKit's channels → the vowels of VRM. */
  vowels: { channels: string[]; gains: number[][] };
}

/** What moves a face: one weight for each of the motion's channels and for the vowels of VRM. */
class Shown {
  readonly stage: Stage;
  private readonly from: number[];
  private readonly weights: Float32Array;

  constructor(
    private readonly face: Poseable,
    object: ConstructorParameters<typeof Stage>[1],
    template: Float32Array,
    channels: string[],
    readonly canvas = el("canvas", { class: "stage", role: "img", "aria-label": "A face that talks as you do" }),
  ) {
    document.querySelector("canvas.stage")?.remove();
    document.body.prepend(canvas);
    this.stage = new Stage(canvas, object, template);
    this.from = face.channels.map((channel) => channels.indexOf(channel));
    this.weights = new Float32Array(face.channels.length);
  }

  show(values: Float32Array): void {
    this.from.forEach((c, f) => (this.weights[f] = c < 0 ? 0 : values[c]));
    if (this.face.pose(this.weights)) this.stage.invalidate();
    this.stage.draw();
  }
}

class LivePage {
  private listening: Listening | null = null;
  private clock: () => number = () => 0;
  private level = 0;
  private shown: Shown;
  private readonly mood: Mood;
  private readonly life: Life;
  private readonly values: Float32Array<ArrayBuffer>;
  private readonly all: string[];
  private readonly gap: Float32Array;
  private readonly button = el("button", { class: "talk", type: "button", onclick: () => void this.talk() }, "Talk");
  private readonly status = el("p", { role: "status" }, "Talk, or drop a recording or a face (.glb, .vrm) here.");

  constructor(
    clip: ReturnType<typeof parse>,
    readonly voice: LiveVoice,
    private readonly config: PageConfig,
  ) {
    const channels = voice.channels;
    this.all = [...channels, ...VOWELS];
    this.values = new Float32Array(channels.length);
    this.gap = Float32Array.from(channels, (channel) => clip.lipGap[channel] ?? 0);
    this.mood = new Mood(channels, clip.poses["Emotions"] ?? {}, clip.lipGap);
    this.life = new Life(channels);
    const face = new Face(clip.rig);
    this.shown = new Shown(face, new HeadMaker(clip.rig).make(face), clip.rig.template, this.all);
    const moods = el("select", { "aria-label": "Emotion", onchange: () => (this.mood.emotion = moods.value) });
    moods.append(el("option", { value: "" }, "no emotion"), ...this.mood.emotions.map((name) => el("option", { value: name }, name)));
    document.body.append(el("div", { class: "live" }, this.button, moods, this.status));
    addEventListener("dragover", (event) => event.preventDefault());
    addEventListener("drop", (event) => {
      event.preventDefault();
      this.drop([...(event.dataTransfer?.files ?? [])]).catch((error) => this.say(String(error)));
    });
    this.draw();
  }

  /** The microphone on, or off. */
  async talk(): Promise<void> {
    if (this.listening) {
      this.listening.stop();
      this.listening = null;
      this.button.textContent = "Talk";
      await this.voice.flush();
      this.clock = () => this.voice.newest;
      return;
    }
    try {
      await this.voice.reset();
      let [heard, last, rate] = [0, performance.now(), SAMPLE_RATE];
      this.listening = await listen((samples) => {
        heard += samples.length;
        last = performance.now();
        this.level = levelOf(samples);
        void this.voice.push(samples, rate);
      });
      rate = this.listening.sampleRate;
      this.clock = () => heard / rate + (performance.now() - last) / 1000 - this.voice.lookAhead - LATE;
      this.button.textContent = "Stop";
      this.say("");
    } catch (error) {
      this.say(`no microphone: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** A recording to be spoken, or another face. */
  async drop(files: File[]): Promise<void> {
    for (const file of files) {
      const data = await file.arrayBuffer();
      if (/\.(glb|vrm)$/i.test(file.name)) await this.wear(data);
      else await this.speak(data);
    }
  }

  /** Another face. */
  async wear(data: ArrayBuffer): Promise<void> {
    const description = describe(contentOf(data), this.all);
    const avatar = await Avatar.load(data, description);
    this.shown.stage.renderer.dispose();
    this.shown = new Shown(avatar, avatar.object, FRAME, this.all);
  }

  /** Play a recording as the face speaks it. */
  async speak(data: ArrayBuffer): Promise<void> {
    if (this.listening) await this.talk();
    const context = new AudioContext();
    const sound = await new OfflineAudioContext(1, 1, SAMPLE_RATE).decodeAudioData(data);
    const samples = Float32Array.from(sound.getChannelData(0));
    await this.voice.reset();
    for (let at = 0; at < samples.length; at += SAMPLE_RATE) {
      const pushed = this.voice.push(samples.slice(at, at + SAMPLE_RATE));
      if (at === 0) await pushed;
    }
    void this.voice.flush();
    const player = new AudioBufferSourceNode(context, { buffer: sound });
    player.connect(context.destination);
    const begun = context.currentTime + 0.1;
    player.start(begun);
    this.clock = () => context.currentTime - begun - (context.outputLatency || 0);
    player.onended = () => void context.close();
  }

  /** The face that is shown now, by channel. */
  weights(): Record<string, number> {
    return Object.fromEntries(this.voice.channels.map((channel, c) => [channel, this.values[c]]));
  }

  private say(text: string): void {
    this.status.textContent = text;
  }

  private draw(): void {
    requestAnimationFrame(() => this.draw());
    this.voice.at(this.clock(), this.values);
    this.mood.over(this.values);
    if (!STILL.matches) this.life.over(this.values, performance.now() / 1000, this.level);
    this.shown.show(Float32Array.from([...this.values, ...this.vowels()]));
    document.documentElement.dataset.ready = "";
  }

  /** The vowels of VRM; none while the lips are closed. */
  private vowels(): number[] {
    const gap = this.gap.reduce((sum, gain, c) => sum + gain * this.values[c], 0);
    const { channels, gains } = this.config.vowels;
    return VOWELS.map((_, v) => {
      if (gap < CLOSED_MM) return 0;
      const sum = channels.reduce((all, name, row) => all + gains[row][v] * this.values[this.all.indexOf(name)], 0);
      return Math.min(Math.max(sum, 0), 1);
    });
  }
}

/** 0 quiet … 1 loud. */
function levelOf(samples: Float32Array): number {
  const power = samples.reduce((sum, x) => sum + x * x, 0) / Math.max(samples.length, 1);
  return Math.min(Math.max((10 * Math.log10(power + 1e-9) + 50) / 30, 0), 1);
}

async function start(): Promise<void> {
  const clip = parse(await readEmbedded("utterface-clip"));
  const [model, wasm, text] = await Promise.all(["model", "wasm", "config"].map((name) => readEmbedded(`utterface-${name}`)));
  const config = JSON.parse(new TextDecoder().decode(text)) as PageConfig;
  const voice = await LiveVoice.open({ model, config, wasm });
  document.querySelector(".waiting")?.remove();
  window.live = new LivePage(clip, voice, config);
}

declare global {
  interface Window {
    live: LivePage;
  }
}

start().catch(failWith);
