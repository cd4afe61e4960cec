"""How frames go over a WebSocket: one encoder a format, each frame on the clock of its utterance's sound."""

import json
import struct
from collections.abc import Callable

import numpy as np

from utterface.errors import ConfigError
from utterface.motion import ARKIT, CHANNELS, Motion
from utterface.phones import OCULUS
from utterface.rigs import reduction

HEADER = struct.Struct("<4sHHIfd")  # UTF1, version, channels, frames, frame rate, seconds of the first frame
MAGIC, VERSION = b"UTF1", 1
Encoded = bytes | str


def binary(motion: Motion) -> Encoded:
    """`HEADER`, then (T, 61) little-endian float16."""
    head = HEADER.pack(MAGIC, VERSION, len(CHANNELS), len(motion), motion.frame_rate, motion.start)
    return head + motion.values.astype("<f2").tobytes()


def read_binary(data: bytes) -> Motion:
    """The motion of a `binary` message; ValueError where it is none."""
    magic, version, channels, count, rate, start = HEADER.unpack_from(data)
    if magic != MAGIC or version != VERSION or len(data) != HEADER.size + 2 * channels * count:
        raise ValueError("no message of frames")
    values = np.frombuffer(data, "<f2", offset=HEADER.size).reshape(count, channels)
    return Motion(values.astype(np.float32), frame_rate=rate, start=start)


def plain(motion: Motion) -> Encoded:
    """A row of 61 weights and angles a frame."""
    return _frames(motion, weights=_rounded(motion.values))


def talkinghead(motion: Motion) -> Encoded:
    """`anims` of TalkingHead's `streamAudio`, type `blendshapes`: milliseconds a frame, a list a channel that moves."""
    moving = [name for name in ARKIT if motion[name].any()]
    values = {name: _rounded(motion[name]) for name in moving}
    step = round(1000 / motion.frame_rate, 3)
    return _frames(motion, anims=[{"name": "blendshapes", "dt": [step] * len(motion), "vs": values}])


def audio2face(motion: Motion) -> Encoded:
    """Rows of `time_code` and 52 `values`, as Audio2Face's stream has them; the names come with `ready`."""
    rows = _rounded(motion.select(ARKIT))
    times = motion.times.round(6).tolist()
    return _frames(motion, animation=[{"time_code": t, "values": row} for t, row in zip(times, rows, strict=True)])


def visemes(motion: Motion) -> Encoded:
    """A row of the 15 Oculus visemes a frame."""
    return _frames(motion, weights=_rounded(reduction.to_visemes(motion)))


def _frames(motion: Motion, **content: object) -> str:
    head = {"type": "frames", "start": round(motion.start, 6), "frame_rate": motion.frame_rate, "count": len(motion)}
    return json.dumps(head | content, separators=(",", ":"))


def _rounded(values: np.ndarray) -> list:
    rows: list = np.asarray(values, float).round(4).tolist()
    return rows


# name: (encoder, names of the values of a frame)
FORMATS: dict[str, tuple[Callable[[Motion], Encoded], tuple[str, ...]]] = {
    "binary": (binary, CHANNELS),
    "json": (plain, CHANNELS),
    "talkinghead": (talkinghead, ARKIT),
    "audio2face": (audio2face, tuple(name[0].upper() + name[1:] for name in ARKIT)),
    "visemes": (visemes, OCULUS),
}


def format_named(name: object) -> tuple[Callable[[Motion], Encoded], tuple[str, ...]]:
    """An encoder and its names; ConfigError where none is called so."""
    if name not in FORMATS:
        raise ConfigError(f"no format is called {name!r}; there are {', '.join(FORMATS)}")
    return FORMATS[str(name)]
