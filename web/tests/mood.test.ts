import { describe, expect, it } from "vitest";

import { Mood } from "../src/mood";

const CHANNELS = ["jawOpen", "mouthClose", "mouthUpperUpLeft", "noseSneerLeft", "mouthShrugLower", "browDownLeft"];
const GAP = { jawOpen: 26.8, mouthClose: -35.8, mouthUpperUpLeft: 3.4, noseSneerLeft: 3.1, mouthShrugLower: -6.1 };
const DISGUST = { mouthUpperUpLeft: 0.5, noseSneerLeft: 1, browDownLeft: 0.4 };

function mood(): Mood {
  const made = new Mood(CHANNELS, { neutral: {}, disgust: DISGUST }, GAP);
  Object.assign(made, { emotion: "disgust", intensity: 1 });
  return made;
}

const gapOf = (weights: Float32Array) => CHANNELS.reduce((sum, name, c) => sum + weights[c] * (GAP[name as keyof typeof GAP] ?? 0), 0);

describe("a mood over a motion", () => {
  it("leaves the motion alone where nothing is chosen", () => {
    const weights = Float32Array.from([0.3, 0, 0.1, 0, 0, 0]);
    new Mood(CHANNELS, { disgust: DISGUST }, GAP).over(weights);
    expect([...weights]).toEqual([...Float32Array.from([0.3, 0, 0.1, 0, 0, 0])]);
  });

  it("shows whole on open lips and does not part closed ones", () => {
    const open = Float32Array.from([0.4, 0, 0, 0, 0, 0]);
    mood().over(open);
    expect([open[2], open[3], open[5]]).toEqual([0.5, 1, Math.fround(0.4)]);
    const closed = Float32Array.from([0.05, 0.041, 0, 0, 0, 0]);
    const before = gapOf(closed);
    mood().over(closed);
    expect(closed[5]).toBeCloseTo(0.4);
    expect(Math.abs(gapOf(closed) - before)).toBeLessThan(0.7);
  });

  it("scales the mouth by the strength, so that lips that touch go on touching", () => {
    const weights = Float32Array.from([0.2, 0.164, 0, 0.5, 0, 0.5]);
    Object.assign(new Mood(CHANNELS, {}, GAP), { strength: 2 }).over(weights);
    expect(weights[0]).toBeCloseTo(0.4);
    expect(weights[1] / weights[0]).toBeCloseTo(0.82);
    expect([weights[3], weights[5]]).toEqual([0.5, 0.5]);
  });
});
