/** Lip gap in mm for a weight of 1, by channel. */
export type LipGap = Record<string, number>;

const CLOSED = 0.6; // mm
const OPEN = 3;
const DEEPEST = -0.7;
const STAYS = 0.5; // of a wrinkled nose, over closed lips
const CHIN = "mouthShrugLower"; // meets the lip that a wrinkled nose lifts
const MOUTH = /^(jaw|mouth|tongue)/;

/**
 * An emotion and the strength of articulation, laid over a motion frame by frame while it plays.
 *
 * The other side is `express` in src/utterface/articulation/expression.py: what would part closed lips gives way.
 */
export class Mood {
  strength = 1;
  emotion = "";
  intensity = 0.7;
  private readonly gains: Float32Array;
  private readonly mouth: boolean[];
  private readonly faces = new Map<string, Float32Array>();

  constructor(
    private readonly channels: string[],
    emotions: Record<string, Record<string, number>>,
    lipGap: LipGap = {},
  ) {
    this.gains = Float32Array.from(channels, (channel) => lipGap[channel] ?? 0);
    this.mouth = channels.map((channel) => MOUTH.test(channel));
    for (const [name, weights] of Object.entries(emotions)) {
      this.faces.set(name, Float32Array.from(channels, (channel) => weights[channel] ?? 0));
    }
  }

  get emotions(): string[] {
    return [...this.faces.keys()].filter((name) => this.faces.get(name)!.some((weight) => weight > 0));
  }

  /** Change weights, one a channel, in place. */
  over(weights: Float32Array): void {
    if (this.strength !== 1) {
      for (let c = 0; c < weights.length; c++) if (this.mouth[c]) weights[c] = clamp(weights[c] * this.strength);
    }
    const face = this.faces.get(this.emotion);
    if (face && this.intensity > 0) this.add(weights, face);
  }

  private add(weights: Float32Array, face: Float32Array): void {
    let [gap, depth, lifted] = [0, 0, 0];
    const stays = (c: number) => (this.channels[c].startsWith("noseSneer") ? STAYS : 0);
    for (let c = 0; c < face.length; c++) {
      gap += weights[c] * this.gains[c];
      const weight = this.intensity * face[c] * this.gains[c];
      if (weight < 0) depth -= weight;
      else lifted += weight * stays(c);
    }
    const closed = 1 - smooth((gap - CLOSED) / (OPEN - CLOSED));
    const room = Math.min(Math.max((gap - DEEPEST) / Math.max(depth, 1e-6), 0), 1);
    for (let c = 0; c < face.length; c++) {
      let weight = this.intensity * face[c];
      if (this.gains[c] > 0) weight *= 1 - closed * (1 - stays(c));
      if (this.gains[c] < 0) weight *= room;
      if (this.channels[c] === CHIN) weight = Math.max(weight, (closed * lifted) / -(this.gains[c] || -1));
      if (weight !== 0) weights[c] = clamp(weights[c] + weight);
    }
  }
}

const clamp = (x: number) => Math.min(Math.max(x, 0), 1);

function smooth(x: number): number {
  const u = clamp(x);
  return u * u * (3 - 2 * u);
}
