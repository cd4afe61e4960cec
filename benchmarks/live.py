"""What a live voice costs on one core, and how late its frames come: the engine alone, and with the life layer.

    python benchmarks/live.py [ENGINE ...] [--chunk-ms 20] [--seconds 12]

Pushes examples/hello.flac in chunks, one thread. Voices a core: seconds of sound for each second of CPU time. Delay:
the look-ahead, of which blocks are a part, and the median and the 99th percentile of what one push takes.
"""

import argparse
import itertools
import time
from pathlib import Path

import numpy as np

from utterface import speech
from utterface.live import LiveSettings, LiveVoice
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
    p50, p99 = 1000 * np.percentile(walls, [50, 99])
    ahead = 1000 * (voice.about.look_ahead or 0.0)
    shown = "yes" if life else "no"
    return f"| {name} | {shown} | {voices:.1f} | {ahead:.0f} + {p50:.1f} ms | {ahead:.0f} + {p99:.1f} ms |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engines", nargs="*", default=["phones-live", "animator"])
    parser.add_argument("--chunk-ms", type=float, default=20.0)
    parser.add_argument("--seconds", type=float, default=12.0)
    args = parser.parse_args()
    samples = np.resize(speech.read(HELLO).samples, sample_count(args.seconds))
    print("| engine | life layer | voices a core | delay, p50 | p99 |\n|---|---|---|---|---|")
    for name, life in itertools.product(args.engines, (False, True)):
        print(measure(name, life, samples, sample_count(args.chunk_ms / 1000)), flush=True)


if __name__ == "__main__":
    main()
