"""Rhubarb Lip Sync's mouth cues, read so that they can be judged beside motion.

A cue file is TSV, a line `seconds TAB shape`; shapes are A…H and X, each holds until the next, the last ends the clip.
"""

from pathlib import Path

import numpy as np

from utterface.errors import MotionError
from utterface.formats.guard import MAX_SECONDS
from utterface.phones import Span

# What a drawn mouth shape means in mm of lip gap and in rounding: the convention of the published anchors.
GAP_MM = {"A": 0.0, "X": 0.0, "B": 2.0, "G": 1.0, "F": 2.5, "H": 3.5, "E": 5.0, "C": 6.0, "D": 10.0}
ROUNDING = {"F": 1.0, "E": 0.5}


def read(path: Path) -> tuple[Span, ...]:
    """Cues as spans that follow each other; the last one is open-ended (infinite end).

    Raises:
        MotionError: where a line is no cue, or there is none.
    """
    cues: list[tuple[float, str]] = []
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise MotionError(f"cannot read {path}: {getattr(error, 'strerror', None) or 'it is not text'}") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            start, shape = line.split("\t")
            cues.append((_moment(start, cues[-1][0] if cues else 0.0), shape.strip()))
        except ValueError:
            raise MotionError(f"{path}, line {number}: expected rising seconds TAB shape, got {line[:40]!r}") from None
        if cues[-1][1] not in GAP_MM:
            raise MotionError(f"{path}, line {number}: {cues[-1][1]!r} is no mouth shape; expected A to H or X")
    if not cues:
        raise MotionError(f"{path} holds no mouth cues; expected lines of seconds TAB shape")
    ends = [start for start, _ in cues[1:]] + [float("inf")]
    return tuple(Span(shape, start, end) for (start, shape), end in zip(cues, ends, strict=True))


def _moment(text: str, least: float) -> float:
    """Seconds, not before the cue before; ValueError for anything else."""
    seconds = float(text)
    if not least <= seconds <= MAX_SECONDS:
        raise ValueError(f"{text} s after {least} s")
    return seconds


def to_lips(cues: tuple[Span, ...], times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(gap in mm, rounding), (T,) each, at (T,) seconds."""
    gap, rounding = np.zeros(len(times)), np.zeros(len(times))
    for cue in cues:
        here = (times >= cue.start) & (times < cue.end)
        gap[here], rounding[here] = GAP_MM[cue.label], ROUNDING.get(cue.label, 0.0)
    return gap, rounding
