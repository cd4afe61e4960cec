import { Silence, type Media } from "./clock";
import { fromFile } from "./embedded";
import { readTake } from "./livelink";
import { readNpz } from "./npz";
import type { TakeData, Waveform } from "./payload";

const WAVEFORM_RATE = 100; // peaks a second

/** A take in the place of another, on the same face. */
export type NewTake = Pick<TakeData, "title" | "duration" | "motion" | "waveform" | "words" | "phones">;

/** What was dropped on the page: another take, with its sound if that was dropped too. */
export interface Dropped {
  take: NewTake;
  media: Media;
}

/** A motion (.csv of Live Link, .npz of utterface), alone or with its sound, as motion of these channels. */
export async function readDropped(files: File[], channels: string[]): Promise<Dropped> {
  const file = files.find(({ name }) => /\.(csv|npz)$/i.test(name));
  if (!file) throw new Error("drop a .csv of Live Link Face or a .npz of utterface here, alone or with its sound");
  const read = file.name.toLowerCase().endsWith(".npz")
    ? await readNpz(await file.arrayBuffer(), channels)
    : { motion: readTake(await file.text(), channels), words: [], phones: [] };
  const sound = files.find(({ type }) => type.startsWith("audio/"));
  const title = file.name.replace(/\.(csv|npz)$/i, "");
  if (!sound) {
    const duration = read.motion.start + read.motion.frames / read.motion.frameRate;
    const waveform = { rate: WAVEFORM_RATE, peaks: new Int8Array(0) };
    return { take: { ...read, title, duration, waveform }, media: new Silence(duration) };
  }
  const media = await fromFile(sound);
  return { take: { ...read, title, duration: media.duration, waveform: await waveformOf(sound) }, media };
}

async function waveformOf(sound: File): Promise<Waveform> {
  const decoded = await new OfflineAudioContext(1, 1, 16_000).decodeAudioData(await sound.arrayBuffer());
  const samples = decoded.getChannelData(0);
  const size = decoded.sampleRate / WAVEFORM_RATE;
  let loudest = 1e-3;
  for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample));
  const peaks = new Int8Array(2 * Math.ceil(samples.length / size));
  samples.forEach((sample, i) => {
    const at = 2 * Math.floor(i / size);
    const level = Math.round((127 * sample) / loudest);
    peaks[at] = Math.min(peaks[at], level);
    peaks[at + 1] = Math.max(peaks[at + 1], level);
  });
  return { rate: WAVEFORM_RATE, peaks };
}
