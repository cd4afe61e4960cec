import { Silence, type Media } from "./clock";
import { fromFile } from "./embedded";
import { readTake } from "./livelink";
import type { TakeData, Waveform } from "./payload";

const WAVEFORM_RATE = 100; // peaks a second

/** What was dropped on the page: another take, with its sound if that was dropped too. */
export interface Dropped {
  take: Pick<TakeData, "title" | "duration" | "motion" | "waveform">;
  media: Media;
}

/** A Live Link take (.csv), alone or with its sound, as motion of these channels. */
export async function readDropped(files: File[], channels: string[]): Promise<Dropped> {
  const file = files.find(({ name }) => name.toLowerCase().endsWith(".csv"));
  if (!file) throw new Error("drop a .csv of Live Link Face here, alone or with its sound");
  const motion = readTake(await file.text(), channels);
  const sound = files.find(({ type }) => type.startsWith("audio/"));
  const title = file.name.replace(/\.csv$/i, "");
  if (!sound) {
    const duration = motion.frames / motion.frameRate;
    return { take: { title, duration, motion, waveform: { rate: WAVEFORM_RATE, peaks: new Int8Array(0) } }, media: new Silence(duration) };
  }
  const media = await fromFile(sound);
  return { take: { title, duration: media.duration, motion, waveform: await waveformOf(sound) }, media };
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
