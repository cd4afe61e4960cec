// A face and its motion as a .glb file, laid out as src/utterface/formats/glb.py does: sparse morph targets that move
// positions only, colours a vertex, one primitive a material, a skin that turns the head.

import { computeNormals, rotation } from "./face";
import { surfaceOf } from "./materials";
import type { Joint, RigData } from "./payload";
import type { Track } from "./track";

type Json = Record<string, unknown>;
type Numbers = Float32Array | Uint16Array | Uint32Array | Uint8Array;

const LEAST_OFFSET = 2e-5; // metres
const SHADE = 0.75; // how much darker a vertex is that sees nothing of the sky
const TYPES = ["", "SCALAR", "VEC2", "VEC3", "VEC4"];
const [VERTICES, INDICES] = [34962, 34963]; // targets of buffer views

/** Accessors, their bytes, and everything else of a file. */
class Builder {
  readonly content: Record<string, Json[]> = { accessors: [], bufferViews: [] };
  private readonly chunks: Uint8Array[] = [];
  private length = 0;

  add(list: string, entry: Json): number {
    return (this.content[list] ??= []).push(entry) - 1;
  }

  view(values: Numbers, target?: number): number {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const view = this.add("bufferViews", { buffer: 0, byteOffset: this.length, byteLength: bytes.length, target });
    this.chunks.push(bytes, new Uint8Array(-bytes.length & 3));
    this.length += bytes.length + (-bytes.length & 3);
    return view;
  }

  accessor(values: Numbers, width: number, { target, normalized, bounded, matrix }: Options = {}): number {
    const bounds = bounded ? boundsOf(values, width) : {};
    const type = matrix ? "MAT4" : TYPES[width];
    const count = values.length / width;
    return this.add("accessors", { bufferView: this.view(values, target), componentType: componentOf(values), count, type, normalized, ...bounds });
  }

  /** Offsets (3 a vertex); rows not longer than `LEAST_OFFSET` take no space. */
  sparse(offsets: Float32Array): number {
    const rows: number[] = [];
    const kept = new Float32Array(offsets.length);
    for (let v = 0; v < offsets.length; v += 3) {
      const row = offsets.subarray(v, v + 3);
      if (Math.hypot(row[0], row[1], row[2]) <= LEAST_OFFSET) continue;
      rows.push(v / 3);
      kept.set(row, v);
    }
    const entry: Json = { componentType: 5126, count: offsets.length / 3, type: "VEC3", ...boundsOf(kept, 3) };
    if (rows.length) {
      const index = indices(rows, offsets.length / 3);
      const values = new Float32Array(3 * rows.length);
      rows.forEach((row, i) => values.set(kept.subarray(3 * row, 3 * row + 3), 3 * i));
      entry.sparse = {
        count: rows.length,
        indices: { bufferView: this.view(index), componentType: componentOf(index) },
        values: { bufferView: this.view(values) },
      };
    }
    return this.add("accessors", entry);
  }

  toBlob(): Blob {
    const header = { asset: { version: "2.0", generator: "utterface" }, scene: 0, buffers: [{ byteLength: this.length }] };
    const text = new TextEncoder().encode(JSON.stringify({ ...header, ...this.content }));
    const padding = new Uint8Array(-text.length & 3).fill(32);
    const size = text.length + padding.length;
    const words = (...values: number[]) => Uint32Array.from(values);
    const parts = [words(0x46546c67, 2, 28 + size + this.length, size, 0x4e4f534a), text, padding, words(this.length, 0x004e4942), ...this.chunks];
    return new Blob(parts as BlobPart[], { type: "model/gltf-binary" });
  }
}

interface Options {
  target?: number;
  normalized?: boolean;
  bounded?: boolean;
  matrix?: boolean;
}

function componentOf(values: Numbers): number {
  if (values instanceof Float32Array) return 5126;
  if (values instanceof Uint32Array) return 5125;
  return values instanceof Uint16Array ? 5123 : 5121;
}

/** Numbers of vertices, as small as `count` vertices allow. */
function indices(numbers: number[], count: number): Uint16Array | Uint32Array {
  return count <= 65_535 ? Uint16Array.from(numbers) : Uint32Array.from(numbers);
}

