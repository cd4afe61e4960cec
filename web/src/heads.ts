import { BufferAttribute, BufferGeometry, Group, Mesh, type Material } from "three";

import type { Face } from "./face";
import { materialFor, plainColours } from "./materials";
import type { RigData } from "./payload";

/** Too fine or too clear to throw a shadow that helps. */
const CASTS_NONE = new Set(["lashes", "brows", "rim", "cornea", "iris", "pupil"]);

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
  private readonly paint: BufferAttribute;

  constructor(rig: RigData) {
    const shade = new Uint8Array(rig.openness.length * 2);
    rig.openness.forEach((openness, v) => shade.set([openness, rig.tint[v]], 2 * v));
    this.shading = new BufferAttribute(shade, 2, true);
    this.rest = new BufferAttribute(rig.template, 3);
    this.paint = new BufferAttribute(rig.colours.length ? rig.colours : paintedPlainly(rig), 3, true);
    this.parts = rig.parts.map(({ name, material: kind, start, count }) => {
      const index = new BufferAttribute(rig.triangles.slice(3 * start, 3 * (start + count)), 1);
      return { name, kind, index, material: materialFor(kind) };
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
      geometry.setAttribute("paint", this.paint);
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

/** sRGB of each vertex by its part's material and its tint, for a face without colours of its own. */
function paintedPlainly(rig: RigData): Uint8Array {
  const paint = new Uint8Array(rig.template.length);
  for (const { material, start, count } of rig.parts) {
    const { colour, tint } = plainColours(material);
    for (const vertex of rig.triangles.subarray(3 * start, 3 * (start + count))) {
      const share = rig.tint[vertex] / 255;
      paint.set(colour.map((value, k) => value + share * (tint[k] - value)), 3 * vertex);
    }
  }
  return paint;
}
