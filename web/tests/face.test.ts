import { expect, test } from "vitest";

import { computeNormals, Face, rotation } from "../src/face";
import type { RigData } from "../src/payload";

/** A square in the plane z = 0, of two triangles, that a morph lifts and a joint turns. */
function square(): RigData {
  return {
    name: "square",
    template: new Float32Array([0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0]),
    triangles: new Uint16Array([0, 1, 2, 0, 2, 3]),
    parts: [{ name: "skin", material: "skin", start: 0, count: 2 }],
    morphs: [
      { channel: "lift", vertices: new Uint16Array([2]), offsets: new Float32Array([0, 0, 0.5]) },
      { channel: "slide", vertices: new Uint16Array([0, 2]), offsets: new Float32Array([1, 0, 0, 1, 0, 0]) },
    ],
    joints: [
      { name: "hinge", pivot: [0, 0, 0], turns: [["yaw", 0, -1, 0]], follow: new Uint8Array([255, 255, 255, 0]) },
    ],
    openness: new Uint8Array(4),
    tint: new Uint8Array(4),
    colours: new Uint8Array(0),
  };
}

const rounded = (values: ArrayLike<number>) => Array.from(values, (value) => Math.round(value * 1e4) / 1e4 + 0);

test("morphs add up, and going back to rest leaves nothing behind", () => {
  const face = new Face(square());
  expect(face.channels).toEqual(["lift", "slide", "yaw"]);
  expect(face.pose(new Float32Array([0.5, 0.1, 0]))).toBe(true);
  expect(rounded(face.position.array)).toEqual([0.1, 0, 0, 1, 0, 0, 1.1, 1, 0.25, 0, 1, 0]);
  expect(face.pose(new Float32Array([0.5, 0.1, 0]))).toBe(false);
  face.pose(new Float32Array(3));
  expect([...face.position.array]).toEqual([...square().template]);
});

test("normals follow the moved skin and have unit length", () => {
  const face = new Face(square());
  face.pose(new Float32Array(3));
  expect(rounded(face.normal.array).slice(0, 3)).toEqual([0, 0, 1]);
  face.pose(new Float32Array([1, 0, 0]));
  const normals = face.normal.array;
  for (let v = 0; v < 12; v += 3) expect(Math.hypot(normals[v], normals[v + 1], normals[v + 2])).toBeCloseTo(1, 5);
  expect(normals[3 * 2]).toBeLessThan(-0.1);
});

test("a joint turns what follows it and nothing else; + yaw turns +X to +Z, the subject's right", () => {
  const face = new Face(square());
  face.pose(new Float32Array([0, 0, Math.PI / 2]));
  expect(rounded(face.position.array)).toEqual([0, 0, 0, 0, 0, 1, 0, 1, 1, 0, 1, 0]);
});

test("angles compose roll first, pitch next, yaw last", () => {
  const apply = (m: number[], [x, y, z]: number[]) => [0, 3, 6].map((r) => m[r] * x + m[r + 1] * y + m[r + 2] * z);
  const quarter = Math.PI / 2;
  expect(rounded(apply(rotation(quarter, quarter, 0), [0, 1, 0]))).toEqual([1, 0, 0]);
  expect(rounded(apply(rotation(quarter, 0, quarter), [1, 0, 0]))).toEqual([0, 0, 1]);
});

test("a triangle without area does not poison its neighbours' normals", () => {
  const out = new Float32Array(9);
  computeNormals(new Float32Array(9), new Uint32Array([0, 3, 6]), out);
  expect([...out].every(Number.isFinite)).toBe(true);
});
