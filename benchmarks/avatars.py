"""What a face of the user's own costs: reading, inspecting and writing files, in CPU time and bytes.

    python benchmarks/avatars.py me.glb other.vrm …

For each file: seconds to read it and find what drives it, seconds and bytes to add six seconds of motion, seconds to
make a plain copy, and seconds to add shapes where it has none. CPU time of one thread, the least of several runs.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from utterface import rigs
from utterface.avatars.adding import with_shapes
from utterface.avatars.avatar import Avatar
from utterface.avatars.plain import to_plain
from utterface.avatars.settings import Settings
from utterface.avatars.talking import to_file
from utterface.errors import RigError, UtterfaceError
from utterface.gltf import Gltf
from utterface.motion import CHANNELS, Motion

SECONDS, RATE = 6.0, 60.0


def timed(work: Callable[[], object], repeat: int) -> float:
    """Least CPU seconds of several runs."""
    costs = []
    for _ in range(repeat):
        begun = time.process_time()
        work()
        costs.append(time.process_time() - begun)
    return min(costs)


def motion() -> Motion:
    """Every channel different from every other."""
    t = np.arange(round(SECONDS * RATE))[:, None] / RATE
    return Motion(0.5 + 0.4 * np.sin(2 * np.pi * t * (1 + np.arange(len(CHANNELS)) / 50)), frame_rate=RATE)


def row(path: Path, repeat: int) -> str:
    """One file's figures."""
    gltf, take, added = Gltf.read(path), motion(), ""
    try:
        avatar = Avatar.read(path)
    except RigError:
        rig = rigs.head()
        cost = timed(lambda: with_shapes(Gltf.read(path), rig, Settings()), 1)
        avatar = Avatar.from_gltf(with_shapes(gltf, rig, Settings()), Settings())
        added = f"   shapes added in {cost:.2f} s"
    read = timed(lambda: Avatar.from_gltf(Gltf.read(path), Settings()) if not added else Gltf.read(path), repeat)
    write = timed(lambda: to_file(avatar, take), repeat)
    grown = (len(to_file(avatar, take)) - len(avatar.gltf.to_bytes())) / 1000
    plain = timed(lambda: to_plain(Gltf.read(path)), 1)
    return f"{path.name:40} read {read:.3f} s   talking {write:.3f} s, +{grown:.0f} kB   plain {plain:.2f} s{added}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("avatars", type=Path, nargs="+")
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    for path in given.avatars:
        try:
            print(row(path, given.repeat), flush=True)
        except UtterfaceError as error:
            print(f"{path.name}: {error}", flush=True)


if __name__ == "__main__":
    main()
