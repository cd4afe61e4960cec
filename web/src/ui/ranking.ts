import type { Track } from "../track";

export interface Curve {
  /** The channel, or the shared name of a left and right that move alike. */
  name: string;
  values: Float32Array;
  /** The largest magnitude, for scaling. */
  peak: number;
}

/** One channel as a curve. */
export function curveOf(track: Track, c: number, name = track.channels[c]): Curve {
  const values = track.channel(c);
  return { name, values, peak: values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) };
}

/** Angles are small numbers for large movements: this many radians count as much as a full weight. */
const ANGLE_SCALE = 0.5;

const isAngle = (channel: string): boolean => /(Yaw|Pitch|Roll)$/.test(channel);

/** The curves that move most (standard deviation over the clip), left and right merged where they move alike. */
export function strongest(track: Track, count: number): Curve[] {
  const strengths = track.channels.map((channel, c) => deviation(track.channel(c)) / (isAngle(channel) ? ANGLE_SCALE : 1));
  const order = track.channels.map((_, c) => c).sort((a, b) => strengths[b] - strengths[a]);
  const curves: Curve[] = [];
  const taken = new Set<number>();
  for (const c of order) {
    if (curves.length === count || strengths[c] < 0.002) break;
    if (taken.has(c)) continue;
    const name = track.channels[c];
    // Gaze lives in the eyeLook weights; the angles repeat it.
    if (/^(left|right)Eye/.test(name)) continue;
    const other = track.channels.indexOf(mirrored(name));
    const alike = other >= 0 && other !== c && similar(track.channel(c), track.channel(other));
    if (alike) taken.add(other);
    curves.push(curveOf(track, c, alike ? name.replace(/(Left|Right)$/, "") : name));
  }
  return curves;
}

/** The channel of the other side; a channel without sides is its own. */
export function mirrored(channel: string): string {
  if (channel.endsWith("Left")) return `${channel.slice(0, -4)}Right`;
  if (channel.endsWith("Right")) return `${channel.slice(0, -5)}Left`;
  return channel;
}

function deviation(values: Float32Array): number {
  let [sum, squares] = [0, 0];
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  return Math.sqrt(Math.max(squares / values.length - mean * mean, 0));
}

function similar(a: Float32Array, b: Float32Array): boolean {
  let worst = 0;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i] - b[i]));
  return worst < 0.1;
}
