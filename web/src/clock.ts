/** What the player needs of an audio element; `Silence` stands in for clips without sound. */
export interface Media extends EventTarget {
  currentTime: number;
  playbackRate: number;
  readonly duration: number;
  readonly paused: boolean;
  play(): Promise<void>;
  pause(): void;
}

/** How far ahead of the sound's reported time the clock may stand before it jumps back: a frame, in seconds. */
const TOLERANCE = 1 / 60;
/** How fast a smaller lead is given back: seconds until a third of it is left. */
const EASE = 0.3;
/** No browser refreshes its reported time more seldom than this, in seconds; what stands longer has stalled. */
const STALL = 0.05;

/**
 * The sound's time, finer than the browser tells it.
 *
 * Some browsers change `currentTime` only every few screen frames, and a change is seen up to a frame late, so what is
 * reported is never ahead of the sound but may lag. Where a browser is seen to do so, the page's own clock carries on at the
 * playback rate between changes; where the reported time is ahead of it, it follows at once, where it lags, slowly. Paused or
 * seeking, the answer is `currentTime` itself.
 */
export class Clock {
  private reported: number; // the last currentTime that was new
  private anchor = 0; // what the clock said then
  private anchoredAt = 0; // page time, seconds
  private rate = 1;
  private running = false;
  private stood = false; // the reported time was the same twice since it was new
  private grain = 0; // how long it was seen to stand, seconds, and then to catch up

  constructor(
    private readonly media: Media,
    private readonly now: () => number = () => performance.now() / 1000,
  ) {
    this.reported = media.currentTime;
    for (const event of ["seeking", "pause", "playing", "ratechange"]) {
      media.addEventListener(event, () => this.stand());
    }
  }

  /** The moment that is being heard, seconds. */
  time(): number {
    const reported = this.media.currentTime;
    if (this.media.paused) {
      this.stand();
      return reported;
    }
    const now = this.now();
    if (!this.running) {
      // Stand still until the sound really moves: play() answers before the first sample is heard.
      if (reported !== this.reported) this.moveFrom(reported, reported, now);
      return reported;
    }
    const since = now - this.anchoredAt;
    const estimate = this.anchor + since * this.rate;
    if (reported === this.reported) {
      this.stood = true;
      return since > this.grain ? this.anchor : Math.min(estimate, this.media.duration || Infinity);
    }
    const caughtUp = reported - this.reported > 0.7 * since * this.rate;
    if (this.stood && caughtUp && since < STALL) this.grain = Math.max(this.grain, since);
    const lead = estimate - reported;
    const kept = lead < 0 || lead > TOLERANCE * this.rate ? 0 : lead * Math.exp(-since / EASE);
    this.moveFrom(reported + kept, reported, now);
    return this.anchor;
  }

  private stand(): void {
    this.running = false;
    this.reported = this.media.currentTime;
  }

  private moveFrom(time: number, reported: number, now: number): void {
    this.reported = reported;
    this.anchor = time;
    this.anchoredAt = now;
    this.rate = this.media.playbackRate;
    this.running = true;
    this.stood = false;
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
