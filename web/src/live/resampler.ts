const HALF = 16; // zero crossings on either side

/** Sound of one rate to another as it comes: a windowed sinc. */
export class Resampler {
  private kept = new Float32Array(0);
  private first = 0; // sample number of kept[0]
  private next = 0; // number of the next output

  constructor(
    readonly rate: number,
    private readonly wanted: number,
  ) {}

  push(samples: Float32Array): Float32Array {
    const known = new Float32Array(this.kept.length + samples.length);
    known.set(this.kept);
    known.set(samples, this.kept.length);
    const ratio = this.rate / this.wanted;
    const width = HALF * Math.max(1, ratio);
    const out: number[] = [];
    for (; ; this.next++) {
      const centre = this.next * ratio;
      const last = Math.floor(centre + width);
      if (last >= this.first + known.length) break;
      let sum = 0;
      for (let i = Math.max(this.first, Math.ceil(centre - width)); i <= last; i++) {
        sum += known[i - this.first] * kernel((i - centre) / width, Math.min(1, 1 / ratio) * (i - centre));
      }
      out.push(sum * Math.min(1, 1 / ratio));
    }
    const keep = Math.max(0, Math.min(known.length, Math.ceil(this.next * ratio - width) - this.first));
    this.kept = known.slice(keep);
    this.first += keep;
    return Float32Array.from(out);
  }
}

function kernel(place: number, x: number): number {
  const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  return sinc * (0.5 + 0.5 * Math.cos(Math.PI * place));
}
