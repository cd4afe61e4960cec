// The network's frames as a face, frame by frame, as src/utterface/engines/neural.py and articulation/rendering.py do it.

/** What a bundle says of its network, and the names that go with it. */
export interface MouthConfig {
  articulators: string[];
  channels: string[];
  /** Network frames a second. */
  frame_rate: number;
  /** Network frames by which the outputs lag. */
  delay_frames: number;
  closing: number;
  resting: number;
}

/** One frame on the clock of the sound. */
export interface LiveFrame {
  /** Seconds from the first sample. */
  time: number;
  /** One value a channel. */
  weights: Float32Array;
}

const GESTURES = ["labiodental", "sibilant"];
const APART = 0.12; // the greatest seal of lips that are not closed
const STRAY = 0.3; // a seal below this is doubt
const SEALED = 0.8; // the least seal of lips that are closed
const NEARING = 0.18; // the seal a frame before and after
const [DOUBT, SURE] = [0.25, 0.85];
const TURN = 0.5;
const SILENT = 3;
const FASTEST = 7.2; // of jawOpen, a second

const clip = (x: number, low = 0, high = 1): number => (x < low ? low : x > high ? high : x);
const ease = (x: number): number => x * x * (3 - 2 * x);

/** Decisions of closures, 20 ms each, as closures that people could make. */
export class Closures {
  closed = false;
  private held = 1000;
  private late = false;

  /** A logit above the threshold → whether the lips are closed. */
  push(surer: number): boolean {
    const wanted = surer >= 0;
    const opens = this.closed && this.held >= 2 && surer < -1;
    const closes = !this.closed && this.held >= 5 && (wanted || this.late);
    this.late = !this.closed && !closes && (wanted || this.late);
    this.held = opens || closes ? 1 : this.held + 1;
    this.closed = (this.closed && !opens) || closes;
    return this.closed;
  }
}

/** Network frames in, frames of the face out, at any frame rate. */
export class Mouth {
  private readonly closures = new Closures();
  private readonly raw: Float32Array[] = [];
  private readonly column: Record<string, number>;
  private before: Float64Array | null = null;
  private predicted: number;
  private settled = -1;
  private emitted = 0;
  private jaw = Number.NaN;

  constructor(
    private readonly config: MouthConfig,
    readonly frameRate = 60,
    private readonly strength = 1,
  ) {
    this.predicted = -config.delay_frames;
    this.column = Object.fromEntries(config.articulators.map((name, i) => [name, i]));
  }

  /** The network's next frame → the frames that it settles. */
  push(frame: Float32Array): LiveFrame[] {
    if (this.predicted++ < 0) return [];
    this.raw.push(frame);
    if (this.raw.length === 1) this.raw.push(frame); // the first has no neighbour before it
    if (this.raw.length < 3) return [];
    const here = this.settle(this.raw[0], this.raw[1], this.raw[2]);
    this.raw.shift();
    const before = this.before ?? here;
    this.before = here;
    this.settled++;
    const frames: LiveFrame[] = [];
    const { frame_rate: rate } = this.config;
    const known = Math.floor((this.settled * this.frameRate) / rate + 1e-6) + 1;
    for (; this.emitted < known; this.emitted++) {
      const time = this.emitted / this.frameRate;
      const share = clip(time * rate - (this.settled - 1));
      frames.push({ time, weights: this.render(before.map((value, i) => value * (1 - share) + here[i] * share)) });
    }
    return frames;
  }

  private settle(before: Float32Array, here: Float32Array, after: Float32Array): Float64Array {
    const { articulators, closing, resting } = this.config;
    const count = articulators.length;
    const mouth = new Float64Array(count);
    for (let i = 0; i < count; i++) mouth[i] = clip(0.25 * (before[i] + after[i]) + 0.5 * here[i]);
    const threshold = Math.log(closing / (1 - closing));
    const surer = Math.min(here[count], Math.max(before[count], after[count])) - threshold;
    const was = this.closures.closed;
    const closed = this.closures.push(surer);
    const near = after[count] >= threshold || was ? NEARING : 0;
    const { seal, rest } = this.column;
    mouth[seal] = closed ? SEALED + (1 - SEALED) * clip(surer / 8) : Math.max(clip(mouth[seal] - STRAY, 0, APART), near);
    for (const name of GESTURES) mouth[this.column[name]] = clip((mouth[this.column[name]] - DOUBT) / (SURE - DOUBT));
    const rested = Math.max(clip(0.5 + (mouth[rest] - resting) / TURN), clip(here[count + 1] / SILENT));
    mouth[rest] = ease(rested);
    return mouth;
  }

