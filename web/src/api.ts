import type { Poses } from "./payload";
import type { Player } from "./player";
import type { Stage } from "./stage";
import { background } from "./ui/theme";

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

export interface PictureOptions {
  width?: number;
  height?: number;
  /** Degrees that the camera stands aside and above, and its distance (1 = the usual). */
  turn?: number;
  lift?: number;
  distance?: number;
  /** Leave the background out. */
  transparent?: boolean;
}

/** `window.utterface`: what tests and the picture command drive the page with. */
export interface Api {
  /** Resolves when the first frame is drawn. */
  ready: Promise<void>;
  duration: number;
  channels: string[];
  poses: Poses;
  /** The moment the face shows, seconds. */
  time(): number;
  playing(): boolean;
  play(): Promise<void>;
  pause(): void;
  /** Go to a moment; resolves when the face shows it. */
  seek(time: number): Promise<void>;
  /** Hold channels at values over the motion; null gives the motion back; resolves when the face shows it. */
  setWeights(weights: Record<string, number> | null): Promise<void>;
  /** Every channel as the face shows it. */
  weights(): Record<string, number>;
  /** A PNG as a data URL. */
  picture(options?: PictureOptions): string;
  /** Statistics of the frames since the last call. */
  frameStats(): FrameStats;
}

const KEPT = 600; // frames

export class FrameTimes {
  private readonly times: [ownMs: number, driftMs: number][] = [];
  firstFrameMs = Number.NaN;

  add(ownMs: number, driftMs: number): void {
    this.times.push([ownMs, driftMs]);
    if (this.times.length > KEPT) this.times.shift();
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

/** `frame` resolves after the next picture is drawn. */
export function buildApi(player: Player, stage: Stage, times: FrameTimes, frame: () => Promise<void>): Api {
  return {
    ready: frame(),
    duration: player.clip.duration,
    channels: player.channels,
    poses: player.clip.poses,
    time: () => player.time,
    playing: () => player.playing,
    play: () => player.play(),
    pause: () => player.pause(),
    async seek(time) {
      const landed = new Promise<void>((resolve) =>
        player.media.addEventListener("seeked", () => resolve(), { once: true }),
      );
      player.seek(time);
      // `currentTime` is the new one at once; a browser that has put a sound to sleep may take long to say it landed.
      await Promise.race([landed, new Promise((resolve) => setTimeout(resolve, 500))]);
      await frame();
    },
    async setWeights(weights) {
      player.release();
      if (weights) player.hold(weights);
      await frame();
    },
    weights: () => Object.fromEntries(player.channels.map((channel, c) => [channel, player.weights[c]])),
    picture({ width = 1024, height = 1024, turn, lift, distance, transparent } = {}) {
      if (turn !== undefined || lift !== undefined || distance !== undefined) stage.resetView(turn, lift, distance);
      return stage.picture(width, height, transparent ? null : background()).toDataURL("image/png");
    },
    frameStats: () => times.stats(),
  };
}
