const BLINK = [0.07, 0.04, 0.2]; // seconds: down, held, up

/** Blinks, gaze and a head that moves with the voice, for a face that is live: a little of what `utterface.life` adds. */
export class Life {
  private blinkAt = 1;
  private gazeAt = 0;
  private gaze: [number, number] = [0, 0];
  private before: [number, number] = [0, 0];
  private loud = 0;
  private readonly phases = Array.from({ length: 6 }, () => 2 * Math.PI * Math.random());

  constructor(private readonly channels: string[]) {}

  /** Add it at a moment (seconds, ever increasing) to weights in place; `level` is 0 quiet … 1 loud. */
  over(weights: Float32Array, time: number, level: number): void {
    this.loud += 0.08 * (level - this.loud);
    const sway = 0.45 + 0.55 * this.loud;
    const wave = (k: number, hertz: number) => Math.sin(2 * Math.PI * hertz * time + this.phases[k]);
    const yaw = sway * (0.055 * wave(0, 0.17) + 0.03 * wave(1, 0.41));
    const pitch = sway * (0.025 * wave(2, 0.23) + 0.012 * wave(3, 0.53)) + 0.03 * Math.max(level - this.loud, 0);
    const add = (channel: string, value: number) => {
      const c = this.channels.indexOf(channel);
      if (c >= 0) weights[c] += value;
    };
    add("headYaw", yaw);
    add("headPitch", pitch);
    add("headRoll", sway * 0.02 * wave(4, 0.13));
    add("browInnerUp", 0.1 * this.loud * Math.max(wave(5, 0.3), 0));
    const lid = this.lid(time);
    for (const side of ["Left", "Right"]) add(`eyeBlink${side}`, lid);
    const [x, y] = this.look(time);
    this.turn(weights, x - yaw, y - pitch);
  }

  private lid(time: number): number {
    const since = time - this.blinkAt;
    const [down, held, up] = BLINK;
    if (since > down + held + up) this.blinkAt = time + 1.2 - 3 * Math.log(1 - Math.random());
    if (since < 0) return 0;
    const smooth = (u: number) => Math.min(Math.max(u, 0), 1) ** 2 * (3 - 2 * Math.min(Math.max(u, 0), 1));
    return smooth(since / down) * (1 - smooth((since - down - held) / up));
  }

  private look(time: number): [number, number] {
    if (time > this.gazeAt) {
      const far = Math.random() < 0.15 ? 0.16 : 0.03;
      this.before = this.gaze;
      this.gaze = [far * (2 * Math.random() - 1), 0.6 * far * (2 * Math.random() - 1)];
      this.gazeAt = time + 0.4 - Math.log(1 - Math.random());
      this.began = time;
    }
    const done = Math.min(1, (time - this.began) / 0.04);
    return [0, 1].map((k) => this.before[k] + done * (this.gaze[k] - this.before[k])) as [number, number];
  }

  private began = 0;

  /** Eye angles and the weights that say the same; + is the viewer's right and down. */
  private turn(weights: Float32Array, yaw: number, pitch: number): void {
    const put = (channel: string, value: number) => {
      const c = this.channels.indexOf(channel);
      if (c >= 0) weights[c] = value;
    };
    for (const [side, inward, outward] of [["left", "In", "Out"], ["right", "Out", "In"]] as const) {
      const name = side[0].toUpperCase() + side.slice(1);
      put(`${side}EyeYaw`, yaw);
      put(`${side}EyePitch`, pitch);
      put(`eyeLook${inward}${name}`, Math.max(yaw, 0) / 0.605);
      put(`eyeLook${outward}${name}`, Math.max(-yaw, 0) / 0.605);
      put(`eyeLookDown${name}`, Math.max(pitch, 0) / 0.555);
      put(`eyeLookUp${name}`, Math.max(-pitch, 0) / 0.555);
    }
  }
}
