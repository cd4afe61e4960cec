import { expect, test } from "vitest";

import { fromBase64, inflate, parse, parseSentence, undoDifferences, VERSION } from "../src/payload";
import { build } from "./build";

function triangle(): ArrayBuffer {
  const listed: { name: string; kind: string; count: number }[] = [];
  const arrays: ArrayBufferView[] = [];
  const add = (name: string, kind: string, array: ArrayBufferView & { length: number }) => {
    listed.push({ name, kind, count: array.length });
    arrays.push(array);
  };
  add("motion", "i16", new Int16Array([8192, -4096, 0, 100]));
  add("template", "f32", new Float32Array([0, 0, 0, 1, 0, 0, 0, 1, 0]));
  add("triangles", "u16", new Uint16Array([0, 1, 2]));
  add("morphVertices", "u16", new Uint16Array([2, 0]));
  add("morphOffsets", "i16", new Int16Array([0, 100, 0, 0, 0, 7]));
  add("jointFollow", "u8", new Uint8Array([0, 128, 255]));
  add("openness", "u8", new Uint8Array([255, 255, 0]));
  add("tint", "u8", new Uint8Array([0, 0, 9]));
  add("colours", "u8", new Uint8Array(0));
  add("waveform", "i8", new Int8Array([-127, 127]));
  const header = {
    version: VERSION,
    title: "Grüße",
    duration: 0.05,
    motion: { channels: ["jawOpen", "headYaw"], frameRate: 40, start: 0, step: 1 / 8192 },
    rig: {
      name: "triangle",
      parts: [{ name: "skin", material: "skin", start: 0, count: 1 }],
      morphs: [
        { channel: "jawOpen", count: 1, step: 0.01 },
        { channel: "mouthClose", count: 1, step: 0.5 },
      ],
      joints: [{ name: "head", pivot: [0, 0, 0], turns: [["headYaw", 0, -1, 0]] }],
    },
    words: [["hi", 0, 0.05]],
    phones: [],
    waveformRate: 100,
    poses: { Visemes: { PP: { mouthClose: 0.1 } } },
    sections: listed,
  };
  return build(header, arrays);
}

test("sections come back with their types, values and order, wherever padding falls", () => {
  const clip = parse(triangle());
  expect(clip.title).toBe("Grüße");
  expect([...clip.motion.channel(0)]).toEqual([1, 0.5]);
  expect(clip.motion.channel(1)[1]).toBeCloseTo(100 / 8192, 6);
  expect([...clip.rig.morphs[0].vertices]).toEqual([2]);
  expect(clip.rig.morphs[0].offsets[1]).toBeCloseTo(1, 6);
  expect([...clip.rig.morphs[1].vertices]).toEqual([0]);
  expect(clip.rig.morphs[1].offsets[2]).toBeCloseTo(3.5, 6);
  expect([...clip.rig.joints[0].follow]).toEqual([0, 128, 255]);
  expect(clip.words).toEqual([{ label: "hi", start: 0, end: 0.05 }]);
  expect([...clip.waveform.peaks]).toEqual([-127, 127]);
});

test("a sentence has a motion for each row that speaks it, and a second waveform where a row is heard", () => {
  const motion = (frameRate: number) => ({ channels: ["jawOpen"], frameRate, start: 0, step: 1 / 8192 });
  const header = {
    version: VERSION,
    duration: 1,
    text: "pub",
    rows: [
      { row: 0, motion: motion(30), heard: false },
      { row: 4, motion: motion(60), heard: true },
    ],
    words: [],
    phones: [["p", 0, 0.1]],
    waveformRate: 100,
    sections: [
      { name: "motion 0", kind: "i16", count: 1 },
      { name: "motion 4", kind: "i16", count: 2 },
      { name: "waveform", kind: "i8", count: 2 },
      { name: "waveform 4", kind: "i8", count: 2 },
    ],
  };
  const arrays = [new Int16Array([8192]), new Int16Array([4096, 4096]), new Int8Array([-1, 2]), new Int8Array([-3, 4])];
  const sentence = parseSentence(build(header, arrays));
  expect([...sentence.motions.keys()]).toEqual([0, 4]);
  expect([...sentence.motions.get(0)!.values]).toEqual([1]);
  expect([...sentence.motions.get(4)!.values]).toEqual([0.5, 1]);
  expect(sentence.motions.get(4)!.frameRate).toBe(60);
  expect([...sentence.waveform.peaks]).toEqual([-1, 2]);
  expect([...sentence.waveforms].map(([row, { peaks }]) => [row, ...peaks])).toEqual([[4, -3, 4]]);
});

test("a clip of another version is refused in words", () => {
  expect(() => parse(build({ version: VERSION + 1, sections: [] }, []))).toThrow(`version ${VERSION}`);
});

test("differences wrap in sixteen bits as the writer's do", () => {
  const levels = [30000, -30000, 32767, -32768];
  const steps = Int16Array.from(levels, (level, i) => level - (i ? levels[i - 1] : 0));
  expect([...undoDifferences(steps, 1, 1)]).toEqual(levels);
});

test("base64 and zlib are undone", async () => {
  const stream = new Blob(["papa, mama, bubble"]).stream().pipeThrough(new CompressionStream("deflate"));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer());
  const bytes = await inflate(fromBase64(`\n${btoa(String.fromCharCode(...packed))}\n`));
  expect(new TextDecoder().decode(bytes)).toBe("papa, mama, bubble");
});
