import type { Media } from "./clock";
import type { NewTake } from "./drop";
import { Follower, type Poseable } from "./follower";
import type { TakeData } from "./payload";
import { Mood } from "./mood";
import { Playback } from "./playback";

/** One face and its sound: the face shows the motion at the moment that is heard, or what a hand set over it. */
export class Player extends Playback {
  readonly channels: string[];
  private readonly byHand = new Map<number, number>();
  /** Emotions and strength that are laid over the motion, live. */
  readonly mood: Mood;
  private follower: Follower;

  constructor(
    public clip: TakeData,
    media: Media,
    private face: Poseable,
  ) {
    super(clip, media, clip.motion);
    this.follower = new Follower(clip.motion, face);
    this.channels = clip.motion.channels;
    this.mood = new Mood(this.channels, clip.poses["Emotions"] ?? {}, clip.lipGap);
    media.addEventListener("play", () => this.release());
  }

  /** Play another take of the same channels. */
  take(take: NewTake, media: Media): void {
    this.pause();
    this.release();
    this.looped = null;
    this.clip = { ...this.clip, ...take, captions: [] };
    this.recording = this.clip;
    this.grid = take.motion;
    this.follower = new Follower(take.motion, this.face);
    this.use(media, 0);
    media.addEventListener("play", () => this.release());
    this.dispatchEvent(new Event("take"));
  }

  /** Move another face from now on. */
  wear(face: Poseable): void {
    this.face = face;
    this.follower = new Follower(this.clip.motion, face);
    this.update();
  }

  /** What the face shows: one value per channel of the motion. */
  get weights(): Float32Array {
    return this.follower.weights;
  }

  get posed(): boolean {
    return this.byHand.size > 0;
  }

  override seek(time: number): void {
    this.release();
    super.seek(time);
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
    this.time = this.heard();
    return this.follower.follow(this.time, this.byHand, this.mood);
  }

  /** Every channel as the face shows it. */
  byName(): Record<string, number> {
    return this.follower.byName();
  }
}
