"""Live Link Face's CSV: 61 values a row on a 60-frame timecode, byte-shaped like a take of Epic's iPhone app."""

import csv
from itertools import islice
from pathlib import Path

import numpy as np

from utterface import timing
from utterface.clip import Clip
from utterface.errors import MotionError
from utterface.formats.guard import MAX_FRAMES, check_span, guarded
from utterface.motion import CHANNELS, Motion

CLOCK = 60  # timecode frames a second, whatever the rate of the rows
_DAY = 86_400.0  # seconds
_RATES = (24000 / 1001, 24.0, 25.0, 30000 / 1001, 30.0, 48.0, 50.0, 60000 / 1001, 60.0, 120.0)  # that a take may have
_DRIFT = 3e-4  # relative, of a measured rate from such a one; those of film and of NTSC are 1e-3 apart
_LONGEST_GAP = 600.0  # seconds without a row that are filled; more is another take
_WANDER = 0.005  # clock frames, of sub-frames
BLOCK_FRAMES = 3600  # rows turned into text at a time, so that hours stay small in memory


# The file's order is ARKit's, except that right stands before left in the sideways jaw and mouth.
_SWAPPED = {"jawLeft": "jawRight", "jawRight": "jawLeft", "mouthLeft": "mouthRight", "mouthRight": "mouthLeft"}
COLUMNS = tuple(_SWAPPED.get(name, name) for name in CHANNELS)
HEADER = ",".join(["Timecode", "BlendShapeCount", *(name[0].upper() + name[1:] for name in COLUMNS)])


def timecode(seconds: float) -> str:
    """`HH:MM:SS:FF.sss`, FF on the 60-frame clock and .sss thousandths of a frame; 0 is the first sample."""
    thousandths = round(seconds * CLOCK * 1000)
    total, fraction = divmod(thousandths, 1000)
    whole, frame = divmod(total, CLOCK)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}:{frame:02d}.{fraction:03d}"


def write(clip: Clip, path: Path, rig: object = None) -> None:
    """One row a frame; every row counts its 61 values, ten decimals each."""
    motion = clip.motion
    values, times = motion.select(COLUMNS), motion.times
    row = ",".join(["%.10f"] * len(COLUMNS))
    with path.open("w", encoding="ascii", newline="") as file:
        file.write(HEADER + "\n")
        for i in range(0, len(values), BLOCK_FRAMES):
            block = zip(times[i : i + BLOCK_FRAMES], values[i : i + BLOCK_FRAMES].tolist(), strict=True)
            file.writelines(f"{timecode(t)},{len(COLUMNS)},{row % tuple(frame)}\n" for t, frame in block)


@guarded("Live Link Face take")
def read(path: Path) -> Clip:
    """The clip of a Live Link Face take.

    Names are read whatever their case; columns that are not ours (other tools append some) are passed over, and
    channels that the file lacks are zero. Takes are stamped with the time of day: a first row later than one minute
    counts as time 0. The frame rate is that of the rows, those that the take dropped included, to the
    nearest rate of film, television or the app where it is one; dropped rows are filled by interpolation.

    Raises:
        MotionError: the file is missing, has no timecode, none of our channels, or rows that do not fit.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = (row for row in csv.reader(file) if row)
        names = [name.strip().lower() for name in next(rows, [])]
        known = [(names.index(name.lower()), i) for i, name in enumerate(CHANNELS) if name.lower() in names]
        columns = [column for column, _ in known]
        if not known or "timecode" not in names:
            raise MotionError(f"{path} is no Live Link Face take: it needs a Timecode column and ARKit columns")
        clock = names.index("timecode")
        # as text an hour would take a gigabyte
        read = [_row(row, clock, columns) for row in islice(rows, MAX_FRAMES + 1)]
    if not read:
        raise MotionError(f"{path} is no Live Link Face take: it has no rows")
    times, weights = np.array([time for time, _ in read]), np.stack([row for _, row in read])
    values = np.zeros((len(weights), len(CHANNELS)), np.float32)
    values[:, [channel for _, channel in known]] = weights
    return Clip.from_motion(_steady(values, times, path))


def _row(row: list[str], clock: int, columns: list[int]) -> tuple[float, np.ndarray]:
    return _seconds(row[clock]), np.array([float(row[column]) for column in columns], np.float32)


def _seconds(text: str) -> float:
    hours, minutes, seconds, frames = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(frames) / CLOCK


def _steady(values: np.ndarray, times: np.ndarray, path: Path) -> Motion:
    """Rows at their own moments → frames at an even rate, from the first row on."""
    times = times + _DAY * np.cumsum(np.diff(times, prepend=times[0]) < -_DAY / 2)  # past midnight
    if not np.isfinite(times).all() or (np.diff(times) < 0).any():
        raise MotionError(f"{path}: the take's timecode does not go forward")
    times = times - times[0] if times[0] > 60 else times
    steps = np.diff(times) * CLOCK
    if not len(steps):
        return Motion(values, CHANNELS, float(CLOCK), start=float(times[0]))
    if np.median(steps) == 0:
        raise MotionError(f"{path}: the take's timecode does not go forward")
    if steps.max() > _LONGEST_GAP * CLOCK:
        row, gap = int(steps.argmax()) + 3, steps.max() / CLOCK
        raise MotionError(f"{path}, line {row}: the timecode jumps by {gap:.0f} s; cut the take there")
    # sub-frames wander by thousandths and rows are lost, so the steps are counted, over all of the time
    measured = float(np.round(steps / np.median(steps)).sum() * CLOCK / steps.sum())
    near = min(_RATES, key=lambda rate: abs(rate - measured))
    frame_rate = near if abs(near - measured) < (_DRIFT + _WANDER / steps.sum()) * measured else measured
    check_span(float(times[-1] - times[0]), frame_rate, path)
    return Motion(timing.steady(values, times, frame_rate), CHANNELS, frame_rate, start=float(times[0]))
