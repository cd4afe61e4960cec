import { BufferAttribute, DynamicDrawUsage } from "three";

import type { Joint, RigData } from "./payload";

/**
 * The face as vertices: weights in, positions and normals out, all on the CPU.
 *
 * A face needs its normals computed from where the skin really is (morph normals do not add up, and a smile is read
 * from its shading), and at ten thousand vertices that costs about a millisecond: less than uploading 52 morphs' worth
 * of normals would. Positions and normals are shared by the meshes of all parts.
 */
export class Face {
  /** Names of everything that moves this face: morphs first, then what turns its joints. */
  readonly channels: string[];
  readonly position: BufferAttribute;
  readonly normal: BufferAttribute;
  private readonly corners: Uint32Array;
  private readonly morphWeight: number[]; // where each morph's weight stands among the channels
  private readonly turnWeight: number[][]; // the same for each joint's turns
  private readonly posed: Float32Array;

  constructor(readonly rig: RigData) {
    const turning = rig.joints.flatMap((joint) => joint.turns.map(([channel]) => channel));
    this.channels = [...new Set([...rig.morphs.map((morph) => morph.channel), ...turning])];
    const place = (channel: string) => this.channels.indexOf(channel);
    this.morphWeight = rig.morphs.map((morph) => place(morph.channel));
    this.turnWeight = rig.joints.map((joint) => joint.turns.map(([channel]) => place(channel)));
    this.position = new BufferAttribute(rig.template.slice(), 3).setUsage(DynamicDrawUsage);
    this.normal = new BufferAttribute(new Float32Array(rig.template.length), 3).setUsage(DynamicDrawUsage);
    this.corners = cornersOf(rig);
    this.posed = new Float32Array(this.channels.length).fill(Number.NaN);
  }

  /** Move the face; `weights` in the order of `channels`. Returns whether anything changed. */
  pose(weights: Float32Array): boolean {
    if (weights.every((weight, c) => weight === this.posed[c])) return false;
    this.posed.set(weights);
    const xyz = this.position.array as Float32Array;
    xyz.set(this.rig.template);
    this.rig.morphs.forEach(({ vertices, offsets }, m) => {
      const weight = weights[this.morphWeight[m]];
      if (weight !== 0) addScaled(xyz, vertices, offsets, weight);
    });
    this.rig.joints.forEach((joint, j) => turn(xyz, joint, this.turnWeight[j], weights));
    computeNormals(xyz, this.corners, this.normal.array as Float32Array);
    this.position.needsUpdate = true;
    this.normal.needsUpdate = true;
    return true;
  }
}

const CORNERS = new WeakMap<RigData, Uint32Array>();

/** 3 × the vertex index of each triangle corner; the same array for all faces of a rig. */
function cornersOf(rig: RigData): Uint32Array {
  let corners = CORNERS.get(rig);
  if (!corners) {
    CORNERS.set(rig, (corners = new Uint32Array(rig.triangles)));
    for (let i = 0; i < corners.length; i++) corners[i] *= 3;
  }
  return corners;
}

function turn(xyz: Float32Array, joint: Joint, places: number[], weights: Float32Array): void {
  let x = 0;
  let y = 0;
  let z = 0;
  joint.turns.forEach(([, ax, ay, az], i) => {
    const weight = weights[places[i]];
    x += ax * weight;
    y += ay * weight;
    z += az * weight;
  });
  if (x !== 0 || y !== 0 || z !== 0) turnAbout(xyz, joint.pivot, joint.follow, rotation(x, y, z));
}

function addScaled(
  xyz: Float32Array,
  vertices: Uint16Array | Uint32Array,
  offsets: Float32Array,
  weight: number,
): void {
  for (let i = 0, j = 0; i < vertices.length; i++) {
    const v = 3 * vertices[i];
    xyz[v] += weight * offsets[j++];
    xyz[v + 1] += weight * offsets[j++];
    xyz[v + 2] += weight * offsets[j++];
  }
}

/** Row-major 3 × 3 matrix: roll about z first, then pitch about x, then yaw about y (radians). */
export function rotation(x: number, y: number, z: number): number[] {
  const [cx, sx, cy, sy, cz, sz] = [Math.cos(x), Math.sin(x), Math.cos(y), Math.sin(y), Math.cos(z), Math.sin(z)];
  return [
    cy * cz + sy * sx * sz, sy * sx * cz - cy * sz, sy * cx,
    cx * sz, cx * cz, -sx,
    cy * sx * sz - sy * cz, sy * sz + cy * sx * cz, cy * cx,
  ]; // prettier-ignore
}

function turnAbout(xyz: Float32Array, pivot: number[], follow: Uint8Array, m: number[]): void {
  const [px, py, pz] = pivot;
  for (let i = 0, v = 0; i < follow.length; i++, v += 3) {
    const share = follow[i] / 255;
    if (share === 0) continue;
    const x = xyz[v] - px;
    const y = xyz[v + 1] - py;
    const z = xyz[v + 2] - pz;
    xyz[v] += share * (m[0] * x + m[1] * y + m[2] * z - x);
    xyz[v + 1] += share * (m[3] * x + m[4] * y + m[5] * z - y);
    xyz[v + 2] += share * (m[6] * x + m[7] * y + m[8] * z - z);
  }
}

/** Area-weighted vertex normals. `corners` holds 3 × the vertex index of each triangle corner. */
export function computeNormals(xyz: Float32Array, corners: Uint32Array, out: Float32Array): void {
  out.fill(0);
  for (let t = 0; t < corners.length; t += 3) {
    const a = corners[t];
    const b = corners[t + 1];
    const c = corners[t + 2];
    const ux = xyz[b] - xyz[a];
    const uy = xyz[b + 1] - xyz[a + 1];
    const uz = xyz[b + 2] - xyz[a + 2];
    const vx = xyz[c] - xyz[a];
    const vy = xyz[c + 1] - xyz[a + 1];
    const vz = xyz[c + 2] - xyz[a + 2];
    const nx = uy * vz - uz * vy;
    const ny = uz * vx - ux * vz;
    const nz = ux * vy - uy * vx;
    out[a] += nx;
    out[a + 1] += ny;
    out[a + 2] += nz;
    out[b] += nx;
    out[b + 1] += ny;
    out[b + 2] += nz;
    out[c] += nx;
    out[c + 1] += ny;
    out[c + 2] += nz;
  }
  for (let v = 0; v < out.length; v += 3) {
    const scale = 1 / (Math.sqrt(out[v] * out[v] + out[v + 1] * out[v + 1] + out[v + 2] * out[v + 2]) || 1);
    out[v] *= scale;
    out[v + 1] *= scale;
    out[v + 2] *= scale;
  }
}
