"""ARKit's weights as fewer: the 15 visemes of Oculus, or the five vowels of VRM.

One matrix each, fitted to speech on the shapes of a head that has both sets (MakeHuman's, CC0) by
`scripts/make_reduction.py`; `reduction.csv` holds the numbers. Closed lips stay closed: all vowels are zero then.
"""

import csv
from functools import cache
from importlib.resources import files

import numpy as np

from utterface.motion import Motion
from utterface.phones import OCULUS

VOWELS = ("aa", "ih", "ou", "ee", "oh")  # VRM 1's names, in the order in which VRM 0 has A I U E O
SETS = {"oculus": OCULUS[1:], "vrm": VOWELS}
_LIPS = ("PP", "FF")  # visemes with lips that touch something


@cache
def matrix(name: str) -> tuple[tuple[str, ...], np.ndarray]:
    """Channels, and (channels, shapes) float32 gains of one of `SETS`; read-only."""
    rows = list(csv.DictReader(files("utterface.rigs").joinpath("reduction.csv").read_text("utf-8").splitlines()))
    gains = np.array([[float(row[f"{name}.{shape}"]) for shape in SETS[name]] for row in rows], np.float32)
    gains.setflags(write=False)
    return tuple(row["channel"] for row in rows), gains


def to_visemes(motion: Motion) -> np.ndarray:
    """(T, 15) float32 weights 0…1 in the order of `phones.OCULUS`; `sil` takes what the others leave of 1."""
    weights = _reduced(motion, "oculus")
    is_open = np.array([name not in _LIPS for name in SETS["oculus"]])
    weights[closed(motion)[:, None] & is_open] = 0
    silence = np.maximum(1 - weights.sum(1, keepdims=True), 0)
    return np.concatenate([silence, weights], 1)


def to_vowels(motion: Motion) -> np.ndarray:
    """(T, 5) float32 weights 0…1 of `VOWELS`."""
    weights = _reduced(motion, "vrm")
    weights[closed(motion)] = 0
    return weights


def closed(motion: Motion) -> np.ndarray:
    """(T,) bool, whether the lips are closed, as `Motion.closures` judges it."""
    times, result = motion.times, np.zeros(len(motion), bool)
    for first, last in motion.closures():
        result |= (times >= first) & (times <= last)
    return result


def _reduced(motion: Motion, name: str) -> np.ndarray:
    channels, gains = matrix(name)
    weights: np.ndarray = np.clip(motion.select(channels) @ gains, 0, 1)
    return weights
