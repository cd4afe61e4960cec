import type { FrameStats, Loop } from "./loop";
import type { Poses } from "./payload";
import type { People } from "./people";
import type { Player } from "./player";
import type { Stage } from "./stage";
import { background } from "./ui/theme";

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

declare global {
  interface Window {
    /** What drives a page from outside: `Api` on the player, `CompareApi` on the comparison. */
    utterface?: object;
  }
}

/** `window.utterface`: what tests and the picture command drive the page with. */
export interface Api {
  /** Resolves when the first frame is drawn. */
  ready: Promise<void>;
  duration: number;
  channels: string[];
  poses: Poses;
  /** Whose faces can be shown; empty for a face of the user's own. */
  people: string[];
  /** The moment the face shows, seconds. */
  time(): number;
  playing(): boolean;
  play(): Promise<void>;
  pause(): void;
  /** Go to a moment; resolves when the face shows it. */
  seek(time: number): Promise<void>;
  /** Hold channels at values over the motion; null gives the motion back; resolves when the face shows it. */
  setWeights(weights: Record<string, number> | null): Promise<void>;
  /** Show somebody else's face; resolves when it is drawn. */
  choose(name: string): Promise<void>;
  /** Every channel as the face shows it. */
  weights(): Record<string, number>;
  /** A PNG as a data URL. */
  picture(options?: PictureOptions): string;
  /** Statistics of the frames since the last call. */
  frameStats(): FrameStats;
}

export function buildApi(
  player: Player,
  stage: Stage,
  loop: Loop,
  people: People | undefined,
  choose: (name: string) => Promise<void>,
): Api {
  return {
    ready: loop.frame(),
    duration: player.clip.duration,
    channels: player.channels,
    poses: player.clip.poses,
    people: people?.names ?? [],
    time: () => player.time,
    playing: () => player.playing,
    play: () => player.play(),
    pause: () => player.pause(),
    async seek(time) {
      await player.land(time);
      await loop.frame();
    },
    async setWeights(weights) {
      player.release();
      if (weights) player.hold(weights);
      await loop.frame();
    },
    async choose(name) {
      await choose(name);
      await loop.frame();
    },
    weights: () => player.byName(),
    picture({ width = 1024, height = 1024, turn, lift, distance, transparent } = {}) {
      if (turn !== undefined || lift !== undefined || distance !== undefined) stage.resetView(turn, lift, distance);
      return stage.picture(width, height, transparent ? null : background()).toDataURL("image/png");
    },
    frameStats: () => loop.stats(),
  };
}
