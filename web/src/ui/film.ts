import type { Player } from "../player";
import { Video } from "../video";
import { download, iconButton } from "./dom";
import { background } from "./theme";

/** The button that records a take from its start to its end, or until it is pressed again, and saves it. */
export class Film {
  readonly button = iconButton("record", "Record a video (V)", () => this.toggle());
  private video: Video | null = null;

  constructor(
    private readonly player: Player,
    private readonly canvas: HTMLCanvasElement,
    private readonly refresh: () => void,
  ) {}

  toggle(): void {
    void (this.video ? this.stop() : this.start());
  }

  /** Meanwhile every frame is drawn, whether the face moves or not. */
  update(): void {
    if (this.video) this.refresh();
  }

  /** Follow a new picture. */
  draw(): void {
    this.video?.draw();
  }

  private async start(): Promise<void> {
    const { player } = this;
    player.pause();
    player.looped = null;
    await player.land(0);
    this.video = new Video(this.canvas, player.media, background());
    this.button.setAttribute("aria-pressed", "true");
    player.media.addEventListener("ended", () => void this.stop(), { once: true });
    await player.play();
  }

  private async stop(): Promise<void> {
    const { video } = this;
    if (!video) return;
    this.video = null;
    this.button.setAttribute("aria-pressed", "false");
    this.player.pause();
    const film = await video.stop();
    download(film, `${this.player.clip.title}.${film.type.endsWith("mp4") ? "mp4" : "webm"}`);
  }
}
