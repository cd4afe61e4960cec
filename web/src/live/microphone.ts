const TAKER = `registerProcessor("taker", class extends AudioWorkletProcessor {
  process([[channel]]) {
    if (channel) this.port.postMessage(channel.slice());
    return true;
  }
})`;

export interface Listening {
  sampleRate: number;
  stop(): void;
}

/** Chunks of a microphone, or of another stream, taken by an AudioWorklet. */
export async function listen(take: (samples: Float32Array) => void, stream?: MediaStream): Promise<Listening> {
  const own = stream ?? (await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } }));
  const context = new AudioContext();
  // from disk a blob is of another origin than the page, and no worklet loads it
  await context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(TAKER)}`);
  const taker = new AudioWorkletNode(context, "taker", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
  taker.port.onmessage = ({ data }: MessageEvent<Float32Array>) => take(data);
  context.createMediaStreamSource(own).connect(taker);
  await context.resume();
  return {
    sampleRate: context.sampleRate,
    stop() {
      taker.port.onmessage = null;
      if (!stream) for (const track of own.getTracks()) track.stop();
      void context.close();
    },
  };
}
