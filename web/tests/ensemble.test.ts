import { expect, test } from "vitest";

import { Silence } from "../src/clock";
import { Ensemble, type Shelf } from "../src/ensemble";
import type { ComparisonData, RigData, SentenceData } from "../src/payload";
import { Track } from "../src/track";

const rig: RigData = {
  name: "triangle",
  template: new Float32Array([0, 0, 0, 1, 0, 0, 0, 1, 0]),
  triangles: new Uint16Array([0, 1, 2]),
  parts: [{ name: "skin", material: "skin", start: 0, count: 1 }],
  morphs: [{ channel: "jawOpen", vertices: new Uint16Array([2]), offsets: new Float32Array([0, 1, 0]) }],
  joints: [],
  openness: new Uint8Array(3),
  tint: new Uint8Array(3),
  colours: new Uint8Array(0),
};
const comparison: ComparisonData = { title: "t", rig, rows: ["a", "b", "c"], shown: [0, 1], sentences: ["one", "two"] };
const wave = (level: number) => ({ rate: 100, peaks: new Int8Array([-level, level]) });

function sentence(motions: [number, number[]][], heard: number[] = []): SentenceData {
  return {
    duration: 2,
    text: "",
    motions: new Map(motions.map(([row, jaw]) => [row, new Track(["jawOpen"], 10 * (row + 1), 0, new Float32Array(jaw))])),
    words: [],
    phones: [],
    waveform: wave(1),
    waveforms: new Map(heard.map((row) => [row, wave(10 + row)])),
  };
}

/** Two sentences; row c is missing in the first, row b has a sound of its own in both, row a in the first. */
function shelf(): Shelf & { opened: string[] } {
  const sentences = [
    sentence([[0, [0, 1]], [1, [1, 0]]], [0, 1]),
    sentence([[0, [0.5, 0.5]], [1, [0.25, 0.25]], [2, [1, 1]]], [1]),
  ];
  const opened: string[] = [];
  return {
    opened,
    sentence: async (number) => sentences[number],
    async sound(number, row, duration) {
      opened.push(`${number}/${row}`);
      return new Silence(duration);
    },
  };
}

const jaws = (ensemble: Ensemble) => ensemble.visible.map((row) => row.follower!.weights[0]);

test("every face shows its own motion at the same moment", async () => {
  const ensemble = await Ensemble.open(comparison, shelf());
  ensemble.seek(0.05);
  expect(ensemble.update()).toBe(true);
  expect(ensemble.time).toBe(0.05);
  expect(jaws(ensemble)).toEqual([0.5, 0]); // ten and twenty frames a second
  expect(ensemble.rows[0].face.position.array[3 * 2 + 1]).toBeCloseTo(1.5);
  expect(ensemble.update()).toBe(false);
});

test("faces are shown and hidden; one that comes takes a colour nobody has", async () => {
  const ensemble = await Ensemble.open(comparison, shelf());
  expect(ensemble.visible.map((row) => [row.name, row.ink])).toEqual([["a", 0], ["b", 1]]);
  ensemble.show(0, false);
  ensemble.show(2, true);
  expect(ensemble.visible.map((row) => row.name)).toEqual(["b"]); // the sentence has no c
  expect(ensemble.rows[2].ink).toBe(0);
  await ensemble.choose(1);
  expect(ensemble.visible.map((row) => row.name)).toEqual(["b", "c"]);
});

test("another sentence starts at its beginning, goes on playing and keeps its speed and its faces", async () => {
  const ensemble = await Ensemble.open(comparison, shelf());
  const { media } = ensemble;
  const faces = ensemble.rows.map((row) => row.face);
  media.playbackRate = 0.5;
  await ensemble.play();
  ensemble.seek(1.5);
  await ensemble.choose(1);
  expect(media.paused).toBe(true);
  expect([ensemble.playing, ensemble.media.playbackRate]).toEqual([true, 0.5]);
  expect(ensemble.media.currentTime).toBeLessThan(0.5);
  ensemble.update();
  expect(jaws(ensemble)).toEqual([0.5, 0.25]);
  expect(ensemble.rows.map((row) => row.face)).toEqual(faces);
  ensemble.pause();
});

test("a row is heard from the moment on, shows its own waveform, and is left where it has no sound", async () => {
  const kept = shelf();
  const ensemble = await Ensemble.open(comparison, kept);
  ensemble.seek(1.25);
  await ensemble.hear(0);
  expect(ensemble.media.currentTime).toBe(1.25);
  expect(ensemble.recording.waveform.peaks[1]).toBe(10);
  await ensemble.choose(1); // no sound of row a here
  expect([ensemble.hearing, ensemble.recording.waveform.peaks[1]]).toEqual([null, 1]);
  await ensemble.hear(1);
  await ensemble.choose(0);
  expect([ensemble.hearing, ensemble.recording.waveform.peaks[1]]).toEqual([1, 11]);
  expect(kept.opened).toEqual(["0/null", "0/0", "1/null", "1/1", "0/1"]);
});

test("of two wishes the last one holds, however long the first takes", async () => {
  const kept = shelf();
  const ensemble = await Ensemble.open(comparison, kept);
  let release = () => {};
  const slow = new Promise<void>((resolve) => (release = resolve));
  const { sound } = kept;
  kept.sound = async (number, row, duration) => {
    if (number === 1) await slow;
    return sound(number, row, duration);
  };
  const first = ensemble.choose(1);
  const second = ensemble.choose(0);
  await second;
  release();
  await first;
  expect(ensemble.sentence).toBe(0);
  expect(ensemble.data.motions.size).toBe(2);
});

test("a row asked for while a sentence is still on its way is heard in that sentence", async () => {
  const ensemble = await Ensemble.open(comparison, shelf());
  await Promise.all([ensemble.choose(1), ensemble.hear(1)]);
  expect([ensemble.sentence, ensemble.hearing]).toEqual([1, 1]);
});

test("a step is a frame of the finest motion", async () => {
  const ensemble = await Ensemble.open(comparison, shelf());
  ensemble.step(3);
  expect(ensemble.media.currentTime).toBeCloseTo(3 / 20);
});
