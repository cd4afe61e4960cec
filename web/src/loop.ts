import type { Playback } from "./playback";
import { el } from "./ui/dom";

/** Of the frames drawn lately: milliseconds of our own code, the renderer's left out, and how true they are to the sound. */
export interface FrameStats {
  frames: number;
  medianMs: number;
  worstMs: number;
  /** Largest distance between the moment shown and what the sound said at that instant. */
  worstDriftMs: number;
  /** From opening the page to the first frame drawn. */
  firstFrameMs: number;
}

const KEPT = 600; // frames

/** Once a screen frame: bring faces and page to the moment that is heard, then draw; and how long that takes. */
export class Loop {
  private readonly times: [ownMs: number, driftMs: number][] = [];
  private firstFrameMs = Number.NaN;
  private waiting: (() => void)[] = [];

  /** `update` moves faces and page, `draw` is the renderer's. */
  run(playback: Playback, update: () => void, draw: () => void): void {
    const once = () => {
      requestAnimationFrame(once);
      const began = performance.now();
      const heard = playback.media.currentTime;
      update();
      this.times.push([performance.now() - began, 1000 * Math.abs(playback.time - heard)]);
      if (this.times.length > KEPT) this.times.shift();
      draw();
      if (Number.isNaN(this.firstFrameMs)) {
        this.firstFrameMs = performance.now();
        document.documentElement.dataset.ready = ""; // for tests that wait for it
      }
      const drawn = this.waiting;
      this.waiting = [];
      for (const resolve of drawn) resolve();
    };
    once();
  }

  /** Resolves after the next picture is drawn. */
  frame(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Statistics of the frames since the last call. */
  stats(): FrameStats {
    const own = this.times.map(([ms]) => ms).sort((a, b) => a - b);
    const drift = this.times.map(([, ms]) => ms);
    this.times.length = 0;
    return {
      frames: own.length,
      medianMs: own[own.length >> 1] ?? 0,
      worstMs: own[own.length - 1] ?? 0,
      worstDriftMs: Math.max(0, ...drift),
      firstFrameMs: this.firstFrameMs,
    };
  }
}

/** When a page cannot start, it says why instead of staying blank. */
export function failWith(error: unknown): never {
  document.body.replaceChildren(el("p", { class: "failure", role: "alert" }, `This page cannot play: ${String(error)}`));
  throw error;
}
