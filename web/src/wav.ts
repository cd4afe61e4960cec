const HEADER = 44; // bytes

/** Samples (-1…1, one channel) as a WAV file of 16 bits. */
export function toWav(samples: Float32Array, sampleRate: number): Blob {
  const view = new DataView(new ArrayBuffer(HEADER + 2 * samples.length));
  const text = (at: number, letters: string) => [...letters].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, view.byteLength - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true); // bytes of the format
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 2 * sampleRate, true); // bytes a second
  view.setUint16(32, 2, true); // bytes a sample
  view.setUint16(34, 16, true); // bits
  text(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, i) => view.setInt16(HEADER + 2 * i, 32767 * Math.min(Math.max(sample, -1), 1), true));
  return new Blob([view.buffer], { type: "audio/wav" });
}

/** Samples that LAME puts before the sound, with the decoder's own; the file says so, but not every browser heeds it. */
const DELAY = 1105;

/** Exactly `count` samples of what an MP3 was decoded to: without the encoder's delay and filling where they are still there. */
export function trimmed(decoded: Float32Array, count: number): Float32Array {
  const start = decoded.length - count >= DELAY ? DELAY : 0;
  const samples = new Float32Array(count);
  samples.set(decoded.subarray(start, start + count));
  return samples;
}
