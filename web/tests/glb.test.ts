import { expect, test } from "vitest";

import { rotation } from "../src/face";
import { quaternion, writeGlb } from "../src/glb";
import type { RigData } from "../src/payload";
import { Track } from "../src/track";

const rig: RigData = {
  name: "a face",
  template: Float32Array.from([0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 0, 1, 1]),
  triangles: Uint16Array.from([0, 1, 2, 3, 4, 5]),
  parts: [
    { name: "skin", material: "skin", start: 0, count: 1 },
    { name: "sclera", material: "sclera", start: 1, count: 1 },
  ],
  morphs: [{ channel: "jawOpen", vertices: Uint16Array.from([1]), offsets: Float32Array.from([0, -0.5, 0]) }],
  joints: [
    { name: "leftEye", pivot: [0, 0, 1], turns: [["eyeLookUpLeft", -Math.PI / 2, 0, 0]], follow: Uint8Array.from([0, 0, 0, 255, 255, 255]) },
    { name: "head", pivot: [0, -1, 0], turns: [["headYaw", 0, -1, 0]], follow: Uint8Array.from([0, 51, 255, 255, 255, 255]) },
  ],
  openness: new Uint8Array(6).fill(255),
  tint: new Uint8Array(6),
  colours: new Uint8Array(18).fill(255),
};

async function parts(blob: Blob) {
  const data = new DataView(await blob.arrayBuffer());
  const size = data.getUint32(12, true);
  const json = JSON.parse(new TextDecoder().decode(new Uint8Array(data.buffer, 20, size)));
  const values = (accessor: number, count: number): number[] => {
    const { byteOffset } = json.bufferViews[json.accessors[accessor].bufferView];
    return Array.from({ length: count }, (_, i) => data.getFloat32(28 + size + byteOffset + 4 * i, true));
  };
  return { data, json, values };
}

test("a .glb has the targets by name, the eyes' turns among them, and the motion with what is laid over it", async () => {
  const motion = new Track(["headYaw", "jawOpen", "eyeLookUpLeft"], 10, 0, Float32Array.from([0, 0.4, 0.1, 0.2, 0, 1]));
  const { data, json, values } = await parts(writeGlb(rig, motion, (weights) => (weights[1] *= 2)));
  expect([data.getUint32(0, true), data.getUint32(4, true), data.getUint32(8, true)]).toEqual([0x46546c67, 2, data.byteLength]);
  const [mesh] = json.meshes;
  expect(mesh.extras.targetNames).toEqual(["jawOpen", "eyeLookUpLeft"]);
  expect(mesh.primitives.map((each: { material: number }) => json.materials[each.material].name)).toEqual(["skin", "sclera"]);
  const look = json.accessors[mesh.primitives[1].targets[1].POSITION];
  expect(look.sparse.count).toBe(1); // (0, 1, 1) goes to (0, 0, 0); what lies on the axis stays
  expect([look.min.map(Math.round), look.max.map(Math.round)]).toEqual([[0, -1, -1], [0, 0, 0]]); // prettier-ignore
  expect(json.accessors[mesh.primitives[1].targets[0].POSITION].sparse).toBeUndefined();
  const [animation] = json.animations;
  const weights = values(animation.samplers[0].output, 4);
  [0.2, 0, 0.4, 1].forEach((weight, i) => expect(weights[i]).toBeCloseTo(weight, 6));
  const turns = values(animation.samplers[1].output, 8);
  [0, 0, 0, 1, 0, -Math.sin(0.2), 0, Math.cos(0.2)].forEach((x, i) => expect(turns[i]).toBeCloseTo(x, 6));
  expect(json.skins[0].joints).toEqual([0, 1]);
});

test("a quaternion turns as the page does", () => {
  const angles = [0.3, -0.5, 0.2];
  const [x, y, z, w] = quaternion(angles);
  const matrix = rotation(angles[0], angles[1], angles[2]);
  expect(1 - 2 * (y * y + z * z)).toBeCloseTo(matrix[0], 6);
  expect(2 * (x * y + z * w)).toBeCloseTo(matrix[3], 6);
  expect(2 * (y * z - x * w)).toBeCloseTo(matrix[5], 6);
});
