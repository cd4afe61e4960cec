import { describe as group, expect, it } from "vitest";

import { contentOf, describe, normalised } from "../src/live/file_avatar";
import { Closures, Mouth, posture } from "../src/live/mouth";
import { Resampler } from "../src/live/resampler";

const ARTICULATORS = ["jaw", "aperture", "rounding", "spread", "labiodental", "sibilant", "seal", "rest", "tongue_tip", "tongue_body", "tongue_out"];
const CONFIG = { articulators: ARTICULATORS, channels: ["jawOpen", "mouthClose"], frame_rate: 50, delay_frames: 2, closing: 0.5, resting: 0.35 };
const REST = Object.fromEntries(ARTICULATORS.map((name) => [name, 0]));

group("the mouth", () => {
  it("shuts the lips for a full seal and opens the jaw for a vowel", () => {
    const shut = posture({ ...REST, jaw: 1, seal: 1 });
    expect(shut.jawOpen).toBeLessThan(0.1);
    expect(shut.mouthClose).toBeCloseTo(0.82 * shut.jawOpen, 6);
    expect(posture({ ...REST, jaw: 1, aperture: 1 }).jawOpen).toBeGreaterThan(0.4);
  });

  it("keeps lips closed for 40 ms and apart for 100 ms", () => {
    const closures = new Closures();
    expect([1, -5, -5, 1, 1, 1, 1, 1].map((logit) => closures.push(logit))).toEqual([true, true, false, false, false, false, false, true]);
  });

  it("gives frames at 60 Hz from 50 Hz, late by its delay and a neighbour", () => {
    const mouth = new Mouth(CONFIG);
    const frames = Array.from({ length: 53 }, () => mouth.push(new Float32Array(13).fill(0.2))).flat();
    expect(frames.length).toBe(59); // of 50 frames settled, the last at 0.98 s
    expect(frames[30].time).toBeCloseTo(0.5, 9);
    expect(frames[58].weights[0]).toBeGreaterThan(0.03);
  });
});

group("sound at another rate", () => {
  it("is the same sound, in any cut", () => {
    const tone = Float32Array.from({ length: 4800 }, (_, i) => Math.sin((2 * Math.PI * 440 * i) / 48_000));
    const whole = new Resampler(48_000, 16_000).push(tone);
    const cut = new Resampler(48_000, 16_000);
    const pieces = [100, 1700, 3000].map((size, k) => cut.push(tone.slice([0, 100, 1800][k], [0, 100, 1800][k] + size)));
    expect(pieces.flatMap((piece) => [...piece])).toEqual([...whole]);
    for (let i = 100; i < 1400; i++) expect(whole[i]).toBeCloseTo(Math.sin((2 * Math.PI * 440 * i) / 16_000), 2);
  });
});

group("a face that is dropped", () => {
  const shapes = (targetNames: string[]) => ({ extras: { targetNames }, primitives: [{ targets: targetNames }] });

  it("moves by ARKit's names, however they are spelt", () => {
    expect(normalised("Head.mouthSmile_L")).toBe("mouthsmileleft");
    const { nodes } = describe({ nodes: [{ mesh: 0 }], meshes: [shapes(["x", "blend1.JawOpen", "mouthSmile_L"])] }, ["jawOpen", "mouthSmileLeft"]);
    expect(nodes).toEqual([{ node: 0, rest: [0, 0, 0], drives: [["jawOpen", 1, 1], ["mouthSmileLeft", 2, 1]] }]);
  });

  it("moves by the expressions of a VRM", () => {
    const binds = [{ mesh: 0, index: 1, weight: 100 }];
    const extensions = { VRM: { blendShapeMaster: { blendShapeGroups: [{ presetName: "a", binds }, { presetName: "joy", binds }] } } };
    const found = describe({ nodes: [{ mesh: 0 }], meshes: [shapes(["p", "q"])], extensions }, ["jawOpen"]);
    expect(found.facing).toBe(Math.PI);
    expect(found.nodes[0].drives).toEqual([["aa", 1, 1]]);
  });

  it("says what is wrong", () => {
    expect(() => describe({ nodes: [{ mesh: 0 }], meshes: [shapes(["bulge"])] }, ["jawOpen"])).toThrow("none of its shapes");
    expect(() => contentOf(new ArrayBuffer(40))).toThrow("no .glb");
  });
});
