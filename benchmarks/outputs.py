"""Times what turns motion into files and vertices into weights: CPU seconds of this process, one core.

    python benchmarks/outputs.py                          the built-in head
    python benchmarks/outputs.py --avatar me.glb --size 720

Video: frames a second of the renderer alone, by the clock too since it draws in threads, and of the encoder with it.
Solver: milliseconds a frame. Files: bytes a second of sound. The least of several runs counts, since other programs
share the machine.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import utterface
from utterface import formats, rigs
from utterface.avatars.avatar import Avatar
from utterface.avatars.rig import shown
from utterface.clip import Clip
from utterface.motion import ARKIT
from utterface.video.encode import Look, frames

ROOT = Path(__file__).parents[1]
RUNS = 3
DRAWN = 30  # frames that are timed
FILES = ("glb", "csv", "audio2face:json", "vrma", "oculus:json", "azure:json", "osc", "tsv", "usda", "usdc", "pc2")


def least(work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """Seconds of the quickest of several runs, of CPU where no other clock is given."""
    times = []
    for _ in range(RUNS):
        begun = clock()
        work()
        times.append(clock() - begun)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sound", type=Path, nargs="?", default=ROOT / "examples" / "hello.flac")
    parser.add_argument("--avatar", type=Path)
    parser.add_argument("--size", default="512")
    given = parser.parse_args()
    clip = utterface.animate(given.sound, frame_rate=30)
    rig, motion = rigs.head(), clip.motion
    if given.avatar:
        rig, motion = shown(Avatar.read(given.avatar), clip.motion)
    look, values = Look.of(given.size), motion.select(rig.channels)[:DRAWN]
    print(f"{rig.name}: {len(rig.template)} vertices, {len(rig.triangles)} triangles")
    rates = [DRAWN / least(lambda: list(frames(values, rig, look)), c) for c in (time.process_time, time.perf_counter)]
    print(f"drawing at {given.size}: {rates[0]:.1f} frames a second of CPU, {rates[1]:.1f} by the clock")
    with tempfile.TemporaryDirectory() as folder:
        short = replace(clip, motion=replace(motion, values=motion.values[:DRAWN]))
        for suffix in (".mp4", ".webm"):
            spent = least(lambda suffix=suffix: formats.save(short, Path(folder, f"a{suffix}"), rig=rig, look=look))
            print(f"{suffix} with sound: {DRAWN / spent:.1f} frames a second")
        sizes(clip, Path(folder))
    still = [channel if channel in ARKIT else "" for channel in rig.channels]  # no turn of the head
    vertices = rig.vertices(motion.select(still))
    spent = least(lambda: rigs.solve(rig, vertices, still=True))
    print(f"solving: {1000 * spent / len(vertices):.2f} ms a frame, of {len(vertices)}")


def sizes(clip: Clip, folder: Path) -> None:
    """Print how much each format takes."""
    for name in FILES:
        kind, _, suffix = name.rpartition(":")
        path = folder / f"a.{suffix}"
        begun = time.process_time()
        clip.save(f"{kind}:{path}" if kind else path)
        spent = time.process_time() - begun
        size = path.stat().st_size / clip.duration / 1000
        print(f"{name}: {size:.1f} kB a second of sound, {1000 * spent:.0f} ms in all")


if __name__ == "__main__":
    main()
