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


def median_seconds(work: Callable[[], object], rounds: int = 3) -> float:
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def whole_job(audio: Path, text: str | None, folder: Path) -> tuple[float, float]:
    """(seconds of sound, real-time factor) of animate to .csv, in this process, after one warm-up."""
    duration = speech.duration(audio)
    animate(audio, text).save(folder / "warm.csv")
    return duration, median_seconds(lambda: animate(audio, text).save(folder / "face.csv")) / duration


def command_seconds(*arguments: str) -> float:
    """Wall seconds of the command line, start of Python included."""
    call = [sys.executable, "-m", "utterface", *arguments]
    return median_seconds(lambda: subprocess.run(call, check=True, capture_output=True))


def motion_milliseconds() -> float:
    """Motion for 10 s of speech with a given alignment."""
    clip = animate(HELLO, SAID)
    phones = [p for p in clip.phones if p.end <= 5.0]
    later = [type(p)(p.label, p.start + 5.0, p.end + 5.0, p.stress) for p in phones]
    return 1000 * median_seconds(lambda: articulate([*phones, *later], 10.0), 5)


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
    if text is not None:
        duration, factor = whole_job(audio, text, folder)
        table.append((f"animate to .csv with transcript, {duration:.0f} s of sound", f"RTF {factor:.3f}"))
    duration, factor = whole_job(audio, None, folder)
    table.append((f"animate to .csv without transcript, {duration:.0f} s of sound", f"RTF {factor:.3f}"))
    for suffix in (".csv", ".html"):
        took = command_seconds("animate", str(HELLO), "-o", str(folder / f"hello{suffix}"))
        table.append((f"the whole command, examples/hello.flac (6 s) to {suffix}", f"{took:.2f} s"))
    table.append(("motion for 10 s of speech, alignment given", f"{motion_milliseconds():.0f} ms"))
    sizes = ", ".join(f"{suffix} {size / 1e6:.2f} MB" for suffix, size in file_sizes(folder).items())
    table.append(("files for 10 s", sizes))
    table.append(("utterface --help", f"{command_seconds('--help'):.2f} s"))
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
