/** Named channels over time, looked up at any moment. Values lie channel after channel. */
export class Track {
  readonly frames: number;

  constructor(
    readonly channels: string[],
    readonly frameRate: number,
    readonly start: number,
    readonly values: Float32Array,
  ) {
    this.frames = channels.length ? values.length / channels.length : 0;
  }

  /** One channel's frames. */
  channel(index: number): Float32Array {
    return this.values.subarray(index * this.frames, (index + 1) * this.frames);
  }

  /** All channels at a moment (seconds), linear between frames; beyond the ends the end frames hold. */
  at(time: number, out: Float32Array): Float32Array {
    const position = Math.min(Math.max((time - this.start) * this.frameRate, 0), this.frames - 1);
    const left = Math.floor(position);
    const right = Math.min(left + 1, this.frames - 1);
    const blend = position - left;
    for (let c = 0; c < this.channels.length; c++) {
      const row = c * this.frames;
      out[c] = this.values[row + left] * (1 - blend) + this.values[row + right] * blend;
    }
    return out;
  }
}
