"""Live voices for hours, as fast as the machine goes: memory, drift, and voices that come, are cut off and go.

    python benchmarks/soak.py [--hours 24] [--voices 1]
    python benchmarks/soak.py --hours 2 --voices 64

Hours are of sound, of each place of the batch. Every utterance must have as many frames as its sound, whatever happens
to other voices; memory is compared between the first tenth and the end.
"""

import argparse
import resource
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from utterface import speech
from utterface.live import BatchVoice, LiveSettings, VoiceBatch
from utterface.timing import frame_count

HELLO = Path(__file__).parents[1] / "examples" / "hello.flac"
_RATE = 60.0
_LONGEST = 120.0  # seconds of an utterance


@dataclass
class Count:
    """What has happened."""

    utterances: int = 0
    interrupted: int = 0
    left: int = 0
    frames: int = 0
    drifted: int = 0  # utterances with another number of frames than their sound has


def soak(hours: float, places: int, samples: np.ndarray, seed: int = 0) -> tuple[Count, list[float]]:
    """(what happened, MiB of memory at ten moments)."""
    drawn, count, memory = np.random.default_rng(seed), Count(), []
    batch = VoiceBatch(frame_rate=_RATE, voices=places)
    voices: dict[BatchVoice, int] = {}
    shown: dict[BatchVoice, int] = {}
    lengths: dict[BatchVoice, int] = {}
    ticks = round(hours * 3600 * speech.SAMPLE_RATE / batch.hop)
    for tick in range(ticks):
        if len(voices) < places and (places == 1 or drawn.random() < 0.2):
            voice = batch.join(LiveSettings("animator", frame_rate=_RATE, strength=float(drawn.uniform(0.5, 1.5))))
            voices[voice], shown[voice] = int(drawn.integers(len(samples))), 0
            lengths[voice] = int(drawn.uniform(1, _LONGEST) * 50)
        for voice, start in list(voices.items()):
            voice.push(np.take(samples, np.arange(batch.hop) + start, mode="wrap"))
            voices[voice] = start + batch.hop
            lengths[voice] -= 1
            if lengths[voice] <= 0:
                voice.end()
                lengths[voice] = int(drawn.uniform(1, _LONGEST) * 50)
            elif places > 1 and drawn.random() < 0.0005:
                voice.interrupt()
                shown[voice] = 0
                count.interrupted += 1
            elif places > 1 and drawn.random() < 0.0003:
                voice.leave()
                del voices[voice]
                count.left += 1
        for spoken in batch.tick():
            shown[spoken.voice] += len(spoken.motion)
            count.frames += len(spoken.motion)
            if spoken.ended is not None:
                count.utterances += 1
                count.drifted += shown[spoken.voice] != frame_count(spoken.ended, _RATE)
                shown[spoken.voice] = 0
        if (tick + 1) % max(1, ticks // 10) == 0:
            memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return count, memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--voices", type=int, default=1)
    args = parser.parse_args()
    since = time.perf_counter()
    count, memory = soak(args.hours, args.voices, speech.read(HELLO).samples)
    print(f"{args.hours:g} h of {args.voices} voices in {time.perf_counter() - since:.0f} s: {count}")
    print("memory at its most, MiB:", ", ".join(f"{value:.0f}" for value in memory))


if __name__ == "__main__":
    main()
