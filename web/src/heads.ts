import { BufferAttribute, BufferGeometry, Group, Mesh, Vector2, type Material } from "three";

import type { Face } from "./face";
import { materialFor } from "./materials";
import type { RigData } from "./payload";

/** Too fine or too clear to throw a shadow that helps. */
const CASTS_NONE = new Set(["lashes", "cornea", "iris", "pupil"]);

/** What every head of a rig shares: a part's triangles and its material. */
interface Part {
  name: string;
  kind: string;
  index: BufferAttribute;
  material: Material;
}

/** Makes heads of one rig. They share triangles, shading and materials; each has its own positions and normals. */
export class HeadMaker {
  private readonly parts: Part[];
  private readonly shading: BufferAttribute;
  private readonly rest: BufferAttribute;

  constructor(rig: RigData) {
    const shade = new Uint8Array(rig.openness.length * 2);
    rig.openness.forEach((openness, v) => shade.set([openness, rig.tint[v]], 2 * v));
    this.shading = new BufferAttribute(shade, 2, true);
    this.rest = new BufferAttribute(rig.template, 3);
    this.parts = rig.parts.map(({ name, material: kind, start, count }) => {
      const index = new BufferAttribute(rig.triangles.slice(3 * start, 3 * (start + count)), 1);
      return { name, kind, index, material: materialFor(kind, irisOf(rig.template, index.array)) };
    });
  }

  /** One mesh a part, all with the face's positions and normals. */
  make(face: Face): Group {
    const group = new Group();
    for (const { name, kind, index, material } of this.parts) {
      const geometry = new BufferGeometry();
      geometry.setAttribute("position", face.position);
      geometry.setAttribute("normal", face.normal);
      geometry.setAttribute("shade", this.shading);
      geometry.setAttribute("rest", this.rest);
      geometry.setIndex(index);
      const mesh = new Mesh(geometry, material);
      mesh.name = name;
      mesh.frustumCulled = false; // its bounds move with every frame
      mesh.castShadow = !CASTS_NONE.has(kind);
      mesh.receiveShadow = kind !== "cornea";
      group.add(mesh);
    }
    return group;
  }
}

/** The middle of a part and its reach around it, seen from the front: for an iris, its axis and radius. */
function irisOf(template: Float32Array, vertices: ArrayLike<number>): { axis: Vector2; radius: number } {
  const [x, y] = [new Set<number>(), new Set<number>()];
  for (let i = 0; i < vertices.length; i++) {
    x.add(template[3 * vertices[i]]);
    y.add(template[3 * vertices[i] + 1]);
  }
  const middle = (values: Set<number>) => (Math.min(...values) + Math.max(...values)) / 2;
  return { axis: new Vector2(middle(x), middle(y)), radius: (Math.max(...x) - Math.min(...x)) / 2 };
}
