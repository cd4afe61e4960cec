// Other people's faces on the page, each as what differs from the page's own. The other side is
// src/utterface/pages/people.py.

import { readEmbedded } from "./embedded";
import { open, type Header, type Morph, type Part, type RigData } from "./payload";

interface PersonHeader extends Header {
  name: string;
  step: number;
  /** Steps of bytes, by section; 1 where absent. */
  coarse: Record<string, number>;
  /** `vertices`: the first and how many; `from`: first triangle and first vertex of the same part of the page's face. */
  parts: (Part & { vertices: [number, number]; from: [number, number] | null })[];
  morphs: { channel: string; count: number }[];
  pivots: [number, number, number][];
}

const ELEMENT = "utterface-face-"; // and the name: script elements with a person each

/** The faces that a page can show. */
export class People {
  /** The page's own first. */
  readonly names: string[];
  /** Who is shown. */
  shown: string;
  private readonly known: Map<string, RigData>;

  constructor(private readonly own: RigData) {
    const elements = [...document.querySelectorAll(`script[id^="${ELEMENT}"]`)];
    const name = own.name.split(", ").at(-1)!;
    this.names = [name, ...elements.map(({ id }) => id.slice(ELEMENT.length))];
    this.known = new Map([[name, own]]);
    this.shown = name;
  }

  async rig(name: string): Promise<RigData> {
    const known = this.known.get(name);
    if (known) return known;
    const rig = personFrom(this.own, await readEmbedded(ELEMENT + name));
    this.known.set(name, rig);
    return rig;
  }
}

/** A person's face, made of the page's own and what differs. */
export function personFrom(own: RigData, buffer: ArrayBuffer): RigData {
  const [header, section] = open<PersonHeader>(buffer);
  const [first, count] = header.parts.at(-1)!.vertices;
  const from = new Int32Array(first + count).fill(-1); // vertices of the page's own face
  for (const { vertices, from: origin } of header.parts) {
    if (origin) for (let i = 0; i < vertices[1]; i++) from[vertices[0] + i] = origin[1] + i;
  }
  const bytes = (name: string, known: Uint8Array, width = 1) =>
    added(new Uint8Array(width * from.length), section<Uint8Array>(name), from, known, header.coarse[name] ?? 1);
  const [openness, tint, colours] = [bytes("openness", own.openness), bytes("tint", own.tint), bytes("colours", own.colours, 3)];
  const follow = section<Uint8Array>("jointFollow");
  return {
    name: header.name,
    template: added(new Float32Array(3 * from.length), section<Int16Array>("places"), from, own.template, header.step),
    triangles: trianglesOf(own, header, section("triangles")),
    parts: header.parts,
    morphs: morphsOf(own, header, from, section("morphVertices"), section("morphOffsets")),
    joints: own.joints.map((joint, j) => {
      const differences = follow.subarray(j * from.length, (j + 1) * from.length);
      const own = added(new Uint8Array(from.length), differences, from, joint.follow, 1);
      return { ...joint, pivot: header.pivots[j], follow: own };
    }),
    openness,
    tint,
    colours,
  };
}

/**
 * Values a vertex, filled into `out`: differences to the page's own face where it has the vertex, else to the vertex
 * before that it has not either. Differences lie component after component.
 */
function added<T extends Float32Array | Uint8Array>(
  out: T,
  differences: Int16Array | Uint8Array,
  from: Int32Array,
  own: T,
  step: number,
): T {
  const width = out.length / from.length;
  for (let k = 0, d = 0; k < width; k++) {
    let level = 0;
    for (let v = 0; v < from.length; v++, d++) {
      if (from[v] >= 0) out[width * v + k] = own[width * from[v] + k] + step * differences[d];
      else out[width * v + k] = step * (level += differences[d]); // bytes wrap on both sides alike
    }
  }
  return out;
}

function trianglesOf(own: RigData, { parts }: PersonHeader, steps: Uint16Array): Uint16Array {
  const out = new Uint16Array(3 * parts.reduce((sum, part) => sum + part.count, 0));
  let at = 0;
  let corner = 0;
  for (const { start, count, vertices, from } of parts) {
    for (let i = 0; i < 3 * count; i++) {
      if (!from) corner = (corner + steps[at++]) & 0xffff;
      out[3 * start + i] = from ? own.triangles[3 * from[0] + i] - from[1] + vertices[0] : corner;
    }
  }
  return out;
}

function morphsOf(own: RigData, header: PersonHeader, from: Int32Array, touched: Uint16Array, differences: Int16Array): Morph[] {
  const to = new Int32Array(own.template.length / 3).fill(-1);
  from.forEach((vertex, v) => vertex >= 0 && (to[vertex] = v));
  const rows = new Map<string, { at: number; count: number }>();
  let next = 0;
  for (const { channel, count } of header.morphs) {
    rows.set(channel, { at: next, count });
    next += count;
  }
  const known = new Map(own.morphs.map((morph) => [morph.channel, morph]));
  const sum = new Float32Array(3 * from.length);
  return [...new Set([...known.keys(), ...rows.keys()])].map((channel) => {
    sum.fill(0);
    const moved: number[] = [];
    known.get(channel)?.vertices.forEach((vertex, i) => {
      const v = to[vertex];
      if (v < 0) return;
      moved.push(v);
      for (let k = 0; k < 3; k++) sum[3 * v + k] = known.get(channel)!.offsets[3 * i + k];
    });
    const { at, count } = rows.get(channel) ?? { at: 0, count: 0 };
    let v = 0;
    for (let i = 0; i < count; i++) {
      v += touched[at + i];
      moved.push(v);
      for (let k = 0; k < 3; k++) sum[3 * v + k] += header.step * differences[3 * at + k * count + i];
    }
    const vertices = Uint32Array.from(new Set(moved));
    const offsets = new Float32Array(3 * vertices.length);
    vertices.forEach((vertex, i) => offsets.set(sum.subarray(3 * vertex, 3 * vertex + 3), 3 * i));
    return { channel, vertices, offsets };
  });
}