function boundsOf(values: Numbers, width: number): { min: number[]; max: number[] } {
  const [min, max] = [new Array<number>(width).fill(Infinity), new Array<number>(width).fill(-Infinity)];
  values.forEach((value, i) => {
    min[i % width] = Math.min(min[i % width], value);
    max[i % width] = Math.max(max[i % width], value);
  });
  return { min, max };
}

/** A face that moves; `change` may lay something over each frame. */
export function writeGlb(rig: RigData, motion: Track, change: (weights: Float32Array) => void = () => undefined): Blob {
  const gltf = new Builder();
  const heads = rig.joints.filter((joint) => joint.name === "head"); // the eyes turn by their targets
  const targets = targetsOf(rig);
  addMesh(gltf, rig, heads, targets);
  const nodes = heads.map((_, i) => i + 1);
  gltf.add("nodes", { name: "body", children: nodes.length ? nodes : undefined });
  for (const { name, pivot } of heads) gltf.add("nodes", { name, translation: pivot });
  const mesh = gltf.add("nodes", { name: rig.name, mesh: 0, skin: heads.length ? 0 : undefined });
  if (heads.length) {
    const inverse = new Float32Array(16 * (heads.length + 1));
    [null, ...heads].forEach((joint, i) => {
      for (let k = 0; k < 16; k += 5) inverse[16 * i + k] = 1;
      joint?.pivot.forEach((x, k) => (inverse[16 * i + 12 + k] = -x));
    });
    const inverseBindMatrices = gltf.accessor(inverse, 16, { matrix: true });
    gltf.add("skins", { joints: [0, ...nodes], skeleton: 0, inverseBindMatrices });
  }
  gltf.add("scenes", { nodes: [0, mesh] });
  addMotion(gltf, motion, [...targets.keys()], mesh, heads, change);
  return gltf.toBlob();
}

/** Channel → offsets of all vertices, 3 each. */
function targetsOf(rig: RigData): Map<string, Float32Array> {
  const targets = new Map<string, Float32Array>();
  const of = (channel: string): Float32Array => {
    let offsets = targets.get(channel);
    if (!offsets) targets.set(channel, (offsets = new Float32Array(rig.template.length)));
    return offsets;
  };
  for (const { channel, vertices, offsets } of rig.morphs) {
    const sum = of(channel);
    vertices.forEach((vertex, i) => sum.set(offsets.subarray(3 * i, 3 * i + 3), 3 * vertex));
  }
  for (const { name, pivot, turns, follow } of rig.joints) {
    if (name === "head") continue;
    for (const [channel, x, y, z] of turns) {
      const [sum, turn] = [of(channel), rotation(x, y, z)];
      follow.forEach((share, v) => {
        if (!share) return;
        const arm = [0, 1, 2].map((k) => rig.template[3 * v + k] - pivot[k]);
        for (let k = 0; k < 3; k++) {
          const turned = turn[3 * k] * arm[0] + turn[3 * k + 1] * arm[1] + turn[3 * k + 2] * arm[2];
          sum[3 * v + k] += (share / 255) * (turned - arm[k]);
        }
      });
    }
  }
  return targets;
}

function addMesh(gltf: Builder, rig: RigData, heads: Joint[], targets: Map<string, Float32Array>): void {
  const normals = new Float32Array(rig.template.length);
  computeNormals(rig.template, Uint32Array.from(rig.triangles, (vertex) => 3 * vertex), normals);
  const colours = coloursOf(rig);
  const primitives = [...byMaterial(rig)].map(([kind, corners]) => {
    const vertices = [...new Set(corners)].sort((a, b) => a - b);
    const place = new Map(vertices.map((vertex, i) => [vertex, i]));
    const taken = <T extends Float32Array | Uint16Array>(values: T, width: number, out: T): T => {
      vertices.forEach((vertex, i) => out.set(values.subarray(width * vertex, width * (vertex + 1)), width * i));
      return out;
    };
    const triples = (values: Float32Array) => taken(values, 3, new Float32Array(3 * vertices.length));
    const attributes: Record<string, number> = {
      POSITION: gltf.accessor(triples(rig.template), 3, { target: VERTICES, bounded: true }),
      NORMAL: gltf.accessor(triples(normals), 3, { target: VERTICES }),
      COLOR_0: gltf.accessor(taken(colours, 4, new Uint16Array(4 * vertices.length)), 4, { target: VERTICES, normalized: true }),
    };
    if (heads.length) {
      const [joints, shares] = [new Uint8Array(4 * vertices.length), new Uint8Array(4 * vertices.length)];
      vertices.forEach((vertex, i) => {
        const share = heads[0].follow[vertex];
        shares.set(share ? [share, 255 - share] : [255, 0], 4 * i);
        if (share) joints[4 * i] = 1;
      });
      attributes.JOINTS_0 = gltf.accessor(joints, 4, { target: VERTICES });
      attributes.WEIGHTS_0 = gltf.accessor(shares, 4, { target: VERTICES, normalized: true });
    }
    return {
      attributes,
      indices: gltf.accessor(indices(corners.map((vertex) => place.get(vertex)!), vertices.length), 1, { target: INDICES }),
      material: gltf.add("materials", surfaceOf(kind)),
      targets: [...targets.values()].map((offsets) => ({ POSITION: gltf.sparse(triples(offsets)) })),
    };
  });
  const names = [...targets.keys()];
  gltf.add("meshes", { name: rig.name, primitives, weights: names.map(() => 0), extras: { targetNames: names } });
}

