import {
  BufferAttribute,
  BufferGeometry,
  Group,
  Mesh,
  NeutralToneMapping,
  PCFShadowMap,
  PerspectiveCamera,
  Scene,
  Vector2,
  Vector3,
  WebGLRenderer,
} from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";

import type { Face } from "./face";
import { materialFor } from "./materials";
import { buildStudio, type Studio } from "./studio";

const FIELD_OF_VIEW = 20; // degrees; a portrait lens
const TURN_LIMIT = 1.2; // radians to either side

/** Too fine or too clear to throw a shadow that helps. */
const CASTS_NONE = new Set(["lashes", "cornea", "iris", "pupil"]);

/** How a picture is framed: the middle of what is shown and its half height, in metres. */
interface Frame {
  centre: Vector3;
  reach: number;
}

/** Renderer, light and camera around one face. Draws only when something changed. */
export class Stage {
  readonly camera = new PerspectiveCamera(FIELD_OF_VIEW, 1, 0.05, 10);
  readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly controls: OrbitControls;
  private readonly studio: Studio;
  private readonly frame: Frame;
  private stale = true;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    face: Face,
  ) {
    this.renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true });
    this.renderer.toneMapping = NeutralToneMapping;
    this.renderer.shadowMap.enabled = true;
    this.renderer.shadowMap.type = PCFShadowMap;
    this.studio = buildStudio(this.renderer);
    this.scene.environment = this.studio.environment;
    this.scene.environmentIntensity = 0.45;
    this.scene.add(buildMeshes(face));
    this.frame = frameOf(face.rig.template);
    for (const light of this.studio.lights) {
      light.position.add(this.frame.centre);
      if ("target" in light) {
        light.target.position.copy(this.frame.centre);
        this.scene.add(light.target);
      }
      this.scene.add(light);
    }

    this.controls = new OrbitControls(this.camera, canvas);
    Object.assign(this.controls, {
      enablePan: false,
      enableDamping: true,
      dampingFactor: 0.08,
      rotateSpeed: 0.6,
      minAzimuthAngle: -TURN_LIMIT,
      maxAzimuthAngle: TURN_LIMIT,
      minPolarAngle: Math.PI / 2 - 0.5,
      maxPolarAngle: Math.PI / 2 + 0.4,
    });
    this.controls.addEventListener("change", () => this.invalidate());
    this.resetView();
    new ResizeObserver(() => this.fit()).observe(canvas);
    this.fit();
  }

  /** Ask for a new picture with the next `draw`. */
  invalidate(): void {
    this.stale = true;
  }

  setDark(dark: boolean): void {
    this.studio.setDark(dark);
    this.invalidate();
  }

  /** Look at the face from the front, or from a side (degrees, + is the viewer's right) and height. */
  resetView(turn = 0, lift = 0, distance = 1): void {
    this.controls.enableDamping = false; // ends what still glides
    this.controls.update();
    this.controls.enableDamping = true;
    const { centre, reach } = this.frame;
    const far = (distance * reach) / Math.tan((FIELD_OF_VIEW / 2) * (Math.PI / 180));
    const [side, up] = [(turn * Math.PI) / 180, (lift * Math.PI) / 180];
    this.camera.position
      .set(Math.sin(side) * Math.cos(up), Math.sin(up), Math.cos(side) * Math.cos(up))
      .multiplyScalar(far)
      .add(centre);
    this.controls.target.copy(centre);
    this.controls.minDistance = far * 0.45;
    this.controls.maxDistance = far * 1.6;
    this.controls.update();
    this.invalidate();
  }

  /** Draw if anything moved since the last time. Returns whether it drew. */
  draw(): boolean {
    this.controls.update();
    if (!this.stale) return false;
    this.stale = false;
    this.renderer.render(this.scene, this.camera);
    return true;
  }

  /** The picture at any size, on the page's background, as a canvas; a small one is drawn at twice the size. */
  picture(width: number, height: number, background: string[] | null): HTMLCanvasElement {
    this.size(width, height, Math.max(width, height) <= 1024 ? 2 : 1);
    this.renderer.render(this.scene, this.camera);
    const copy = document.createElement("canvas");
    Object.assign(copy, { width, height });
    const context = copy.getContext("2d")!;
    if (background) {
      const gradient = context.createRadialGradient(width / 2, height * 0.4, 0, width / 2, height * 0.4, height * 0.85);
      background.forEach((colour, i) => gradient.addColorStop(i / (background.length - 1), colour));
      context.fillStyle = gradient;
      context.fillRect(0, 0, width, height);
    }
    context.drawImage(this.renderer.domElement, 0, 0, width, height);
    this.fit();
    this.draw();
    return copy;
  }

  private fit(): void {
    const { clientWidth, clientHeight } = this.canvas;
    if (clientWidth && clientHeight) this.size(clientWidth, clientHeight, Math.min(devicePixelRatio, 2));
  }

  private size(width: number, height: number, ratio: number): void {
    this.renderer.setPixelRatio(ratio);
    this.renderer.setSize(width, height, false);
    this.camera.aspect = width / height;
    // On a narrow screen the head, not the height, decides how far away to stand.
    this.camera.zoom = Math.min(1, this.camera.aspect / 0.8);
    this.camera.updateProjectionMatrix();
    this.invalidate();
  }
}

/** One mesh a part; all share positions, normals and shading, each has its own triangles. */
function buildMeshes(face: Face): Group {
  const { rig } = face;
  const shade = new Uint8Array(rig.openness.length * 2);
  rig.openness.forEach((openness, v) => shade.set([openness, rig.tint[v]], 2 * v));
  const shading = new BufferAttribute(shade, 2, true);
  const rest = new BufferAttribute(rig.template, 3);
  const group = new Group();
  for (const part of rig.parts) {
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", face.position);
    geometry.setAttribute("normal", face.normal);
    geometry.setAttribute("shade", shading);
    geometry.setAttribute("rest", rest);
    geometry.setIndex(new BufferAttribute(rig.triangles.slice(3 * part.start, 3 * (part.start + part.count)), 1));
    const mesh = new Mesh(geometry, materialFor(part.material, irisOf(rig.template, geometry.index!.array)));
    mesh.name = part.name;
    mesh.frustumCulled = false; // its bounds move with every frame
    mesh.castShadow = !CASTS_NONE.has(part.material);
    mesh.receiveShadow = part.material !== "cornea";
    group.add(mesh);
  }
  return group;
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

/** The head fills the frame with some air; shoulders may run out of it. */
function frameOf(template: Float32Array): Frame {
  let [top, bottom] = [-Infinity, Infinity];
  for (let v = 1; v < template.length; v += 3) {
    top = Math.max(top, template[v]);
    bottom = Math.min(bottom, template[v]);
  }
  const reach = Math.min((top - bottom) * 0.47, 0.17);
  return { centre: new Vector3(0, top - reach * 0.86, 0.02), reach };
}
