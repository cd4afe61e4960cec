"""What the main job costs on this machine: speed, sizes, memory. Prints a Markdown table.

    python benchmarks/main_job.py [--audio FILE --text FILE] [--hour]

Without --audio it uses examples/hello.flac, several times over where more sound is wanted. `--hour` also animates one
hour of sound without a transcript and watches the memory; that takes a few minutes. Real-time factor: seconds of work
per second of sound, the median of three, everything included but starting Python.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile

from utterface import speech
from utterface.articulation import articulate
from utterface.engines.animate import animate
from utterface.timing import SAMPLE_RATE

ROOT = Path(__file__).parents[1]
HELLO = ROOT / "examples" / "hello.flac"
SAID = "Hello! I move my lips for every word, and I keep them shut for maps, pubs and bumblebees."


@dataclass(frozen=True)
class Cost:
    """Medians over rounds: seconds on the clock, and seconds of CPU, which a busy machine does not stretch."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:.2f} s ({self.cpu:.2f} s of CPU)"

    def factor(self, duration: float) -> str:
        return f"RTF {self.wall / duration:.3f} ({self.cpu / duration:.3f} of CPU)"


def cost(work: Callable[[], object], rounds: int = 3) -> Cost:
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), sum(os.times()[:4])  # this process and its children
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(sum(os.times()[:4]) - cpu)
    return Cost(statistics.median(walls), statistics.median(cpus))


def whole_job(audio: Path, text: str | None, folder: Path) -> str:
    """Animate to .csv in this process, after one warm-up."""
    animate(audio, text).save(folder / "warm.csv")
    return cost(lambda: animate(audio, text).save(folder / "face.csv")).factor(speech.duration(audio))


def command(*arguments: str) -> Cost:
    """The command line, start of Python included."""
    call = [sys.executable, "-m", "utterface", *arguments]
    return cost(lambda: subprocess.run(call, check=True, capture_output=True))


def motion_cost() -> str:
    """Motion for 10 s of speech with a given alignment."""
    clip = animate(HELLO, SAID)
    phones = [p for p in clip.phones if p.end <= 5.0]
    later = [replace(p, start=p.start + 5.0, end=p.end + 5.0) for p in phones]
    spent = cost(lambda: articulate([*phones, *later], 10.0), 9)
    return f"{1000 * spent.wall:.0f} ms ({1000 * spent.cpu:.0f} ms of CPU)"


def file_sizes(folder: Path) -> dict[str, int]:
    """Bytes of every format for 10 s of speech."""
    samples = np.resize(speech.read(HELLO).samples, 10 * SAMPLE_RATE)
    clip = animate(samples)
    sizes = {}
    for suffix in (".html", ".glb", ".csv", ".json", ".npz"):
        clip.save(folder / f"ten{suffix}")
        sizes[suffix] = (folder / f"ten{suffix}").stat().st_size
    return sizes


def peak_megabytes(audio: Path, output: Path) -> tuple[float, float]:
    """(most memory a process of its own held, MB; its wall seconds) for animate without a transcript."""
    code = (
        "import resource, sys; from utterface.cli import main\n"
        "assert main(sys.argv[1:]) == 0\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    call = [sys.executable, "-c", code, "animate", str(audio), "-o", str(output), "--quiet"]
    begun = time.perf_counter()
    done = subprocess.run(call, check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1]), time.perf_counter() - begun


def tile(audio: Path, seconds: float, target: Path) -> Path:
    """A recording over and over until it is long enough."""
    samples = speech.read(audio).samples
    with soundfile.SoundFile(target, "w", SAMPLE_RATE, 1, subtype="PCM_16") as file:
        for _ in range(int(np.ceil(seconds / speech.duration(audio)))):
            file.write(samples)
    return target


def rows(audio: Path, text: str | None, hour: bool, folder: Path) -> list[tuple[str, str]]:
    table = []
    seconds = f"{speech.duration(audio):.0f} s of sound"
    if text is not None:
        table.append((f"animate to .csv with transcript, {seconds}", whole_job(audio, text, folder)))
    table.append((f"animate to .csv without transcript, {seconds}", whole_job(audio, None, folder)))
    for suffix in (".csv", ".html"):
        spent = command("animate", str(HELLO), "-o", str(folder / f"hello{suffix}"))
        table.append((f"the whole command, examples/hello.flac (6 s) to {suffix}", str(spent)))
    table.append(("motion for 10 s of speech, alignment given", motion_cost()))
    sizes = ", ".join(f"{suffix} {size / 1e6:.2f} MB" for suffix, size in file_sizes(folder).items())
    table.append(("files for 10 s", sizes))
    table.append(("utterface --help", str(command("--help"))))
    if hour:
        for suffix in (".csv", ".npz"):
            long = tile(audio, 3600, folder / "hour.wav")
            peak, took = peak_megabytes(long, folder / f"hour{suffix}")
            table.append((f"one hour of sound to {suffix}", f"peak {peak:.0f} MB, {took:.0f} s"))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--audio", type=Path, default=HELLO)
    parser.add_argument("--text", type=Path, help="a file with what is said in --audio")
    parser.add_argument("--hour", action="store_true", help="also one hour of sound, watching the memory")
    given = parser.parse_args()
    text = given.text.read_text(encoding="utf-8") if given.text else SAID if given.audio == HELLO else None
    print(f"{os.cpu_count()} CPUs ({platform.machine()}), Python {platform.python_version()}\n")
    print("| what | cost |\n|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for what, cost in rows(given.audio, text, given.hour, Path(folder)):
            print(f"| {what} | {cost} |", flush=True)


if __name__ == "__main__":
    main()