function byMaterial(rig: RigData): Map<string, number[]> {
  const corners = new Map<string, number[]>();
  for (const { material, start, count } of rig.parts) {
    const list = corners.get(material) ?? [];
    for (let i = 3 * start; i < 3 * (start + count); i++) list.push(rig.triangles[i]);
    corners.set(material, list);
  }
  return corners;
}

/** Linear RGBA a vertex: its own colour, darker in hollows. */
function coloursOf(rig: RigData): Uint16Array {
  const out = new Uint16Array(4 * rig.openness.length).fill(65535);
  rig.openness.forEach((openness, v) => {
    const light = 1 - SHADE * (1 - openness / 255);
    for (let k = 0; k < 3; k++) out[4 * v + k] = Math.round(65535 * light * linear(rig.colours[3 * v + k] / 255));
  });
  return out;
}

const linear = (x: number): number => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);

function addMotion(gltf: Builder, motion: Track, names: string[], mesh: number, heads: Joint[], change: (weights: Float32Array) => void): void {
  const { frames, frameRate, start, channels } = motion;
  const times = Float32Array.from({ length: frames }, (_, frame) => start + frame / frameRate);
  const from = names.map((name) => channels.indexOf(name));
  const values = new Float32Array(frames * names.length);
  const turns = heads.map(() => new Float32Array(4 * frames));
  const weights = new Float32Array(channels.length);
  times.forEach((time, frame) => {
    change(motion.at(time, weights));
    from.forEach((c, i) => (values[frame * names.length + i] = c < 0 ? 0 : weights[c]));
    heads.forEach((joint, j) => turns[j].set(quaternion(anglesOf(joint, channels, weights)), 4 * frame));
  });
  const input = gltf.accessor(times, 1, { bounded: true });
  const samplers = [{ input, output: gltf.accessor(values, 1), interpolation: "LINEAR" }];
  const moved: Json[] = [{ sampler: 0, target: { node: mesh, path: "weights" } }];
  turns.forEach((values, j) => {
    samplers.push({ input, output: gltf.accessor(values, 4), interpolation: "LINEAR" });
    moved.push({ sampler: j + 1, target: { node: j + 1, path: "rotation" } });
  });
  gltf.add("animations", { name: "speech", samplers, channels: moved });
}

function anglesOf({ turns }: Joint, channels: string[], weights: Float32Array): number[] {
  const sum = [0, 0, 0];
  for (const [channel, ...axis] of turns) {
    const weight = weights[channels.indexOf(channel)] ?? 0;
    axis.forEach((share, k) => (sum[k] += share * weight));
  }
  return sum;
}

/** x, y, z, w of R_y · R_x · R_z for radians about x, y, z. */
export function quaternion([x, y, z]: number[]): number[] {
  const [sx, sy, sz] = [x, y, z].map((angle) => Math.sin(angle / 2));
  const [cx, cy, cz] = [x, y, z].map((angle) => Math.cos(angle / 2));
  return [
    cy * sx * cz + sy * cx * sz,
    sy * cx * cz - cy * sx * sz,
    cy * cx * sz - sy * sx * cz,
    cy * cx * cz + sy * sx * sz,
  ];
}
