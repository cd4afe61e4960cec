import { Clock, type Media } from "./clock";
import type { Span, Waveform } from "./payload";

/** What is heard, and what is said in it when. Seconds. */
export interface Recording {
  duration: number;
  words: Span[];
  phones: Span[];
  waveform: Waveform;
}

/** Where the frames of a motion stand: frame i shows `start + i / frameRate`. */
export interface Grid {
  frameRate: number;
  start: number;
}

/**
 * A sound that is played, paused and sought in, and the moment that is heard. What faces show is theirs who extend it.
 *
 * The sound is the only clock. Nothing counts frames, so pausing, seeking and slow playback cannot drift.
 */
export abstract class Playback extends EventTarget {
  /** The moment that is shown, seconds. */
  time = 0;
  /** What is played again and again, seconds; null plays on. */
  looped: Span | null = null;
  private readonly clocks = new Map<Media, Clock>();

  constructor(
    public recording: Recording,
    public media: Media,
    public grid: Grid,
  ) {
    super();
  }

  /** Bring what is shown to this moment. Returns whether anything moved. */
  abstract update(): boolean;

  get playing(): boolean {
    return !this.media.paused;
  }

  /** Start; a browser refuses until someone has touched the page, and then this stays silent. */
  async play(): Promise<void> {
    if (this.media.currentTime >= this.recording.duration - 0.02) this.media.currentTime = 0;
    await this.media.play().catch(() => undefined);
  }

  pause(): void {
    this.media.pause();
  }

  toggle(): void {
    if (this.playing) this.pause();
    else void this.play();
  }

  /** Play a stretch again and again, from its start; null, or the same once more, ends that. */
  repeat(span: Span | null): void {
    const same = span && this.looped?.start === span.start && this.looped.end === span.end;
    this.looped = same ? null : span;
    this.dispatchEvent(new Event("loop"));
    if (!this.looped) return;
    this.seek(this.looped.start);
    void this.play();
  }

  seek(time: number): void {
    this.media.currentTime = Math.min(Math.max(time, 0), this.recording.duration);
  }

  /** Go to a moment; resolves when the sound has landed there. */
  async land(time: number): Promise<void> {
    const landed = new Promise<void>((resolve) => this.media.addEventListener("seeked", () => resolve(), { once: true }));
    this.seek(time);
    // `currentTime` is the new one at once; a browser that has put a sound to sleep may take long to say it landed.
    await Promise.race([landed, new Promise((resolve) => setTimeout(resolve, 500))]);
  }

  /** One frame on or back, on the grid of the motion. */
  step(frames: number): void {
    const { frameRate, start } = this.grid;
    const frame = Math.round((this.media.currentTime - start) * frameRate) + frames;
    this.pause();
    this.seek(start + frame / frameRate);
  }

  /** Hear another sound, from a moment on, as fast as the last one; it plays if the last one did. */
  use(media: Media, time = this.media.currentTime): void {
    const { playing, media: last } = this;
    last.pause();
    this.media = media;
    media.playbackRate = last.playbackRate;
    media.currentTime = time;
    if (playing) void this.play();
  }

  /** The moment that is heard, seconds. */
  protected heard(): number {
    let clock = this.clocks.get(this.media);
    if (!clock) this.clocks.set(this.media, (clock = new Clock(this.media)));
    const time = clock.time();
    if (!this.looped || !this.playing || time < this.looped.end) return time;
    this.media.currentTime = this.looped.start;
    return this.looped.start;
  }
}
