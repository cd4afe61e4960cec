// How channels move a file that was dropped on the page: ARKit's names, or what VRM binds to vowels and lids.

import type { AvatarDescription } from "../avatar_payload";

/** Channels beside ARKit's that a VRM's expressions take. */
export const VOWELS = ["aa", "ih", "ou", "ee", "oh"] as const;
const VRM0 = ["a", "i", "u", "e", "o"];
const [JSON_CHUNK, GLB] = [0x4e4f534a, 0x46546c67];

interface Bind {
  mesh?: number;
  node?: number;
  index: number;
  weight: number;
}

interface Gltf {
  nodes?: { mesh?: number; rotation?: number[] }[];
  meshes?: { extras?: { targetNames?: string[] }; primitives: { targets?: unknown[]; extras?: { targetNames?: string[] } }[]; weights?: number[] }[];
  extensions?: {
    VRM?: { blendShapeMaster?: { blendShapeGroups?: { presetName?: string; binds?: Bind[] }[] }; humanoid?: { humanBones?: { bone: string; node: number }[] } };
    VRMC_vrm?: { expressions?: { preset?: Record<string, { morphTargetBinds?: Bind[] }> }; humanoid?: { humanBones?: Record<string, { node: number }> } };
  };
}

type Drives = Map<number, [channel: string, target: number, gain: number][]>;

/** The JSON of a .glb or .vrm. */
export function contentOf(data: ArrayBuffer): Gltf {
  const view = new DataView(data);
  if (view.byteLength < 20 || view.getUint32(0, true) !== GLB || view.getUint32(16, true) !== JSON_CHUNK) {
    throw new Error("this is no .glb or .vrm file");
  }
  return JSON.parse(new TextDecoder().decode(new Uint8Array(data, 20, view.getUint32(12, true)))) as Gltf;
}

/** What `Avatar.load` needs; an error where nothing of the face moves by these channels. */
export function describe(gltf: Gltf, channels: string[]): AvatarDescription {
  const nodes = gltf.nodes ?? [];
  const drives: Drives = byName(gltf, channels);
  const vrm0 = gltf.extensions?.VRM;
  const vrm1 = gltf.extensions?.VRMC_vrm;
  if (![...drives.values()].some((each) => each.length >= 10)) {
    for (const { presetName = "", binds = [] } of vrm0?.blendShapeMaster?.blendShapeGroups ?? []) {
      for (const channel of boundBy(presetName, VRM0)) add(drives, gltf, channel, binds, 0.01);
    }
    for (const [name, { morphTargetBinds = [] }] of Object.entries(vrm1?.expressions?.preset ?? {})) {
      for (const channel of boundBy(name, VOWELS)) add(drives, gltf, channel, morphTargetBinds, 1);
    }
  }
  if (!drives.size) throw new Error("none of its shapes has a name of ARKit's, and it is no VRM with expressions");
  const head = vrm0?.humanoid?.humanBones?.find(({ bone }) => bone === "head")?.node ?? vrm1?.humanoid?.humanBones?.head?.node;
  return {
    facing: vrm0 ? Math.PI : 0,
    nodes: [...drives].map(([node, each]) => ({ node, rest: restOf(gltf, nodes[node].mesh!), drives: each })),
    bones: head === undefined ? [] : [headOf(head, nodes[head].rotation, vrm0 ? -1 : 1)],
  };
}

/** Lower case without prefixes and marks, sides written out. */
export function normalised(name: string): string {
  return name
    .replace(/^.*[.:]/, "")
    .replace(/[_-]([LR])$/, (_, side: string) => (side === "L" ? "Left" : "Right"))
    .replace(/[^a-z0-9]/gi, "")
    .toLowerCase();
}

function byName(gltf: Gltf, channels: string[]): Drives {
  const known = new Map(channels.map((channel) => [normalised(channel), channel]));
  const drives: Drives = new Map();
  gltf.nodes?.forEach(({ mesh }, node) => {
    if (mesh === undefined) return;
    const { extras, primitives } = gltf.meshes![mesh];
    const names = extras?.targetNames ?? primitives[0].extras?.targetNames ?? [];
    const each = names.flatMap((name, target): [string, number, number][] => {
      const channel = known.get(normalised(name));
      return channel ? [[channel, target, 1]] : [];
    });
    if (each.length) drives.set(node, each);
  });
  return drives;
}

/** Channels that an expression of a VRM shows: a vowel, or lids. */
function boundBy(preset: string, vowels: readonly string[]): string[] {
  const vowel = vowels.indexOf(preset);
  if (vowel >= 0) return [VOWELS[vowel]];
  return preset === "blink" ? ["eyeBlinkLeft"] : [];
}

function add(drives: Drives, gltf: Gltf, channel: string, binds: Bind[], scale: number): void {
  for (const { mesh, node, index, weight } of binds) {
    const places = node === undefined ? (gltf.nodes ?? []).flatMap((each, n) => (each.mesh === mesh ? [n] : [])) : [node];
    for (const place of places) drives.set(place, [...(drives.get(place) ?? []), [channel, index, weight * scale]]);
  }
}

function restOf(gltf: Gltf, mesh: number): number[] {
  const { weights, primitives } = gltf.meshes![mesh];
  return weights ?? new Array<number>(primitives[0].targets?.length ?? 0).fill(0);
}

function headOf(node: number, rotation: number[] = [0, 0, 0, 1], way: number): AvatarDescription["bones"][number] {
  return {
    node,
    before: rotation as [number, number, number, number],
    after: [0, 0, 0, 1],
    turns: [["headYaw", 0, 1, 0], ["headPitch", way, 0, 0], ["headRoll", 0, 0, way]],
  };
}
