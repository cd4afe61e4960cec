import type { Group } from "three";

import type { Face } from "./face";
import { HeadMaker } from "./heads";
import type { RigData } from "./payload";
import { Room } from "./room";

/** Where a face is drawn, in CSS pixels from the canvas's upper left corner. */
export interface View {
  face: Face;
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Width of a view, in heights, below which heads get smaller; their shoulders may run out of it. */
export const SLIM = 0.68;
const SHADOW = 512; // pixels; the faces are small
/** Pixels along a CSS pixel where the processor draws: while faces move; and along a screen's once they rest. */
const [MOVING, RESTING] = [0.5, 2];
const REST = 200; // ms without a movement

/**
 * Many faces on one canvas, each in a view of its own, all seen by the same camera.
 *
 * Without a graphics card all that is drawn counts sixfold: faces that move are then drawn coarsely and borrow the shadow
 * of the first, faces that rest are drawn finely.
 */
export class Gallery extends Room {
  private readonly maker: HeadMaker;
  private readonly heads = new Map<Face, Group>();
  private readonly inSoftware: boolean;
  private views: View[] = [];
  private movedAt = 0;

  /** `surface` lies over the canvas and is dragged to turn all heads at once. */
  constructor(canvas: HTMLCanvasElement, surface: HTMLElement, rig: RigData) {
    const inSoftware = drawsInSoftware();
    super(canvas, surface, rig.template, { antialias: !inSoftware, shadowSize: SHADOW });
    this.inSoftware = inSoftware;
    this.maker = new HeadMaker(rig);
    this.renderer.setClearColor(0, 0);
  }

  /** Draw these faces from now on; all views have one size. `scrolls`: the surface wants wheel and swipes for itself. */
  place(views: View[], scrolls: boolean): void {
    const { clientWidth, clientHeight } = this.canvas;
    if (!clientWidth || !clientHeight) return;
    this.drawAt(this.inSoftware ? MOVING : Math.min(devicePixelRatio, 2));
    this.renderer.setSize(clientWidth, clientHeight, false);
    this.views = views.filter(({ top, height }) => top < clientHeight && top + height > 0);
    if (this.views.length) this.aim(this.views[0].width, this.views[0].height, SLIM);
    this.controls.enableZoom = !scrolls;
    this.controls.domElement!.style.touchAction = scrolls ? "pan-y" : "none";
    this.invalidate();
  }

  protected override refine(): void {
    if (!this.inSoftware) return;
    const now = performance.now();
    if (this.stale) this.movedAt = now;
    const ratio = now - this.movedAt > REST ? RESTING * Math.min(devicePixelRatio, 2) : MOVING;
    if (ratio === this.renderer.getPixelRatio()) return;
    this.drawAt(ratio);
    this.stale = true;
  }

  private drawAt(ratio: number): void {
    this.renderer.setPixelRatio(ratio);
    this.renderer.shadowMap.autoUpdate = ratio !== MOVING; // or once a picture, `render`
  }

  protected override render(): void {
    this.renderer.setScissorTest(false);
    this.renderer.clear();
    this.renderer.setScissorTest(true);
    this.renderer.shadowMap.needsUpdate = true;
    const bottom = this.canvas.clientHeight;
    for (const { face, left, top, width, height } of this.views) {
      const head = this.headOf(face);
      head.visible = true;
      this.renderer.setViewport(left, bottom - top - height, width, height);
      this.renderer.setScissor(left, bottom - top - height, width, height);
      this.renderer.render(this.scene, this.camera);
      head.visible = false;
    }
  }

  private headOf(face: Face): Group {
    let head = this.heads.get(face);
    if (!head) {
      head = this.maker.make(face);
      this.heads.set(face, head);
      this.scene.add(head);
    }
    return head;
  }
}

/** Whether pictures are drawn by the processor, as browsers call those renderers. */
function drawsInSoftware(): boolean {
  const context = document.createElement("canvas").getContext("webgl2");
  const detailed = context?.getExtension("WEBGL_debug_renderer_info");
  const name = String(context?.getParameter(detailed?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
}
