import type { Object3D } from "three";

import { Room } from "./room";

/** One face that fills its canvas. */
export class Stage extends Room {
  constructor(
    canvas: HTMLCanvasElement,
    private face: Object3D,
    template: Float32Array,
  ) {
    super(canvas, canvas, template);
    this.scene.add(face);
    new ResizeObserver(() => this.fit()).observe(canvas);
    this.fit();
  }

  /** Show another face; the camera stays. */
  wear(face: Object3D): void {
    this.scene.remove(this.face);
    this.scene.add((this.face = face));
    this.invalidate();
  }

  /** The picture at any size, on the page's background, as a canvas; a small one is drawn at twice the size. */
  picture(width: number, height: number, background: string[] | null): HTMLCanvasElement {
    this.size(width, height, Math.max(width, height) <= 1024 ? 2 : 1);
    this.render();
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

  protected override render(): void {
    this.renderer.render(this.scene, this.camera);
  }

  private fit(): void {
    const { clientWidth, clientHeight } = this.canvas;
    if (clientWidth && clientHeight) this.size(clientWidth, clientHeight, Math.min(devicePixelRatio, 2));
  }

  private size(width: number, height: number, ratio: number): void {
    this.renderer.setPixelRatio(ratio);
    this.renderer.setSize(width, height, false);
    this.aim(width, height);
    this.invalidate();
  }
}
