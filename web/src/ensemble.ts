import type { Media } from "./clock";
import { Face } from "./face";
import { Follower } from "./follower";
import type { ComparisonData, RigData, SentenceData } from "./payload";
import { Playback, type Grid } from "./playback";

/** Where sentences and sounds are kept until they are wanted. */
export interface Shelf {
  sentence(number: number): Promise<SentenceData>;
  /** The recording (`row` null), or what a row was heard to say. */
  sound(number: number, row: number | null, duration: number): Promise<Media>;
}

export const INKS = 6; // colours of curves in the style sheet

/** One system that speaks: its face, and its motion in the sentence of the moment. */
export class Row {
  shown = false;
  /** Number of its colour, while it is shown. */
  ink = 0;
  follower: Follower | null = null;
  private made: Face | undefined;

  constructor(
    readonly number: number,
    readonly name: string,
    private readonly rig: RigData,
  ) {}

  /** Made when it is first looked at. */
  get face(): Face {
    return (this.made ??= new Face(this.rig));
  }

  /** Whether a face of it stands on the page: it is wanted, and the sentence has it. */
  get visible(): boolean {
    return this.shown && this.follower !== null;
  }
}

/**
 * Several faces that speak one sentence at the same time, each as its row does.
 *
 * Says `sentence` when another one is chosen, `rows` when other faces are shown, `hearing` when another sound is heard.
 */
export class Ensemble extends Playback {
  readonly rows: Row[];
  /** Number of the sentence. */
  sentence = 0;
  /** The row whose own sound is heard, null for the recording. */
  hearing: number | null = null;
  private wanted: { sentence: number; hearing: number | null } = { sentence: 0, hearing: null };

  /** The first sentence, ready to play. */
  static async open(comparison: ComparisonData, shelf: Shelf): Promise<Ensemble> {
    const first = await shelf.sentence(0);
    return new Ensemble(comparison, shelf, first, await shelf.sound(0, null, first.duration));
  }

  private constructor(
    readonly comparison: ComparisonData,
    private readonly shelf: Shelf,
    /** The sentence of the moment. */
    public data: SentenceData,
    media: Media,
  ) {
    super(data, media, gridOf(data));
    this.rows = comparison.rows.map((name, number) => new Row(number, name, comparison.rig));
    for (const number of comparison.shown) this.show(number, true);
    this.give(data);
  }

  /** Rows whose faces stand on the page. */
  get visible(): Row[] {
    return this.rows.filter((row) => row.visible);
  }

  /** Take another sentence from its start; playing goes on, and so does hearing a row that has a sound there too. */
  choose(number: number): Promise<void> {
    return this.turnTo(number, this.wanted.hearing);
  }

  /** Hear what a row was heard to say, or the recording (null), from this moment on. */
  hear(row: number | null): Promise<void> {
    return this.turnTo(this.wanted.sentence, row);
  }

  /** Show or hide a face; a face that comes takes the first colour that is free. */
  show(number: number, shown: boolean): void {
    const row = this.rows[number];
    if (row.shown === shown) return;
    row.shown = shown;
    if (shown) {
      const taken = new Set(this.rows.filter((other) => other.shown && other !== row).map((other) => other.ink));
      row.ink = [...Array(INKS).keys()].find((ink) => !taken.has(ink)) ?? number % INKS;
    }
    this.dispatchEvent(new Event("rows"));
  }

  /** Bring every face on the page to this moment. Returns whether one moved. */
  update(): boolean {
    this.time = this.heard();
    let moved = false;
    for (const row of this.rows) {
      if (row.visible && row.follower!.follow(this.time)) moved = true;
    }
    return moved;
  }

  private async turnTo(sentence: number, row: number | null): Promise<void> {
    const wanted = (this.wanted = { sentence, hearing: row });
    const data = await this.shelf.sentence(sentence);
    const hearing = row !== null && data.waveforms.has(row) ? row : null;
    const media = await this.shelf.sound(sentence, hearing, data.duration);
    if (wanted !== this.wanted) return; // someone wanted something else meanwhile
    const another = sentence !== this.sentence;
    this.sentence = sentence;
    this.hearing = wanted.hearing = hearing;
    if (another) this.give(data);
    else this.recording = this.heardRecording();
    this.use(media, another ? 0 : this.media.currentTime);
    this.dispatchEvent(new Event(another ? "sentence" : "hearing"));
  }

  private give(data: SentenceData): void {
    this.data = data;
    this.grid = gridOf(data);
    this.recording = this.heardRecording();
    for (const row of this.rows) {
      const motion = data.motions.get(row.number);
      row.follower = motion ? new Follower(motion, row.face) : null;
    }
  }

  private heardRecording(): SentenceData {
    const own = this.hearing === null ? undefined : this.data.waveforms.get(this.hearing);
    return own ? { ...this.data, waveform: own } : this.data;
  }
}

/** The finest grid among the motions: stepping on it misses no frame of that one. */
function gridOf(data: SentenceData): Grid {
  return [...data.motions.values()].reduce((finest, motion) => (motion.frameRate > finest.frameRate ? motion : finest));
}
