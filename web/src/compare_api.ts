import type { Ensemble } from "./ensemble";
import type { FrameStats, Loop } from "./loop";

/** `window.utterface` on a page of faces side by side: what tests drive it with. Rows go by their names. */
export interface CompareApi {
  /** Resolves when the first frame is drawn. */
  ready: Promise<void>;
  sentences: string[];
  rows: string[];
  /** Number of the sentence, seconds it lasts, and the rows whose faces stand on the page. */
  sentence(): number;
  duration(): number;
  visible(): string[];
  /** The row that is heard, null for the recording. */
  hearing(): string | null;
  /** The moment the faces show, seconds. */
  time(): number;
  playing(): boolean;
  play(): Promise<void>;
  pause(): void;
  /** Go to a moment, take a sentence, show or hide a row, hear one; resolve when the page shows it. */
  seek(time: number): Promise<void>;
  choose(sentence: number): Promise<void>;
  show(row: string, shown: boolean): Promise<void>;
  hear(row: string | null): Promise<void>;
  /** Every channel as a row's face shows it; null where the sentence has no such row. */
  weights(row: string): Record<string, number> | null;
  /** Statistics of the frames since the last call. */
  frameStats(): FrameStats;
}

export function buildCompareApi(ensemble: Ensemble, loop: Loop): CompareApi {
  const { rows, sentences } = ensemble.comparison;
  const number = (row: string): number => {
    const place = rows.indexOf(row);
    if (place < 0) throw new Error(`no row ${row}`);
    return place;
  };
  return {
    ready: loop.frame(),
    sentences,
    rows,
    sentence: () => ensemble.sentence,
    duration: () => ensemble.recording.duration,
    visible: () => ensemble.visible.map((row) => row.name),
    hearing: () => (ensemble.hearing === null ? null : rows[ensemble.hearing]),
    time: () => ensemble.time,
    playing: () => ensemble.playing,
    play: () => ensemble.play(),
    pause: () => ensemble.pause(),
    async seek(time) {
      await ensemble.land(time);
      await loop.frame();
    },
    async choose(sentence) {
      await ensemble.choose(sentence);
      await loop.frame();
    },
    async show(row, shown) {
      ensemble.show(number(row), shown);
      await loop.frame();
    },
    async hear(row) {
      await ensemble.hear(row === null ? null : number(row));
      await loop.frame();
    },
    weights: (row) => ensemble.rows[number(row)].follower?.byName() ?? null,
    frameStats: () => loop.stats(),
  };
}
