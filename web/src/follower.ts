import type { Mood } from "./mood";
import type { Track } from "./track";

/** What channels move. */
export interface Poseable {
  readonly channels: string[];
  /** Move it; `weights` in the order of `channels`. Returns whether anything changed. */
  pose(weights: Float32Array): boolean;
}

/** A face that follows a motion. */
export class Follower {
  /** What the face shows: one value per channel of the motion. */
  readonly weights: Float32Array;
  private readonly toFace: number[];
  private readonly faceWeights: Float32Array;

  constructor(
    readonly motion: Track,
    readonly face: Poseable,
  ) {
    this.weights = new Float32Array(motion.channels.length);
    this.toFace = face.channels.map((channel) => motion.channels.indexOf(channel));
    this.faceWeights = new Float32Array(face.channels.length);
  }

  /** Bring the face to a moment; some channels may be held by hand, by number. Returns whether it moved. */
  follow(time: number, byHand?: Map<number, number>, mood?: Mood): boolean {
    this.motion.at(time, this.weights);
    mood?.over(this.weights);
    for (const [c, weight] of byHand ?? []) this.weights[c] = weight;
    for (let f = 0; f < this.toFace.length; f++) {
      const c = this.toFace[f];
      this.faceWeights[f] = c < 0 ? 0 : this.weights[c];
    }
    return this.face.pose(this.faceWeights);
  }

  /** Every channel as the face shows it. */
  byName(): Record<string, number> {
    return Object.fromEntries(this.motion.channels.map((channel, c) => [channel, this.weights[c]]));
  }
}
