// What the page plays, unpacked. The other side of this contract is src/utterface/pages/payload.py.
//
// The bytes are one zlib stream, in base64: a uint32 with the length of a JSON header, the header, then the sections
// that the header lists, in order, each starting at a multiple of four bytes from the start.

import type { LipGap } from "./mood";
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
  /** sRGB of each vertex; empty where a face is coloured by its materials. */
  colours: Uint8Array;
}

/** Loudest and quietest sample of each slice of the sound, -127…127, interleaved low, high. */
export interface Waveform {
  rate: number;
  peaks: Int8Array;
}

/** Whole faces by name, in groups: visemes, emotions. Channel → weight; what is not named rests. */
export type Poses = Record<string, Record<string, Record<string, number>>>;

/** A take without the face that plays it. */
export interface TakeData {
  title: string;
  duration: number;
  motion: Track;
  words: Span[];
  phones: Span[];
  waveform: Waveform;
  poses: Poses;
  /** The words as the user wrote them, one a word; empty where they are as timed. */
  captions: string[];
  /** What channels do to the lips' gap; empty for faces that are not the built-in one. */
  lipGap: LipGap;
}

export interface ClipData extends TakeData {
  rig: RigData;
}

/** A page of faces side by side: every sentence's payload lies in an element of its own, opened when it is chosen. */
export interface ComparisonData {
  title: string;
  rig: RigData;
  /** Names of all that can be watched, and which are shown at first. */
  rows: string[];
  shown: number[];
  sentences: string[];
}

/** One sentence as every row speaks it. `waveforms` has a row's own sound where it has one. */
export interface SentenceData {
  duration: number;
  text: string;
  motions: Map<number, Track>;
  words: Span[];
  phones: Span[];
  waveform: Waveform;
  waveforms: Map<number, Waveform>;
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

interface MotionHeader {
  channels: string[];
  frameRate: number;
  start: number;
  step: number;
}

interface RigHeader {
  name: string;
  parts: Part[];
  morphs: { channel: string; count: number; step: number }[];
  joints: { name: string; pivot: [number, number, number]; turns: Joint["turns"] }[];
}

export interface Header {
  version: number;
  sections: { name: string; kind: Kind; count: number }[];
}

export interface TakeHeader extends Header {
  title: string;
  duration: number;
  motion: MotionHeader;
  words: SpanRow[];
  phones: SpanRow[];
  waveformRate: number;
  poses: Poses;
  captions?: string[];
  lipGap?: LipGap;
}

interface ClipHeader extends TakeHeader {
  rig: RigHeader;
}

interface ComparisonHeader extends Header, Omit<ComparisonData, "rig"> {
  rig: RigHeader;
}

interface SentenceHeader extends Header {
  duration: number;
  text: string;
  rows: { row: number; motion: MotionHeader; heard: boolean }[];
  words: SpanRow[];
  phones: SpanRow[];
  waveformRate: number;
}

/** An array of the payload by its name. */
export type Section = <T>(name: string) => T;

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

/** Header and sections of unpacked bytes. Throws where they are not what this version of the page knows. */
export function open<H extends Header>(buffer: ArrayBuffer): [H, Section] {
  const headerLength = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, headerLength))) as H;
  if (header.version !== VERSION) throw new Error(`this page plays version ${VERSION}, the clip is ${header.version}`);

  const sections = new Map<string, InstanceType<(typeof ARRAYS)[Kind]>>();
  let at = align(4 + headerLength);
  for (const { name, kind, count } of header.sections) {
    const array = new ARRAYS[kind](buffer, at, count);
    sections.set(name, array);
    at = align(at + array.byteLength);
  }
  const section = <T>(name: string): T => {
    const section = sections.get(name);
    if (!section) throw new Error(`the clip has no section ${name}`);
    return section as T;
  };
  return [header, section];
}

/** A clip, from the unpacked bytes. */
export function parse(buffer: ArrayBuffer): ClipData {
  const [header, section] = open<ClipHeader>(buffer);
  return { ...takeFrom(header, section), rig: rigFrom(header.rig, section) };
}

export function takeFrom(header: TakeHeader, section: Section): TakeData {
  return {
    title: header.title,
    duration: header.duration,
    motion: motionFrom(header.motion, section("motion")),
    words: header.words.map(spanFrom),
    phones: header.phones.map(spanFrom),
    waveform: { rate: header.waveformRate, peaks: section("waveform") },
    poses: header.poses,
    captions: header.captions ?? [],
    lipGap: header.lipGap ?? {},
  };
}

/** What a comparison's page holds but its sentences. */
export function parseComparison(buffer: ArrayBuffer): ComparisonData {
  const [{ title, rig, rows, shown, sentences }, section] = open<ComparisonHeader>(buffer);
  return { title, rig: rigFrom(rig, section), rows, shown, sentences };
}

/** One sentence of a comparison. */
export function parseSentence(buffer: ArrayBuffer): SentenceData {
  const [header, section] = open<SentenceHeader>(buffer);
  const waveform = (name: string): Waveform => ({ rate: header.waveformRate, peaks: section(name) });
  const heard = header.rows.filter((row) => row.heard);
  return {
    duration: header.duration,
    text: header.text,
    motions: new Map(header.rows.map(({ row, motion }) => [row, motionFrom(motion, section(`motion ${row}`))])),
    words: header.words.map(spanFrom),
    phones: header.phones.map(spanFrom),
    waveform: waveform("waveform"),
    waveforms: new Map(heard.map(({ row }) => [row, waveform(`waveform ${row}`)])),
  };
}

function motionFrom({ channels, frameRate, start, step }: MotionHeader, steps: Int16Array): Track {
  return new Track(channels, frameRate, start, undoDifferences(steps, channels.length, step));
}

function rigFrom(header: RigHeader, section: Section): RigData {
  const template = section<Float32Array>("template");
  const vertices = template.length / 3;
  const touched = section<Uint16Array | Uint32Array>("morphVertices");
  const moved = section<Int16Array>("morphOffsets");
  const follow = section<Uint8Array>("jointFollow");
  let at = 0;
  const morphs = header.morphs.map(({ channel, count, step }) => {
    const offsets = new Float32Array(moved.subarray(3 * at, 3 * (at + count))); // `from` with a function takes ten times as long
    for (let i = 0; i < offsets.length; i++) offsets[i] *= step;
    const morph = { channel, vertices: touched.subarray(at, at + count), offsets };
    at += count;
    return morph;
  });
  return {
    name: header.name,
    template,
    triangles: section<Uint16Array | Uint32Array>("triangles"),
    parts: header.parts,
    morphs,
    joints: header.joints.map((joint, j) => ({
      ...joint,
      follow: follow.subarray(j * vertices, (j + 1) * vertices),
    })),
    openness: section<Uint8Array>("openness"),
    tint: section<Uint8Array>("tint"),
    colours: section<Uint8Array>("colours"),
  };
}

const align = (offset: number): number => (offset + 3) & ~3;

const spanFrom = ([label, start, end]: SpanRow): Span => ({ label, start, end });
