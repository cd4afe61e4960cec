// The engine in a worker of its own, so that the page goes on drawing.

import { Engine, type EngineConfig, type EngineOptions } from "./engine";
import type { LiveFrame } from "./mouth";

export type Request =
  | { kind: "open"; model: ArrayBuffer; config: EngineConfig; wasm?: ArrayBuffer; options: EngineOptions }
  | { kind: "push"; samples: Float32Array }
  | { kind: "flush" | "reset" };

export interface Answer {
  id: number;
  frames: LiveFrame[];
  lookAhead: number;
  /** Milliseconds of the passes of the network. */
  passes: number[];
  error?: string;
}

const scope = self as unknown as { postMessage(answer: Answer): void; onmessage: (event: MessageEvent) => void };
let engine: Engine;

async function answer(request: Request): Promise<LiveFrame[]> {
  if (request.kind === "open") {
    engine = await Engine.open(request.model, request.config, request.wasm, request.options);
    return [];
  }
  if (request.kind === "push") return engine.push(request.samples);
  if (request.kind === "flush") return engine.flush();
  await engine.reset();
  return [];
}

scope.onmessage = async ({ data: { id, ...request } }: MessageEvent<Request & { id: number }>) => {
  try {
    const frames = await answer(request as Request);
    scope.postMessage({ id, frames, lookAhead: engine.lookAhead, passes: engine.passes.splice(0) });
  } catch (error) {
    scope.postMessage({ id, frames: [], lookAhead: 0, passes: [], error: String(error) });
  }
};
