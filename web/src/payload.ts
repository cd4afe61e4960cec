// What the page plays, unpacked. The other side of this contract is src/utterface/export/payload.py.
//
// The bytes are one zlib stream, in base64: a uint32 with the length of a JSON header, the header, then the sections
// that the header lists, in order, each starting at a multiple of four bytes from the start.

import { Track } from "./track";

/** A stretch of time with a name: a word or a phone. Seconds. */
export interface Span {
  label: string;
  start: number;
  end: number;
}

/** A run of triangles with one material. `start` and `count` count triangles. */
export interface Part {
  name: string;
  material: string;
  start: number;
  count: number;
}

/** Where one channel at weight 1 moves the vertices that it touches: xyz metres, one after the other. */
export interface Morph {
  channel: string;
  vertices: Uint16Array | Uint32Array;
  offsets: Float32Array;
}

/** Vertices that turn rigidly about a pivot, after the morphs; `turns` gives radians about x, y, z per unit of a channel. */
export interface Joint {
  name: string;
  pivot: [number, number, number];
  turns: [channel: string, x: number, y: number, z: number][];
  /** How much of the turn each vertex follows, 0…255. */
  follow: Uint8Array;
}

export interface RigData {
  name: string;
  template: Float32Array;
  triangles: Uint16Array | Uint32Array;
  parts: Part[];
  morphs: Morph[];
  joints: Joint[];
  /** Per-vertex shading: openness to the sky (255 = free) and lip colour (255 = lip). */
  openness: Uint8Array;
  tint: Uint8Array;
}

/** Loudest and quietest sample of each slice of the sound, -127…127, interleaved low, high. */
export interface Waveform {
  rate: number;
  peaks: Int8Array;
}

/** Whole faces by name, in groups: visemes, emotions. Channel → weight; what is not named rests. */
export type Poses = Record<string, Record<string, Record<string, number>>>;

export interface ClipData {
  title: string;
  duration: number;
  motion: Track;
  rig: RigData;
  words: Span[];
  phones: Span[];
  waveform: Waveform;
  poses: Poses;
}

const ARRAYS = {
  f32: Float32Array,
  i16: Int16Array,
  u16: Uint16Array,
  u32: Uint32Array,
  i8: Int8Array,
  u8: Uint8Array,
} as const;

type Kind = keyof typeof ARRAYS;
type SpanRow = [label: string, start: number, end: number];

interface Header {
  version: number;
  title: string;
  duration: number;
  motion: { channels: string[]; frameRate: number; start: number; step: number };
  rig: {
    name: string;
    parts: Part[];
    morphs: { channel: string; count: number; step: number }[];
    joints: { name: string; pivot: [number, number, number]; turns: Joint["turns"] }[];
  };
  words: SpanRow[];
  phones: SpanRow[];
  waveformRate: number;
  poses: Poses;
  sections: { name: string; kind: Kind; count: number }[];
}

export const VERSION = 1;

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.trim());
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

export async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

/** Undo first differences along time, channel after channel; int16 wraps on both sides alike. */
export function undoDifferences(steps: Int16Array, channels: number, step: number): Float32Array {
  const frames = channels ? steps.length / channels : 0;
  const values = new Float32Array(steps.length);
  for (let c = 0; c < channels; c++) {
    let level = 0;
    for (let t = 0; t < frames; t++) {
      level = ((level + steps[c * frames + t]) << 16) >> 16;
      values[c * frames + t] = level * step;
    }
  }
  return values;
}

/** Read the unpacked bytes. Throws where they are not what this version of the page knows. */
export function parse(buffer: ArrayBuffer): ClipData {
  const headerLength = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, headerLength))) as Header;
  if (header.version !== VERSION) throw new Error(`this page plays version ${VERSION}, the clip is ${header.version}`);

  const sections = new Map<string, InstanceType<(typeof ARRAYS)[Kind]>>();
  let at = align(4 + headerLength);
  for (const { name, kind, count } of header.sections) {
    const array = new ARRAYS[kind](buffer, at, count);
    sections.set(name, array);
    at = align(at + array.byteLength);
  }
  const section = <T>(name: string): T => {
    const found = sections.get(name);
    if (!found) throw new Error(`the clip has no section ${name}`);
    return found as T;
  };

  const { channels, frameRate, start, step } = header.motion;
  const values = undoDifferences(section<Int16Array>("motion"), channels.length, step);
  return {
    title: header.title,
    duration: header.duration,
    motion: new Track(channels, frameRate, start, values),
    rig: rigFrom(header, section),
    words: header.words.map(spanFrom),
    phones: header.phones.map(spanFrom),
    waveform: { rate: header.waveformRate, peaks: section<Int8Array>("waveform") },
    poses: header.poses,
  };
}

function rigFrom(header: Header, section: <T>(name: string) => T): RigData {
  const template = section<Float32Array>("template");
  const vertices = template.length / 3;
  const touched = section<Uint16Array | Uint32Array>("morphVertices");
  const moved = section<Int16Array>("morphOffsets");
  const follow = section<Uint8Array>("jointFollow");
  let at = 0;
  const morphs = header.rig.morphs.map(({ channel, count, step }) => {
    const offsets = Float32Array.from(moved.subarray(3 * at, 3 * (at + count)), (value) => value * step);
    const morph = { channel, vertices: touched.subarray(at, at + count), offsets };
    at += count;
    return morph;
  });
  return {
    name: header.rig.name,
    template,
    triangles: section<Uint16Array | Uint32Array>("triangles"),
    parts: header.rig.parts,
    morphs,
    joints: header.rig.joints.map((joint, j) => ({
      ...joint,
      follow: follow.subarray(j * vertices, (j + 1) * vertices),
    })),
    openness: section<Uint8Array>("openness"),
    tint: section<Uint8Array>("tint"),
  };
}

const align = (offset: number): number => (offset + 3) & ~3;

const spanFrom = ([label, start, end]: SpanRow): Span => ({ label, start, end });
