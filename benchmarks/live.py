"""What a live engine costs on one core, and how late its frames come.

    python benchmarks/live.py [ENGINE ...] [--chunk-ms 20] [--seconds 12]

Pushes examples/hello.flac in chunks, one thread. Voices a core: seconds of sound for each second of CPU time. Delay:
the look-ahead, of which blocks are a part, and the 99th percentile of what one push takes.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from utterface import speech
from utterface.engines import Request, open_animator
from utterface.timing import SAMPLE_RATE, sample_count

HELLO = Path(__file__).parents[1] / "examples" / "hello.flac"


def measure(name: str, samples: np.ndarray, chunk: int) -> str:
    """One row of the table."""
    animator = open_animator(name, Request())
    animator.push(samples[:SAMPLE_RATE])  # warm
    animator.reset()
    walls = []
    cpu = time.process_time()
    for start in range(0, len(samples), chunk):
        wall = time.perf_counter()
        animator.push(samples[start : start + chunk])
        walls.append(time.perf_counter() - wall)
    animator.flush()
    voices = len(samples) / SAMPLE_RATE / (time.process_time() - cpu)
    push = float(np.percentile(walls, 99))
    ahead = animator.about.look_ahead
    delay = "the whole utterance" if ahead is None else f"{1000 * ahead:.0f} + {1000 * push:.0f} ms"
    return f"| {name} | {voices:.1f} | {delay} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engines", nargs="*", default=["phones-live", "animator"])
    parser.add_argument("--chunk-ms", type=float, default=20.0)
    parser.add_argument("--seconds", type=float, default=12.0)
    args = parser.parse_args()
    samples = np.resize(speech.read(HELLO).samples, sample_count(args.seconds))
    print("| engine | voices a core | delay |\n|---|---|---|")
    for name in args.engines:
        print(measure(name, samples, sample_count(args.chunk_ms / 1000)), flush=True)


if __name__ == "__main__":
    main()
