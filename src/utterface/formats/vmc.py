"""A capture of the VMC protocol's messages, a line each, as `oscdump` writes them and `oscsendfile` plays them.

    oscsendfile 127.0.0.1 39539 face.osc

sends a face to VSeeFace, Warudo, VMC's assistants and what else listens for the Virtual Motion Capture protocol
(https://protocol.vmc.info). Times are NTP's, hexadecimal seconds and their fraction, from the first sample on.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import numpy as np

from utterface.clip import Clip
from utterface.motion import ARKIT, Motion
from utterface.rigs import reduction

VOWELS = ("A", "I", "U", "E", "O")  # VRM 0's names, which every receiver knows
BLINKS = {"Blink_L": "eyeBlinkLeft", "Blink_R": "eyeBlinkRight"}
_VALUE = "/VMC/Ext/Blend/Val sf"
_GROUP = 24  # messages with one time; players send them as one datagram, which should not be split on its way


def write(clip: Clip, path: Path, rig: object = None) -> None:
    """The five vowels and both lids in every frame: what every VRM model has."""
    motion = clip.motion
    lids = motion.select(BLINKS.values()).clip(0, 1)
    _write(path, motion, (*VOWELS, *BLINKS), np.concatenate([reduction.to_vowels(motion), lids], 1))


def write_arkit(clip: Clip, path: Path, rig: object = None) -> None:
    """ARKit's 52 by the names of Perfect Sync (`JawOpen`), for models that have them; vowels and lids stay at 0."""
    names = tuple(name[0].upper() + name[1:] for name in ARKIT)
    still = np.zeros((len(clip.motion), len(VOWELS) + len(BLINKS)), np.float32)
    weights = np.concatenate([clip.motion.select(ARKIT).clip(0, 1), still], 1)
    _write(path, clip.motion, (*names, *VOWELS, *BLINKS), weights)


def _write(path: Path, motion: Motion, names: tuple[str, ...], weights: np.ndarray) -> None:
    with path.open("w", encoding="ascii", newline="\n") as file:
        for moment, row in zip(motion.times.tolist(), weights.tolist(), strict=True):
            _write_frame(file, moment, _messages(moment, names, row))


def _messages(moment: float, names: tuple[str, ...], weights: list[float]) -> Iterator[str]:
    for name, weight in zip(names, weights, strict=True):
        yield f'{_VALUE} "{name}" {weight:.6f}'
    yield "/VMC/Ext/Blend/Apply i 1"  # the number is for oscsendfile, which stumbles over messages without any
    yield "/VMC/Ext/OK i 1"
    yield f"/VMC/Ext/T f {moment:.6f}"


def _write_frame(file: TextIO, moment: float, messages: Iterator[str]) -> None:
    ticks = round(max(moment, 0.0) * 2**32)
    for number, message in enumerate(messages):
        whole, fraction = divmod(ticks + number // _GROUP, 2**32)
        file.write(f"{whole:08x}.{fraction:08x} {message}\n")
