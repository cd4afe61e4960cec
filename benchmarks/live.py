"""What live voices cost on one core, and how late their frames come: the engine alone, and with the life layer.

    python benchmarks/live.py [ENGINE ...] [--voices 1 16 64] [--chunk-ms 20] [--seconds 12]

Pushes examples/hello.flac in chunks, one thread. Voices a core: seconds of sound for each second of CPU time. Delay:
the look-ahead, of which blocks are a part, and the median and the 99th percentile of what one push takes; of a batch,
what one tick of 20 ms takes, in which every voice, each elsewhere in the recording, pushes a hop.
"""

import argparse
import itertools
import time
from pathlib import Path

import numpy as np

from utterface import speech
from utterface.live import LiveSettings, LiveVoice, VoiceBatch
from utterface.live.batch import TICK
from utterface.timing import SAMPLE_RATE, sample_count

HELLO = Path(__file__).parents[1] / "examples" / "hello.flac"


def measure(name: str, life: bool, samples: np.ndarray, chunk: int) -> str:
    """One row of the table."""
    voice = LiveVoice(LiveSettings(name, life=life))
    voice.push(samples[:SAMPLE_RATE])  # warm
    voice.reset()
    walls = []
    cpu = time.process_time()
    for start in range(0, len(samples), chunk):
        wall = time.perf_counter()
        voice.push(samples[start : start + chunk])
        walls.append(time.perf_counter() - wall)
    voice.flush()
    voices = len(samples) / SAMPLE_RATE / (time.process_time() - cpu)
    return _row(name, life, voices, voice.about.look_ahead or 0.0, walls)


def measure_batch(count: int, life: bool, samples: np.ndarray) -> str:
    """One row: a batch of `count` voices of the animator."""
    batch = VoiceBatch(voices=count)
    voices = [batch.join(LiveSettings("animator", life=life, seed=seed)) for seed in range(count)]
    starts = np.random.default_rng(0).integers(len(samples), size=count)
    walls, spent = [], 0.0
    for tick in range(len(samples) // batch.hop):
        for voice, start in zip(voices, starts, strict=True):
            voice.push(np.take(samples, np.arange(batch.hop) + start + tick * batch.hop, mode="wrap"))
        wall, cpu = time.perf_counter(), time.process_time()
        batch.tick()
        walls.append(time.perf_counter() - wall)
        spent += time.process_time() - cpu
    ahead = batch.about.look_ahead or 0.0
    return _row(f"a batch of {count}", life, count * len(walls) * TICK / spent, ahead, walls)


def _row(name: str, life: bool, voices: float, look_ahead: float, walls: list[float]) -> str:
    p50, p99 = 1000 * np.percentile(walls, [50, 99])
    ahead, shown = 1000 * look_ahead, "yes" if life else "no"
    return f"| {name} | {shown} | {voices:.1f} | {ahead:.0f} + {p50:.1f} ms | {ahead:.0f} + {p99:.1f} ms |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engines", nargs="*", default=["phones-live", "animator"])
    parser.add_argument("--voices", type=int, nargs="*", default=[1, 16, 64])
    parser.add_argument("--chunk-ms", type=float, default=20.0)
    parser.add_argument("--seconds", type=float, default=12.0)
    args = parser.parse_args()
    samples = np.resize(speech.read(HELLO).samples, sample_count(args.seconds))
    print("| engine | life layer | voices a core | delay, p50 | p99 |\n|---|---|---|---|---|")
    for name, life in itertools.product(args.engines, (False, True)):
        print(measure(name, life, samples, sample_count(args.chunk_ms / 1000)), flush=True)
    for count, life in itertools.product(args.voices, (False, True)):
        print(measure_batch(count, life, samples), flush=True)


if __name__ == "__main__":
    main()
