import { describe, expect, it } from "vitest";

import { readTake, writeTake } from "../src/livelink";
import { Track } from "../src/track";

const CHANNELS = ["jawLeft", "jawRight", "jawOpen"];

describe("Live Link takes", () => {
  it("come back as they were written", () => {
    const motion = new Track(CHANNELS, 60, 0, Float32Array.from([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]));
    const text = writeTake(motion);
    expect(text.split("\n")[0]).toBe("Timecode,BlendShapeCount,JawRight,JawLeft,JawOpen");
    expect(text.split("\n")[2]).toMatch(/^00:00:00:01\.000,3,0\.4/);
    const back = readTake(text, CHANNELS);
    expect(back.frameRate).toBeCloseTo(60, 3);
    expect([...back.values]).toEqual([...motion.values]);
  });

  it("have their channels by name, whatever the case, and none that they lack", () => {
    const back = readTake("\ufeffTimecode,JAWOPEN\r\n01:00:00:00.000,0.5\r\n01:00:00:02.000,1\r\n", CHANNELS);
    expect(back.frameRate).toBeCloseTo(30, 3);
    expect([...back.values]).toEqual([0, 0, 0, 0, 0.5, 1]);
  });

  it.each(["", "a,b\n1,2\n3,4", "Timecode,JawOpen\n00:00:00:00.000,1"])("are refused where they are none", (text) => {
    expect(() => readTake(text, CHANNELS)).toThrow(/Live Link/);
  });
});
