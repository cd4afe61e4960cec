// Live Link Face's CSV, as src/utterface/formats/livelink.py writes it: 61 values a row, right before left in jaw and mouth.

import { Track } from "./track";

const CLOCK = 60; // timecode frames a second
const SIDES = /^(jaw|mouth)(Left|Right)$/;

function columnsOf(channels: string[]): string[] {
  return channels.map((name) =>
    SIDES.test(name) ? (name.endsWith("Left") ? name.replace("Left", "Right") : name.replace("Right", "Left")) : name,
  );
}

const pad = (number: number, digits: number) => String(number).padStart(digits, "0");

function timecode(seconds: number): string {
  const thousandths = Math.round(seconds * CLOCK * 1000);
  const [total, fraction] = [Math.floor(thousandths / 1000), thousandths % 1000];
  const [whole, frame] = [Math.floor(total / CLOCK), total % CLOCK];
  return `${pad(Math.floor(whole / 3600), 2)}:${pad(Math.floor(whole / 60) % 60, 2)}:${pad(whole % 60, 2)}:${pad(frame, 2)}.${pad(fraction, 3)}`;
}

/** A motion as a take; `change` may lay something over each frame. */
export function writeTake(motion: Track, change: (weights: Float32Array) => void = () => undefined): string {
  const columns = columnsOf(motion.channels);
  const from = columns.map((name) => motion.channels.indexOf(name));
  const rows = [["Timecode", "BlendShapeCount", ...columns.map((name) => name[0].toUpperCase() + name.slice(1))].join(",")];
  const weights = new Float32Array(motion.channels.length);
  for (let frame = 0; frame < motion.frames; frame++) {
    const time = motion.start + frame / motion.frameRate;
    change(motion.at(time, weights));
    rows.push([timecode(time), columns.length, ...from.map((c) => weights[c].toFixed(10))].join(","));
  }
  return `${rows.join("\n")}\n`;
}

/** A take as a motion of these channels; those that it lacks are zero. */
export function readTake(text: string, channels: string[]): Track {
  const [header, ...rows] = text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .filter((line) => line.trim())
    .map((line) => line.split(","));
  const names = (header ?? []).map((name) => name.trim().toLowerCase());
  const from = channels.map((name) => names.indexOf(name.toLowerCase()));
  const clock = names.indexOf("timecode");
  if (clock < 0 || from.every((column) => column < 0) || rows.length < 2) {
    throw new Error("no Live Link Face take: it needs a Timecode column, ARKit columns and rows");
  }
  const at = rows.map((row) => secondsOf(row[clock]));
  const frameRate = (rows.length - 1) / (at[at.length - 1] - at[0]);
  if (!(frameRate > 0 && frameRate < 1000)) throw new Error("its timecodes do not go on");
  const values = new Float32Array(channels.length * rows.length);
  from.forEach((column, c) => {
    if (column >= 0) rows.forEach((row, frame) => (values[c * rows.length + frame] = Number(row[column]) || 0));
  });
  return new Track(channels, frameRate, 0, values);
}

function secondsOf(code: string): number {
  const [hours, minutes, seconds, frames] = code.trim().split(":").map(Number);
  return 3600 * hours + 60 * minutes + seconds + (frames || 0) / CLOCK;
}
