import { expect, test } from "vitest";

import { VERSION, type RigData } from "../src/payload";
import { personFrom } from "../src/people";
import { build } from "./build";

/** Two triangles, the second of which is hair; jawOpen moves the first vertex. */
const own: RigData = {
  name: "head, one",
  template: Float32Array.from([0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 2, 0, 1, 2, 0, 0, 3, 0]),
  triangles: Uint16Array.from([0, 1, 2, 3, 4, 5]),
  parts: [
    { name: "skin", material: "skin", start: 0, count: 1 },
    { name: "hair", material: "hair", start: 1, count: 1 },
  ],
  morphs: [{ channel: "jawOpen", vertices: Uint16Array.from([0]), offsets: Float32Array.from([0, -1, 0]) }],
  joints: [{ name: "head", pivot: [0, 0, 0], turns: [["headYaw", 0, -1, 0]], follow: Uint8Array.from([9, 9, 9, 255, 255, 255]) }],
  openness: Uint8Array.from([200, 200, 200, 1, 1, 1]),
  tint: new Uint8Array(6),
  colours: new Uint8Array(18).fill(100),
};

test("a person keeps what both have, adds what differs, and brings other parts whole", () => {
  const listed: object[] = [];
  const arrays: ArrayBufferView[] = [];
  const add = (name: string, kind: string, array: ArrayBufferView & { length: number }) => {
    listed.push({ name, kind, count: array.length });
    arrays.push(array);
  };
  // hair of four vertices comes first: places as steps of 0.5, component after component, each from the vertex before
  add("places", "i16", Int16Array.from([0, 2, -2, 2, 0, 0, 0, 0, 0, 2, 4, 0, 0, 2, 0, 0, 0, 0, -1, 0, 0]));
  add("triangles", "u16", Uint16Array.from([0, 1, 1, 65535, 1, 1]));
  add("jointFollow", "u8", Uint8Array.from([255, 0, 0, 0, 0, 1, 0]));
  add("openness", "u8", Uint8Array.from([10, 0, 0, 256 - 5, 256 - 2, 0, 0]));
  add("tint", "u8", Uint8Array.from([0, 0, 0, 0, 7, 0, 0]));
  add("colours", "u8", new Uint8Array(21).fill(1));
  add("morphVertices", "u16", Uint16Array.from([4, 1, 6]));
  add("morphOffsets", "i16", Int16Array.from([0, 0, 1, 0, 0, 2, 4, 0, 0]));
  const header = {
    version: VERSION, name: "head, two", step: 0.5, coarse: { openness: 4 }, pivots: [[0, 1, 0]],
    parts: [
      { name: "hair", material: "hair", start: 0, count: 2, vertices: [0, 4], from: null },
      { name: "skin", material: "skin", start: 2, count: 1, vertices: [4, 3], from: [0, 0] },
    ],
    morphs: [{ channel: "jawOpen", count: 2 }, { channel: "cheekPuff", count: 1 }],
    sections: listed,
  }; // prettier-ignore
  const two = personFrom(own, build(header, arrays));
  expect([...two.template]).toEqual([0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 3, 0, 0, 0, -0.5, 1, 0, 0, 0, 2, 0]);
  expect([...two.triangles]).toEqual([0, 1, 2, 1, 2, 3, 4, 5, 6]);
  expect([...two.openness]).toEqual([40, 40, 40, 20, 192, 200, 200]);
  expect([...two.tint]).toEqual([0, 0, 0, 0, 7, 0, 0]);
  expect([...two.colours]).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, ...new Array<number>(9).fill(101)]);
  expect([...two.joints[0].follow]).toEqual([255, 255, 255, 255, 9, 10, 9]);
  expect(two.joints[0].pivot).toEqual([0, 1, 0]);
  const [jaw, puff] = two.morphs;
  expect([[...jaw.vertices], [...jaw.offsets]]).toEqual([[4, 5], [0, -0.5, 0, 0, 0, 1]]); // prettier-ignore
  expect([puff.channel, [...puff.vertices], [...puff.offsets]]).toEqual(["cheekPuff", [6], [2, 0, 0]]);
  expect([...own.template.subarray(0, 3)]).toEqual([0, 0, 0]);
});
