import { NeutralToneMapping, PCFShadowMap, PerspectiveCamera, Scene, Vector3, WebGLRenderer } from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";

import { buildStudio, type Studio } from "./studio";

const FIELD_OF_VIEW = 20; // degrees; a portrait lens

/** How a picture is framed: the middle of what is shown and its half height, in metres. */
interface Frame {
  centre: Vector3;
  reach: number;
}

/** Renderer, light and one camera around heads that all stand in the same place. Draws only when something changed. */
export abstract class Room {
  readonly camera = new PerspectiveCamera(FIELD_OF_VIEW, 1, 0.05, 10);
  readonly renderer: WebGLRenderer;
  protected readonly scene = new Scene();
  protected readonly controls: OrbitControls;
  private readonly studio: Studio;
  private readonly frame: Frame;
  protected stale = true;

  /**
   * @param canvas where it draws
   * @param surface what is dragged to turn the camera
   * @param template of the heads, metres
   */
  constructor(
    protected readonly canvas: HTMLCanvasElement,
    surface: HTMLElement,
    template: Float32Array,
    { antialias = true, shadowSize = 1024 } = {},
  ) {
    this.renderer = new WebGLRenderer({ canvas, antialias, alpha: true });
    this.renderer.debug.checkShaderErrors = import.meta.env.DEV; // asking for them makes the page wait for each program
    this.renderer.toneMapping = NeutralToneMapping;
    this.renderer.shadowMap.enabled = true;
    this.renderer.shadowMap.type = PCFShadowMap;
    this.studio = buildStudio(this.renderer, shadowSize);
    this.scene.environment = this.studio.environment;
    this.scene.environmentIntensity = 0.45;
    this.frame = frameOf(template);
    for (const light of this.studio.lights) {
      light.position.add(this.frame.centre);
      if ("target" in light) {
        light.target.position.copy(this.frame.centre);
        this.scene.add(light.target);
      }
      this.scene.add(light);
    }
    this.controls = this.buildControls(surface);
    this.resetView();
  }

  /** Ask for a new picture with the next `draw`. */
  invalidate(): void {
    this.stale = true;
  }

  setDark(dark: boolean): void {
    this.studio.setDark(dark);
    this.invalidate();
  }

  /** Look at the face from the front, or from a side (degrees, + is the viewer's right), height and distance, `down` in half heights. */
  resetView(turn = 0, lift = 0, distance = 1, down = 0): void {
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
    this.controls.target.y -= down * reach;
    this.camera.position.y -= down * reach;
    this.controls.minDistance = Math.min(far, (far / distance) * 0.45);
    this.controls.maxDistance = (far / distance) * 1.6;
    this.controls.update();
    this.invalidate();
  }

  /** Draw if anything moved since the last time. Returns whether it drew. */
  draw(): boolean {
    this.controls.update();
    this.refine();
    if (!this.stale) return false;
    this.stale = false;
    this.render();
    return true;
  }

  protected abstract render(): void;

  /** A chance to draw finer, or less fine, before every picture and while nothing moves. */
  protected refine(): void {}

  /** Frame a head in a picture of this shape; in one narrower than `slim` heights it gets smaller. */
  protected aim(width: number, height: number, slim = 0.8): void {
    this.camera.aspect = width / height;
    this.camera.zoom = Math.min(1, this.camera.aspect / slim);
    this.camera.updateProjectionMatrix();
  }

  private buildControls(surface: HTMLElement): OrbitControls {
    const controls = new OrbitControls(this.camera, surface);
    Object.assign(controls, {
      enablePan: false,
      enableDamping: true,
      dampingFactor: 0.08,
      rotateSpeed: 0.6,
      minPolarAngle: Math.PI / 2 - 0.5,
      maxPolarAngle: Math.PI / 2 + 0.4,
    });
    controls.addEventListener("change", () => this.invalidate());
    return controls;
  }
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