  private render(mouth: Float64Array): Float32Array {
    const weights = new Float32Array(this.config.channels.length);
    const named = posture(Object.fromEntries(this.config.articulators.map((name, i) => [name, clip(mouth[i])])), this.strength);
    this.pace(named);
    this.config.channels.forEach((channel, c) => (weights[c] = clip(named[channel] ?? 0)));
    return weights;
  }

  /** Hold the jaw to a person's pace; mouthClose keeps its share of it. */
  private pace(named: Record<string, number>): void {
    const most = FASTEST / this.frameRate;
    const wanted = clip(named.jawOpen);
    const last = Number.isNaN(this.jaw) ? wanted : this.jaw;
    this.jaw = Math.abs(wanted - last) > most + 1e-6 ? clip(wanted, last - most, last + most) : wanted;
    if (Math.abs(this.jaw - wanted) > 1e-6) named.mouthClose = clip(clip(named.mouthClose) / Math.max(wanted, 1e-3)) * this.jaw;
    named.jawOpen = this.jaw;
  }
}

/** Articulators 0…1 by name → weights by channel; they may lie beyond 0…1 yet. */
export function posture(x: Record<string, number>, strength = 1): Record<string, number> {
  const { jaw, aperture, rounding, spread, labiodental, sibilant, seal, rest, tongue_out: tongue } = x;
  const approach = (full: number) => clip(seal / full) * (2 - clip(seal / full));
  const awake = 1 - rest;
  const nearing = approach(0.6);
  const touching = approach(0.8);
  const pressing = ease(clip((seal - 0.6) / 0.4)) * awake;
  const apart = (1 - touching) * awake;
  let drop = 0.42 * strength * jaw;
  drop += (drop / (1 + drop / 0.03) - drop) * (1 - (1 - sibilant) * (1 - labiodental));
  const jawOpen = awake * (0.055 + drop * (1 - nearing) - 0.005 * nearing);
  const effort = strength * (1 - touching) + 0.4 * touching;
  const rounded = Math.min(effort * rounding, 1.2) * awake;
  const drawn = strength * aperture * (1 - 0.5 * rounding);
  const teeth = 1 - labiodental;
  const relaxed = 1 - 0.5 * rounding * teeth;
  const wide = effort * spread * awake;
  const narrowing = clip(0.9 * rounded * teeth + 0.3 * labiodental, 0, 0.9);
  const closing = touching * jawOpen + (1 - touching) * narrowing * Math.max(jawOpen - 0.025, 0);
  return {
    jawOpen,
    mouthClose: 0.82 * closing,
    mouthPucker: 0.55 * rounded,
    mouthFunnel: 0.15 * rounded * (1 - touching),
    ...both("mouthLowerDown", (0.06 * relaxed + 0.34 * drawn * teeth + 0.1 * sibilant * teeth) * apart),
    ...both("mouthUpperUp", (0.03 * relaxed + 0.4 * drawn * teeth) * apart),
    ...both("mouthStretch", 0.3 * wide),
    ...both("mouthSmile", 0.14 * wide),
    ...both("mouthPress", 0.3 * pressing),
    mouthRollLower: 0.28 * pressing + 0.5 * labiodental * apart,
    mouthRollUpper: 0.3 * pressing,
    mouthShrugLower: 0.06 * labiodental * apart,
    jawForward: 0.08 * sibilant * apart,
    tongueOut: 0.2 * tongue * apart,
  };
}

const both = (name: string, value: number): Record<string, number> => ({ [`${name}Left`]: value, [`${name}Right`]: value });
