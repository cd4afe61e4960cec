import { Box3, Euler, Group, Mesh, Object3D, Quaternion, SkinnedMesh, Vector3, type Material } from "three";
import { MeshoptDecoder } from "three/examples/jsm/libs/meshopt_decoder.module.js";
import { GLTFLoader, type GLTF } from "three/examples/jsm/loaders/GLTFLoader.js";

import type { AvatarDescription } from "./avatar_payload";
import type { Poseable } from "./follower";

const HEAD_HEIGHT = 0.25; // metres that a head gets on the page, whatever its file's units
const CHIN = 0.12; // of a head's height, what is below the lowest moving point of the face
const TALLEST = 4; // faces; what is higher over a face is no head
const FRONT = 0.06; // metres; where the middle of a face stands, before the axis of the head
const FEW = 400; // vertices that are looked at to find the face

/** Top and bottom of what the room frames: a head and some of its neck. */
export const FRAME = new Float32Array([0, HEAD_HEIGHT / 2, 0, 0, -0.8 * HEAD_HEIGHT, 0]);

interface Moved {
  meshes: Mesh[];
  rest: number[];
  drives: [place: number, target: number, gain: number][];
}

interface Turned {
  object: Object3D;
  before: Quaternion;
  after: Quaternion;
  turns: [place: number, x: number, y: number, z: number][];
}

/** A face of the user's own: a glTF scene whose morph targets and bones channels move. */
export class Avatar implements Poseable {
  readonly object = new Group();
  private readonly posed: Float32Array;
  private readonly turn = new Quaternion();
  private readonly angles = new Euler(0, 0, 0, "YXZ");

  private constructor(
    readonly channels: string[],
    private readonly moved: Moved[],
    private readonly turned: Turned[],
    scene: Object3D,
    facing: number,
  ) {
    this.posed = new Float32Array(channels.length).fill(Number.NaN);
    this.object.add(scene);
    this.pose(new Float32Array(channels.length));
    this.place(scene, facing);
  }

  /** The avatar in a file, moved as the description says. */
  static async load(data: ArrayBuffer, description: AvatarDescription): Promise<Avatar> {
    const gltf = await new GLTFLoader().setMeshoptDecoder(MeshoptDecoder).parseAsync(data, "");
    const nodes = await Promise.all(description.nodes.map(({ node }) => nodeOf(gltf, node)));
    const bones = await Promise.all(description.bones.map(({ node }) => nodeOf(gltf, node)));
    const named = [...description.nodes.flatMap((each) => each.drives), ...description.bones.flatMap((each) => each.turns)];
    const channels = [...new Set(named.map(([channel]) => channel as string))];
    const place = (channel: string): number => channels.indexOf(channel);
    const moved = description.nodes.map(({ rest, drives }, n) => ({
      meshes: meshesOf(nodes[n]),
      rest,
      drives: drives.map(([channel, ...more]): [number, number, number] => [place(channel), ...more]),
    }));
    const turned = description.bones.map(({ before, after, turns }, b) => ({
      object: bones[b],
      before: new Quaternion(...before),
      after: new Quaternion(...after),
      turns: turns.map(([channel, ...more]): [number, number, number, number] => [place(channel), ...more]),
    }));
    prepare(gltf.scene);
    return new Avatar(channels, moved, turned, gltf.scene, description.facing);
  }

  /** Move the face; `weights` in the order of `channels`. Returns whether anything changed. */
  pose(weights: Float32Array): boolean {
    if (weights.every((weight, c) => weight === this.posed[c])) return false;
    this.posed.set(weights);
    for (const { meshes, rest, drives } of this.moved) {
      const values = rest.slice();
      for (const [c, target, gain] of drives) values[target] += gain * weights[c];
      for (const mesh of meshes) values.forEach((value, target) => (mesh.morphTargetInfluences![target] = value));
    }
    for (const { object, before, after, turns } of this.turned) {
      this.angles.set(0, 0, 0);
      for (const [c, x, y, z] of turns) {
        this.angles.x += x * weights[c];
        this.angles.y += y * weights[c];
        this.angles.z += z * weights[c];
      }
      object.quaternion.copy(before).multiply(this.turn.setFromEuler(this.angles)).multiply(after);
    }
    return true;
  }

  /** Put the face where the room looks, as large as a head, looking to the front. */
  private place(scene: Object3D, facing: number): void {
    scene.rotation.y -= facing;
    scene.updateWorldMatrix(false, true);
    const face = this.faceBox();
    const highest = face.min.y + TALLEST * (face.max.y - face.min.y || 1);
    const top = Math.min(new Box3().setFromObject(this.object).max.y, highest);
    const scale = ((1 - CHIN) * HEAD_HEIGHT) / (top - face.min.y);
    const middle = face.getCenter(new Vector3());
    this.object.scale.setScalar(scale);
    this.object.position.set(-scale * middle.x, HEAD_HEIGHT / 2 - scale * top, FRONT - scale * middle.z);
  }

  /** Around the vertices that the face's channels move; around everything where none do. */
  private faceBox(): Box3 {
    const box = new Box3();
    const point = new Vector3();
    for (const { meshes, drives } of this.moved) {
      for (const mesh of meshes) {
        for (const [, target] of drives) {
          const offsets = mesh.geometry.morphAttributes.position?.[target];
          if (!offsets) continue;
          const lengths = Array.from({ length: offsets.count }, (_, v) => point.fromBufferAttribute(offsets, v).lengthSq());
          const most = lengths.reduce((a, b) => Math.max(a, b), 0);
          const far = lengths.flatMap((length, v) => (most > 0 && length > 0.2 * most ? [v] : []));
          const step = Math.max(1, Math.floor(far.length / FEW));
          for (let i = 0; i < far.length; i += step) {
            box.expandByPoint(mesh.localToWorld(mesh.getVertexPosition(far[i], point)));
          }
        }
      }
    }
    return box.isEmpty() ? new Box3().setFromObject(this.object) : box;
  }
}

async function nodeOf(gltf: GLTF, number: number): Promise<Object3D> {
  return gltf.parser.getDependency("node", number) as Promise<Object3D>;
}

/** A node's own primitives: itself, or the meshes of the group that stands for it. */
function meshesOf(node: Object3D): Mesh[] {
  const own = node instanceof Mesh ? [node] : node.children.filter((child): child is Mesh => child instanceof Mesh);
  return own.filter((mesh) => mesh.morphTargetInfluences);
}

function prepare(scene: Object3D): void {
  scene.traverse((object) => {
    if (!(object instanceof Mesh)) return;
    object.frustumCulled = false; // its bounds move with every frame
    object.receiveShadow = object.castShadow = !(object.material as Material).transparent;
    if (object instanceof SkinnedMesh) object.skeleton.update();
  });
}
