// utterface's own motion (.npz, src/utterface/formats/npz.py): a zip of NumPy arrays, and facts as JSON.

import type { Span } from "./payload";
import { Track } from "./track";

const MOST_BYTES = 200_000_000; // unpacked
const END = 0x06054b50; // of the zip's table of contents
const ENTRY = 0x02014b50;
const DEFLATED = 8;

export interface NpzTake {
  motion: Track;
  duration: number;
  words: Span[];
  phones: Span[];
}

interface Facts {
  duration: number;
  words: Span[];
  phones: Span[];
}

/** A motion file as a motion of these channels; those that it lacks are zero. */
export async function readNpz(file: ArrayBuffer, channels: string[]): Promise<NpzTake> {
  const arrays = await unzip(file);
  const array = (name: string) => {
    const bytes = arrays.get(`${name}.npy`);
    if (!bytes) throw new Error(`no motion file of utterface: it has no ${name}`);
    return parseArray(bytes);
  };
  const names = textsOf(array("channels"));
  const values = array("values");
  if (values.kind !== "<f4" || values.shape.length !== 2 || values.shape[1] !== names.length) {
    throw new Error("no motion file of utterface: its values are not frames of channels");
  }
  const frames = values.shape[0];
  const rows = new Float32Array(values.data, 0, frames * names.length);
  const out = new Float32Array(channels.length * frames);
  channels.forEach((channel, c) => {
    const from = names.indexOf(channel);
    for (let frame = 0; from >= 0 && frame < frames; frame++) out[c * frames + frame] = rows[frame * names.length + from];
  });
  const facts = JSON.parse(textsOf(array("facts"))[0]) as Facts;
  const number = (name: string) => new Float64Array(array(name).data, 0, 1)[0];
  const spans = (given: Span[]) => given.map(({ label, start, end }) => ({ label, start, end }));
  return {
    motion: new Track(channels, number("frame_rate"), number("start"), out),
    duration: facts.duration,
    words: spans(facts.words),
    phones: spans(facts.phones),
  };
}

async function unzip(file: ArrayBuffer): Promise<Map<string, ArrayBuffer>> {
  const view = new DataView(file);
  let end = file.byteLength - 22;
  while (end >= 0 && view.getUint32(end, true) !== END) end--;
  if (end < 0) throw new Error("no .npz: it is no zip archive");
  const files = new Map<string, ArrayBuffer>();
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0 && view.getUint32(at, true) === ENTRY; left--) {
    const [packed, size] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
    const lengths = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    const name = new TextDecoder().decode(new Uint8Array(file, at + 46, lengths[0]));
    const local = view.getUint32(at + 42, true);
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    if (size > MOST_BYTES) throw new Error(`${name} is too large`);
    const bytes = new Blob([new Uint8Array(file, start, packed)]);
    const deflated = view.getUint16(at + 10, true) === DEFLATED;
    files.set(name, await (deflated ? new Response(bytes.stream().pipeThrough(new DecompressionStream("deflate-raw"))) : bytes).arrayBuffer());
    at += 46 + lengths[0] + lengths[1] + lengths[2];
  }
  return files;
}

interface NumpyArray {
  kind: string;
  shape: number[];
  data: ArrayBuffer;
}

/** A .npy file, version 1 to 3, in C order. */
function parseArray(file: ArrayBuffer): NumpyArray {
  const view = new DataView(file);
  const wide = view.getUint8(6) > 1;
  const start = (wide ? 12 : 10) + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder().decode(new Uint8Array(file, 10, start - 10));
  const kind = /'descr': '([^']+)'/.exec(header)?.[1] ?? "";
  const shape = (/'shape': \(([^)]*)\)/.exec(header)?.[1] ?? "").split(",").filter((size) => size.trim()).map(Number);
  if (header.includes("'fortran_order': True")) throw new Error("arrays in Fortran order are not read");
  return { kind, shape, data: file.slice(start) };
}

/** The strings of an array of `<U` (UTF-32). */
function textsOf({ kind, shape, data }: NumpyArray): string[] {
  const length = Number(/^<U(\d+)$/.exec(kind)?.[1] ?? 0);
  const codes = new Uint32Array(data, 0, Math.floor(data.byteLength / 4));
  const count = shape.reduce((product, size) => product * size, 1);
  return Array.from({ length: count }, (_, i) => {
    const text = codes.subarray(i * length, (i + 1) * length);
    const end = text.indexOf(0);
    return Array.from(end < 0 ? text : text.subarray(0, end), (code) => String.fromCodePoint(code)).join("");
  });
}
