import { expect, test } from "vitest";

import { toWav, trimmed } from "../src/wav";

test("a WAV file says how long it is and holds the samples, clipped", async () => {
  const bytes = await toWav(new Float32Array([0, 0.5, -1, 3]), 16000).arrayBuffer();
  const view = new DataView(bytes);
  const text = (at: number) => String.fromCharCode(...new Uint8Array(bytes, at, 4));
  expect([text(0), text(8), text(12), text(36)]).toEqual(["RIFF", "WAVE", "fmt ", "data"]);
  expect([view.getUint32(4, true), view.getUint32(24, true), view.getUint32(40, true)]).toEqual([44, 16000, 8]);
  expect([...new Int16Array(bytes.slice(44))]).toEqual([0, 16383, -32767, 32767]);
});

test("an encoder's delay that a browser left in is cut off, one that it took off is not", () => {
  const sound = Float32Array.from({ length: 4000 }, (_, i) => i);
  const late = new Float32Array(1105 + 4000 + 175);
  late.set(sound, 1105);
  expect([...trimmed(late, 4000)]).toEqual([...sound]);
  expect([...trimmed(sound, 4000)]).toEqual([...sound]);
  expect(trimmed(sound, 4100)).toHaveLength(4100);
});
