import { beforeEach, expect, test } from "vitest";

import { Clock, Silence, type Media } from "../src/clock";

let now = 0;
beforeEach(() => (now = 0));

/** A sound whose `currentTime` is only refreshed every `grain` seconds, as in some browsers. */
class CoarseMedia extends EventTarget implements Media {
  paused = true;
  duration = 100;
  playbackRate = 1;
  grain = 0.04;
  startsAt = 0;
  get exact(): number {
    return this.paused ? this.startsAt : this.startsAt + now * this.playbackRate;
  }
  get currentTime(): number {
    return this.paused ? this.startsAt : Math.floor(this.exact / this.grain) * this.grain;
  }
  set currentTime(time: number) {
    this.startsAt = time - (this.paused ? 0 : now * this.playbackRate);
    this.dispatchEvent(new Event("seeking"));
  }
  async play(): Promise<void> {
    this.paused = false;
    this.dispatchEvent(new Event("playing"));
  }
  pause(): void {
    this.startsAt = this.exact;
    this.paused = true;
    this.dispatchEvent(new Event("pause"));
  }
}

/** Largest distance between clock and sound over a stretch of screen frames. */
function worst(clock: Clock, media: CoarseMedia, seconds: number, settle = 0.5): number {
  let most = 0;
  const from = now;
  for (; now < from + seconds; now += 1 / 60) {
    const error = Math.abs(clock.time() - media.exact);
    if (now > from + settle) most = Math.max(most, error);
  }
  return most;
}

test.each([
  [1, 0.04],
  [1, 0.01],
  [0.25, 0.01],
  [1.5, 0.04],
])("stays within a frame of a coarse sound at speed %d, told every %d s", async (rate, grain) => {
  const media = new CoarseMedia();
  media.grain = grain;
  media.playbackRate = rate;
  const clock = new Clock(media, () => now);
  await media.play();
  expect(worst(clock, media, 20)).toBeLessThan(Math.max(rate, 1) / 60);
});

test("moves every screen frame although the sound's time does not", async () => {
  const media = new CoarseMedia();
  const clock = new Clock(media, () => now);
  await media.play();
  worst(clock, media, 1);
  const before = clock.time();
  now += 1 / 60;
  expect(clock.time() - before).toBeGreaterThan(0.008);
});

test("a seek while playing lands at once", async () => {
  const media = new CoarseMedia();
  const clock = new Clock(media, () => now);
  await media.play();
  worst(clock, media, 1);
  media.currentTime = 40;
  expect(Math.abs(clock.time() - 40)).toBeLessThan(media.grain);
});

test("paused, it is the sound's own time to the last digit", async () => {
  const media = new CoarseMedia();
  const clock = new Clock(media, () => now);
  await media.play();
  worst(clock, media, 0.777);
  media.pause();
  now += 5;
  expect(clock.time()).toBe(media.currentTime);
});

test("a sound that starts with a hitch is caught up with", async () => {
  const media = new CoarseMedia();
  media.grain = 0.001;
  const clock = new Clock(media, () => now);
  await media.play();
  worst(clock, media, 0.05);
  media.startsAt = -0.1; // everything from here is heard a tenth of a second later than it seemed at first
  expect(worst(clock, media, 5, 0.02)).toBeLessThan(1 / 60);
});

test("waits for a sound that has stalled", async () => {
  const media = new CoarseMedia();
  const clock = new Clock(media, () => now);
  await media.play();
  worst(clock, media, 1);
  const last = media.currentTime;
  Object.defineProperty(media, "currentTime", { get: () => last });
  for (let i = 0; i < 120; i++) {
    now += 1 / 60;
    clock.time();
  }
  expect(clock.time()).toBeLessThan(1.05);
});

test("silence keeps time, keeps its place over a change of speed, and stops at its end", async () => {
  const silence = new Silence(2, () => now);
  await silence.play();
  now = 0.5;
  silence.playbackRate = 2;
  now = 1;
  expect(silence.currentTime).toBeCloseTo(1.5);
  silence.pause();
  now = 9;
  expect(silence.currentTime).toBeCloseTo(1.5);
  silence.currentTime = 5;
  expect(silence.currentTime).toBe(2);
});
