import { Silence, type Media } from "./clock";
import { fromBase64, inflate } from "./payload";
import { toWav, trimmed } from "./wav";

const SAMPLE_RATE = 16_000; // Hz, of every sound

/** What the page was given lies in inert script elements at its end, in base64; empty where there is none. */
const textOf = (id: string): string => document.getElementById(id)?.textContent?.trim() ?? "";

/** The unpacked bytes of a part of the page. */
export function readEmbedded(id: string): Promise<ArrayBuffer> {
  return inflate(fromBase64(textOf(id)));
}

/** The bytes of a part of the page that is not packed. */
export function readRaw(id: string): ArrayBuffer {
  return fromBase64(textOf(id)).buffer;
}

/** A sound of the page, ready to play; silence of that duration where there is none. */
export async function readSound(id: string, duration: number): Promise<Media> {
  const sound = textOf(id);
  if (!sound) return new Silence(duration);
  const type = document.getElementById(id)!.dataset.type!;
  return fromFile(new Blob([fromBase64(sound)], { type }));
}

/**
 * A sound of the page that is an MP3, ready to play. Browsers find moments within one only roughly, so it is decoded whole
 * and played as WAV, which has the clock of the recording.
 */
export async function readPackedSound(id: string, duration: number): Promise<Media> {
  const context = new OfflineAudioContext(1, 1, SAMPLE_RATE);
  const decoded = await context.decodeAudioData(fromBase64(textOf(id)).buffer);
  return fromFile(toWav(trimmed(decoded.getChannelData(0), Math.round(duration * SAMPLE_RATE)), SAMPLE_RATE));
}

/** A sound file, ready to play. */
export async function fromFile(file: Blob): Promise<Media> {
  const audio = new Audio(URL.createObjectURL(file));
  audio.preload = "auto";
  audio.preservesPitch = true;
  await new Promise((resolve, reject) => {
    audio.addEventListener("loadedmetadata", resolve, { once: true });
    audio.addEventListener("error", () => reject(new Error(`this browser cannot play the sound (${file.type})`)), {
      once: true,
    });
  });
  return audio;
}
