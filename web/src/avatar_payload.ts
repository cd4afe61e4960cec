import { open, takeFrom, type TakeData, type TakeHeader } from "./payload";

/** How channels move a file, by its own numbers. The other side is src/utterface/pages/avatar.py. */
export interface AvatarDescription {
  /** Radians about +Y from +Z to where the face looks. */
  facing: number;
  nodes: { node: number; rest: number[]; drives: [channel: string, target: number, gain: number][] }[];
  bones: {
    node: number;
    before: [number, number, number, number];
    after: [number, number, number, number];
    turns: [channel: string, x: number, y: number, z: number][];
  }[];
}

interface AvatarHeader extends TakeHeader {
  avatar: AvatarDescription;
}

/** A take and the description of the avatar that plays it, from the unpacked bytes. */
export function parseAvatar(buffer: ArrayBuffer): { take: TakeData; avatar: AvatarDescription } {
  const [header, section] = open<AvatarHeader>(buffer);
  return { take: takeFrom(header, section), avatar: header.avatar };
}
