import type { EngineConfig, EngineOptions } from "./engine";
import type { LiveFrame } from "./mouth";
import { Resampler } from "./resampler";
import type { Answer, Request } from "./worker";
import EngineWorker from "./worker?worker&inline";

export interface VoiceOptions extends EngineOptions {
  /** model.onnx of a bundle of articulators. */
  model: ArrayBuffer;
  /** Its config.json. */
  config: EngineConfig;
  /** onnxruntime-web's ort-wasm-simd-threaded.wasm; fetched from beside the script where it is left out. */
  wasm?: ArrayBuffer;
}

const KEPT = 12; // seconds of frames
const SAMPLE_RATE = 16_000;

/** One voice as it speaks and its face, computed in a worker. */
export class LiveVoice {
  /** Seconds by which frames are behind the sound. */
  lookAhead = 0;
  /** Milliseconds of the latest passes of the network. */
  readonly passes: number[] = [];
  private readonly worker = new EngineWorker();
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private readonly frames: LiveFrame[] = [];
  private resampler: Resampler | null = null;
  private asked = 0;

  private constructor(readonly channels: string[]) {
    this.worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      this.waiting.get(data.id)?.(data);
      this.waiting.delete(data.id);
    };
    this.worker.onerror = ({ message }) => {
      const failed = { frames: [], lookAhead: 0, passes: [], error: message || "the worker did not start" };
      for (const [id, answer] of this.waiting) answer({ id, ...failed });
    };
  }

  static async open({ model, config, wasm, ...options }: VoiceOptions): Promise<LiveVoice> {
    const voice = new LiveVoice(config.channels);
    await voice.ask({ kind: "open", model, config, wasm, options });
    return voice;
  }

  /** The next mono samples; the frames that they settle, which `at` shows from now on. */
  async push(samples: Float32Array, sampleRate = SAMPLE_RATE): Promise<LiveFrame[]> {
    if (sampleRate !== SAMPLE_RATE) {
      if (this.resampler?.rate !== sampleRate) this.resampler = new Resampler(sampleRate, SAMPLE_RATE);
      samples = this.resampler.push(samples);
    }
    return this.kept(await this.ask({ kind: "push", samples }));
  }

  /** End of the utterance: the frames that remain. */
  async flush(): Promise<LiveFrame[]> {
    return this.kept(await this.ask({ kind: "flush" }));
  }

  /** The next sound is of time 0; nothing is shown until it comes. */
  async reset(): Promise<void> {
    await this.ask({ kind: "reset" });
    this.frames.length = 0;
    this.resampler = null;
  }

  /** Seconds of the newest frame; negative where there is none. */
  get newest(): number {
    return this.frames.at(-1)?.time ?? -1;
  }

  /** The face at a moment of the sound, one weight a channel; the nearest frame holds where there is none. */
  at<T extends Float32Array>(time: number, out: T): T {
    if (!this.frames.length) out.fill(0);
    if (!this.frames.length) return out;
    let i = this.frames.length - 1;
    while (i > 0 && this.frames[i].time > time) i--;
    const [a, b] = [this.frames[i], this.frames[Math.min(i + 1, this.frames.length - 1)]];
    const share = b.time > a.time ? Math.min(Math.max((time - a.time) / (b.time - a.time), 0), 1) : 0;
    for (let c = 0; c < out.length; c++) out[c] = a.weights[c] + share * (b.weights[c] - a.weights[c]);
    return out;
  }

  close(): void {
    this.worker.terminate();
  }

  private kept({ frames, lookAhead, passes }: Answer): LiveFrame[] {
    this.lookAhead = lookAhead;
    this.passes.push(...passes);
    this.passes.splice(0, this.passes.length - 1000);
    if (frames.length && frames[0].time < this.newest) this.frames.length = 0; // another utterance
    this.frames.push(...frames);
    const old = this.frames.findIndex(({ time }) => time > this.newest - KEPT);
    this.frames.splice(0, Math.max(0, old));
    return frames;
  }

  private ask(request: Request): Promise<Answer> {
    const id = this.asked++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, (answer) => (answer.error ? reject(new Error(answer.error)) : resolve(answer)));
      this.worker.postMessage({ id, ...request });
    });
  }
}
