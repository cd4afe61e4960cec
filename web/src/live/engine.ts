// The animator's network under onnxruntime-web: sound at 16 kHz in, frames of the face out, one hop at a time.

import { env, InferenceSession, Tensor } from "onnxruntime-web/wasm";

import { type LiveFrame, Mouth, type MouthConfig } from "./mouth";

/** config.json of a bundle of articulators, with the names that utterface adds. */
export interface EngineConfig extends MouthConfig {
  hop: number;
  lead: number;
  look_ahead: number;
  state: Record<string, number[]>;
}

export interface EngineOptions {
  frameRate?: number;
  /** How much the lips articulate, 0 to 2. */
  strength?: number;
}

type State = Record<string, Tensor>;

/** One voice, in order: `push`, `push`, …, `flush`. Calls wait for each other. */
export class Engine {
  /** Milliseconds of each pass of the network. */
  readonly passes: number[] = [];
  private state: State;
  private waiting: Float32Array;
  private mouth: Mouth;
  private pushed = 0;
  private emitted = 0;
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly session: InferenceSession,
    readonly config: EngineConfig,
    private readonly options: EngineOptions,
  ) {
    this.mouth = this.begin();
    this.state = this.zero();
    this.waiting = new Float32Array(config.lead);
  }

  /** Open a network; `wasm` is onnxruntime-web's ort-wasm-simd-threaded.wasm. */
  static async open(model: ArrayBuffer, config: EngineConfig, wasm?: ArrayBuffer, options: EngineOptions = {}): Promise<Engine> {
    env.wasm.numThreads = 1;
    if (wasm) env.wasm.wasmBinary = wasm;
    const session = await InferenceSession.create(new Uint8Array(model), { executionProviders: ["wasm"] });
    return new Engine(session, config, options);
  }

  /** Seconds by which frames are behind the sound. */
  get lookAhead(): number {
    return this.config.look_ahead + 2 / this.config.frame_rate;
  }

  /** The next samples, mono at 16 kHz → the frames that they settle. */
  push(samples: Float32Array): Promise<LiveFrame[]> {
    return this.inTurn(() => {
      this.pushed += samples.length;
      return this.run(samples);
    });
  }

  /** End of the utterance: the frames that remain; the next sound is of time 0. */
  flush(): Promise<LiveFrame[]> {
    return this.inTurn(async () => {
      const { hop, lead, delay_frames, frame_rate } = this.config;
      const seconds = this.pushed / (hop * frame_rate);
      const total = Math.max(1, Math.ceil(seconds * this.mouth.frameRate - 1e-6));
      const needed = (Math.ceil(seconds * frame_rate - 1e-6) + 2 + delay_frames) * hop - lead - this.pushed;
      const left = total - this.emitted;
      const frames = await this.run(new Float32Array(Math.max(0, needed) + hop));
      this.restart();
      return frames.slice(0, left);
    });
  }

  /** The next sound is of time 0; what waits is left out. */
  reset(): Promise<void> {
    return this.inTurn(async () => this.restart());
  }

  private restart(): void {
    this.mouth = this.begin();
    this.state = this.zero();
    this.waiting = new Float32Array(this.config.lead);
    this.pushed = this.emitted = 0;
  }

  private begin(): Mouth {
    return new Mouth(this.config, this.options.frameRate ?? 60, this.options.strength ?? 1);
  }

  private zero(): State {
    const tensors = Object.entries(this.config.state).map(([name, shape]) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return [name, new Tensor("float32", new Float32Array(size), [1, ...shape])];
    });
    return Object.fromEntries(tensors) as State;
  }

  private async run(samples: Float32Array): Promise<LiveFrame[]> {
    const { hop, state } = this.config;
    const known = new Float32Array(this.waiting.length + samples.length);
    known.set(this.waiting);
    known.set(samples, this.waiting.length);
    const frames: LiveFrame[] = [];
    let at = 0;
    for (; at + hop <= known.length; at += hop) {
      const began = performance.now();
      const inputs = { samples: new Tensor("float32", known.slice(at, at + hop), [1, hop]), ...this.state };
      const outputs = await this.session.run(inputs);
      this.passes.push(performance.now() - began);
      this.state = Object.fromEntries(Object.keys(state).map((name) => [name, outputs[`${name}_next`] as Tensor]));
      frames.push(...this.mouth.push(Float32Array.from(outputs.frames.data as Float32Array)));
    }
    this.waiting = known.slice(at);
    this.emitted += frames.length;
    return frames;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }
}
