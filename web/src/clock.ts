/** What the player needs of an audio element; `Silence` stands in for clips without sound. */
export interface Media extends EventTarget {
  currentTime: number;
  playbackRate: number;
  readonly duration: number;
  readonly paused: boolean;
  play(): Promise<void>;
  pause(): void;
}

/** How far ahead of the sound's told time the clock may stand before it jumps back, seconds at normal speed. */
const TOLERANCE = 0.06;

/**
 * The sound's time, finer than the browser tells it.
 *
 * Some browsers change `currentTime` only every few screen frames, and a change is seen up to a frame late, so what is
 * told is never ahead of the sound but may lag. Between changes the page's own clock carries on at the playback rate;
 * where the told time is ahead of it, it follows at once, where it lags, slowly. Paused or seeking, the answer is
 * `currentTime` itself.
 */
export class Clock {
  private heard: number; // the last currentTime that was read
  private anchor = 0; // media time at `anchoredAt`
  private anchoredAt = 0; // page time, seconds
  private rate = 1;
  private running = false;

  constructor(
    private readonly media: Media,
    private readonly now: () => number = () => performance.now() / 1000,
  ) {
    this.heard = media.currentTime;
    for (const event of ["seeking", "pause", "playing", "ratechange"]) {
      media.addEventListener(event, () => this.stand());
    }
  }

  /** The moment that is being heard, seconds. */
  time(): number {
    const told = this.media.currentTime;
    if (this.media.paused) {
      this.stand();
      return told;
    }
    const now = this.now();
    if (!this.running) {
      // Stand still until the sound really moves: play() answers before the first sample is heard.
      if (told !== this.heard) this.moveFrom(told, now);
      return told;
    }
    const estimate = this.anchor + (now - this.anchoredAt) * this.rate;
    if (told === this.heard) {
      const stalled = estimate - told > 0.25 * this.rate;
      return stalled ? told : Math.min(estimate, this.media.duration || Infinity);
    }
    const error = told - estimate;
    this.moveFrom(error > 0 || error < -TOLERANCE * this.rate ? told : estimate + 0.02 * error, now);
    this.heard = told;
    return this.anchor;
  }

  private stand(): void {
    this.running = false;
    this.heard = this.media.currentTime;
  }

  private moveFrom(time: number, now: number): void {
    this.heard = time;
    this.anchor = time;
    this.anchoredAt = now;
    this.rate = this.media.playbackRate;
    this.running = true;
  }
}

/** A clip without sound plays against the page's own clock. */
export class Silence extends EventTarget implements Media {
  private from = 0;
  private since = 0;
  private speed = 1;
  private timer: ReturnType<typeof setTimeout> | undefined;
  paused = true;

  constructor(
    readonly duration: number,
    private readonly now: () => number = () => performance.now() / 1000,
  ) {
    super();
  }

  get currentTime(): number {
    const time = this.paused ? this.from : this.from + (this.now() - this.since) * this.speed;
    return Math.min(time, this.duration);
  }

  set currentTime(time: number) {
    this.from = Math.min(Math.max(time, 0), this.duration);
    this.since = this.now();
    this.dispatchEvent(new Event("seeking"));
    this.dispatchEvent(new Event("seeked"));
    this.schedule();
  }

  get playbackRate(): number {
    return this.speed;
  }

  set playbackRate(rate: number) {
    this.from = this.currentTime;
    this.since = this.now();
    this.speed = rate;
    this.dispatchEvent(new Event("ratechange"));
    this.schedule();
  }

  async play(): Promise<void> {
    if (this.currentTime >= this.duration) this.from = 0;
    this.since = this.now();
    this.paused = false;
    this.schedule();
    this.dispatchEvent(new Event("play"));
    this.dispatchEvent(new Event("playing"));
  }

  pause(): void {
    this.from = this.currentTime;
    this.paused = true;
    this.schedule();
    this.dispatchEvent(new Event("pause"));
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (this.paused) return;
    this.timer = setTimeout(() => this.pause(), ((this.duration - this.currentTime) / this.speed) * 1000);
  }
}
