import type { Media } from "./clock";

const TYPES = ["video/mp4;codecs=avc1.42E01E,mp4a.40.2", "video/webm;codecs=vp9,opus", "video/webm;codecs=vp8,opus", "video/webm"];
const SIZE = 1080; // pixels along each side
const RATE = 60; // frames a second
const BITS = 8_000_000; // a second
const sources = new WeakMap<HTMLMediaElement, [AudioContext, AudioNode]>();

/** Whether this browser records video. */
export const canRecord = (): boolean => "MediaRecorder" in globalThis && "captureStream" in HTMLCanvasElement.prototype;

/** A film of a canvas on a background, with sound: every picture that is drawn meanwhile goes into it. */
export class Video {
  private readonly canvas = document.createElement("canvas");
  private readonly recorder: MediaRecorder;
  private readonly chunks: Blob[] = [];

  constructor(
    private readonly face: HTMLCanvasElement,
    media: Media,
    private readonly background: string[],
  ) {
    Object.assign(this.canvas, { width: SIZE, height: SIZE });
    const stream = this.canvas.captureStream(RATE);
    if (media instanceof HTMLMediaElement) for (const track of tracksOf(media)) stream.addTrack(track);
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    this.recorder = new MediaRecorder(stream, { mimeType, videoBitsPerSecond: BITS });
    this.recorder.addEventListener("dataavailable", ({ data }) => this.chunks.push(data));
    this.draw();
    this.recorder.start();
  }

  /** Take what the canvas shows; right after it was drawn, since a browser may forget it then. */
  draw(): void {
    const context = this.canvas.getContext("2d")!;
    const gradient = context.createRadialGradient(SIZE / 2, SIZE * 0.4, 0, SIZE / 2, SIZE * 0.4, SIZE * 0.85);
    this.background.forEach((colour, i) => gradient.addColorStop(i / (this.background.length - 1), colour));
    context.fillStyle = gradient;
    context.fillRect(0, 0, SIZE, SIZE);
    const { width, height } = this.face;
    const side = Math.min(width, height);
    context.drawImage(this.face, (width - side) / 2, 0, side, side, 0, 0, SIZE, SIZE);
  }

  /** End the film. */
  async stop(): Promise<Blob> {
    const ended = new Promise((resolve) => this.recorder.addEventListener("stop", resolve, { once: true }));
    this.recorder.stop();
    await ended;
    return new Blob(this.chunks, { type: this.recorder.mimeType.split(";")[0] });
  }
}

/** The sound that an element plays, as tracks; it goes on being heard. */
function tracksOf(media: HTMLMediaElement): MediaStreamTrack[] {
  const known = sources.get(media);
  const context = known?.[0] ?? new AudioContext();
  const source = known?.[1] ?? context.createMediaElementSource(media);
  if (!known) source.connect(context.destination);
  sources.set(media, [context, source]);
  void context.resume();
  const destination = context.createMediaStreamDestination();
  source.connect(destination);
  return destination.stream.getAudioTracks();
}
