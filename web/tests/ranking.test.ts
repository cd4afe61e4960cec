import { expect, test } from "vitest";

import { Track } from "../src/track";
import { groupOf } from "../src/ui/pose";
import { mirrored, strongest } from "../src/ui/ranking";

const channels = ["jawOpen", "mouthSmileLeft", "mouthSmileRight", "cheekPuff", "leftEyeYaw", "headYaw"];
const rows = [
  [0, 1, 0, 1], // jawOpen
  [0, 0.5, 0.5, 0], // smile, both sides alike
  [0, 0.48, 0.5, 0],
  [0.7, 0.7, 0.7, 0.7], // held: strong but still
  [0, 0.6, 0, 0.6], // repeats the gaze weights
  [0, 0.3, 0, 0.3],
];
const track = new Track(channels, 10, 0, new Float32Array(rows.flat()));

test("the curves that move most come first, sides that move alike as one", () => {
  expect(strongest(track, 9).map((curve) => curve.name)).toEqual(["jawOpen", "headYaw", "mouthSmile"]);
  expect(strongest(track, 1)[0].peak).toBe(1);
});

test("every side has its mirror image, twice mirrored is where it was", () => {
  expect(mirrored("eyeBlinkLeft")).toBe("eyeBlinkRight");
  expect(mirrored("jawOpen")).toBe("jawOpen");
  for (const channel of channels) expect(mirrored(mirrored(channel))).toBe(channel);
});

test("every channel but the eye angles has a slider group", () => {
  expect(groupOf("tongueOut")).toBe("Jaw and tongue");
  expect(groupOf("leftEyeYaw")).toBeNull();
  expect(groupOf("eyeLookInLeft")).toBe("Eyes");
});
