import { Clock, type Media } from "./clock";
import type { Face } from "./face";
import type { ClipData } from "./payload";

/**
 * Which weights the face shows now: the motion at the moment that is heard, or what a hand set over it.
 *
 * The sound is the only clock. Nothing counts frames, so pausing, seeking and slow playback cannot drift.
 */
export class Player extends EventTarget {
  /** The moment that the face shows, seconds. */
  time = 0;
  /** What the face shows: one value per channel of the motion. */
  readonly weights: Float32Array;
  readonly channels: string[];
  private readonly byHand = new Map<number, number>();
  private readonly clock: Clock;
  private readonly toFace: number[];
  private readonly faceWeights: Float32Array;

  constructor(
    readonly clip: ClipData,
    readonly media: Media,
    private readonly face: Face,
  ) {
    super();
    this.clock = new Clock(media);
    this.channels = clip.motion.channels;
    this.weights = new Float32Array(this.channels.length);
    this.toFace = face.channels.map((channel) => this.channels.indexOf(channel));
    this.faceWeights = new Float32Array(face.channels.length);
    media.addEventListener("play", () => this.release());
  }

  get playing(): boolean {
    return !this.media.paused;
  }

  get posed(): boolean {
    return this.byHand.size > 0;
  }

  /** Start; a browser refuses until someone has touched the page, and then this stays silent. */
  async play(): Promise<void> {
    if (this.media.currentTime >= this.clip.duration - 0.02) this.media.currentTime = 0;
    await this.media.play().catch(() => undefined);
  }

  pause(): void {
    this.media.pause();
  }

  toggle(): void {
    if (this.playing) this.pause();
    else void this.play();
  }

  seek(time: number): void {
    this.release();
    this.media.currentTime = Math.min(Math.max(time, 0), this.clip.duration);
  }

  /** One frame on or back, on the grid of the motion. */
  step(frames: number): void {
    const { frameRate, start } = this.clip.motion;
    const frame = Math.round((this.media.currentTime - start) * frameRate) + frames;
    this.pause();
    this.seek(start + frame / frameRate);
  }

  /** Hold channels at values, over the motion, until `release`, a seek or play. */
  hold(weights: Record<string, number>): void {
    this.pause();
    for (const [channel, weight] of Object.entries(weights)) {
      const c = this.channels.indexOf(channel);
      if (c < 0) throw new Error(`no channel ${channel}`);
      this.byHand.set(c, weight);
    }
    this.dispatchEvent(new Event("hold"));
  }

  /** Let the motion have some channels back, or all. */
  release(channels: string[] = this.channels): void {
    if (!this.posed) return;
    for (const channel of channels) this.byHand.delete(this.channels.indexOf(channel));
    this.dispatchEvent(new Event("hold"));
  }

  /** Bring the face to this moment. Returns whether it moved. */
  update(): boolean {
    this.time = this.clock.time();
    this.clip.motion.at(this.time, this.weights);
    for (const [c, weight] of this.byHand) this.weights[c] = weight;
    this.toFace.forEach((c, f) => (this.faceWeights[f] = c < 0 ? 0 : this.weights[c]));
    return this.face.pose(this.faceWeights);
  }
}
