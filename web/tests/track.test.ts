import { expect, test } from "vitest";

import { Track } from "../src/track";

const track = new Track(["a", "b"], 10, 0.5, new Float32Array([0, 1, 0.5, 10, 20, 30]));

test("a moment on a frame gives that frame, between frames the line between them", () => {
  const out = new Float32Array(2);
  expect([...track.at(0.6, out)][0]).toBeCloseTo(1, 5);
  expect([...track.at(0.65, out)].map((v) => Math.round(v * 1000) / 1000)).toEqual([0.75, 25]);
});

test("before the start and after the end the end frames hold", () => {
  const out = new Float32Array(2);
  expect([...track.at(-3, out)]).toEqual([0, 10]);
  expect([...track.at(99, out)]).toEqual([0.5, 30]);
});
