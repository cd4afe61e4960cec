"""Write src/utterface/rigs/reduction.csv: what turns ARKit's weights into visemes and vowels.

    utterface animate recordings/ --life off -o motion/ -o .npz
    python scripts/make_reduction.py mpfb_arkit52_base.glb motion/*.npz

The avatar needs ARKit's shapes and Oculus visemes on one mesh; the five vowels are its visemes aa, I, U, E and O. Each
matrix minimises the distance between the vertices that the motion gives by ARKit's shapes and those by the reduced
ones, lips first. Visemes only add up; vowels may take from each other: `mouthClose` closes what `jawOpen` opens.
"""

import argparse
import csv
import sys
from pathlib import Path

import numpy as np

from utterface import formats
from utterface.gltf import Gltf
from utterface.motion import ARKIT
from utterface.phones import OCULUS
from utterface.rigs import reduction
from utterface.rigs.solver import bounded

CHANNELS = tuple(name for name in ARKIT if name.startswith(("jaw", "mouth", "tongue", "cheekPuff")))
SHAPES = dict(zip(OCULUS, "sil PP FF TH DD kk CH SS nn RR aa E I O U".split(), strict=True))  # as avatars name them
VOWELS = dict(zip(reduction.VOWELS, "aa I U E O".split(), strict=True))
ELSEWHERE = 0.05  # how much a vertex counts that is not of the lips
UNSPOKEN = 0.1  # weight at which each channel is shown alone, so that those that speech lacks are fitted too
MOST = 2.0


def shapes_of(path: Path) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Name → (V, 3) metres of every morph target of the first mesh that has some; and (V,) bool, the lips."""
    gltf = Gltf.read(path)
    mesh = next(mesh for mesh in gltf.items("meshes") if mesh["primitives"][0].get("targets"))
    targets = mesh["primitives"][0]["targets"]
    names = gltf.target_names(mesh)
    shapes = {name: gltf.accessor(each["POSITION"]).astype(float) for name, each in zip(names, targets, strict=True)}
    reach = np.linalg.norm(shapes["mouthPucker"], axis=1)
    return shapes, reach > 0.25 * reach.max()


def weighted(shapes: dict[str, np.ndarray], names: list[str], lips: np.ndarray) -> np.ndarray:
    """(len(names), 3·V), scaled so that squares count as much as they should."""
    shares = np.sqrt(np.where(lips, 1, ELSEWHERE))[:, None]
    return np.stack([(shapes[name] * shares).ravel() for name in names])


def fit(full: np.ndarray, reduced: np.ndarray, weights: np.ndarray, least: float) -> np.ndarray:
    """(channels, shapes) gains from `least` to `MOST` for (T, channels) weights."""
    moments = weights.T @ weights / len(weights) + UNSPOKEN**2 * np.eye(weights.shape[1])
    gram = np.kron(moments, reduced @ reduced.T)
    gram += 1e-6 * np.trace(gram) / len(gram) * np.eye(len(gram))
    gains, _ = bounded(gram, (moments @ full @ reduced.T).reshape(1, -1), (least, MOST))
    return gains.reshape(weights.shape[1], -1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("avatar", type=Path)
    parser.add_argument("motion", type=Path, nargs="+")
    given = parser.parse_args()
    shapes, lips = shapes_of(given.avatar)
    weights = np.concatenate([formats.read(path).motion.select(CHANNELS) for path in given.motion]).astype(float)
    full = weighted(shapes, list(CHANNELS), lips)
    visemes = weighted(shapes, [f"viseme_{SHAPES[name]}" for name in OCULUS[1:]], lips)
    vowels = weighted(shapes, [f"viseme_{name}" for name in VOWELS.values()], lips)
    gains = np.concatenate([fit(full, visemes, weights, 0.0), fit(full, vowels, weights, -MOST)], 1)
    names = [f"{name}.{shape}" for name, shapes in reduction.SETS.items() for shape in shapes]
    place = Path(reduction.__file__).with_name("reduction.csv")
    with place.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["channel", *names])
        for channel, row in zip(CHANNELS, gains.round(3), strict=True):
            table.writerow([channel, *(f"{gain + 0:g}" for gain in row)])
    return 0


if __name__ == "__main__":
    sys.exit(main())
