"""Readers of files that come from strangers: a file that is damaged or too large is one MotionError.

A file of motion holds at most four hours and a million frames, more than any take; a small file that claims more is
damaged or hostile.
"""

import csv
from collections.abc import Callable
from functools import wraps
from os import PathLike
from pathlib import Path

import numpy as np

from utterface.clip import Clip
from utterface.errors import GltfError, MotionError
from utterface.motion import Motion

MAX_SECONDS = 4 * 3600.0
MAX_FRAMES = 1_000_000
MAX_RATE = 1000.0  # frames a second
MAX_BYTES = 1 << 30  # of a file
_DAMAGE = (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError, csv.Error)

Read = Callable[[Path], Clip]


def guarded(kind: str) -> Callable[[Read], Callable[[str | PathLike[str]], Clip]]:
    """Make a reader safe: `kind` says in its errors what a file should have been, “is no …”."""

    def wrap(read: Read) -> Callable[[str | PathLike[str]], Clip]:
        @wraps(read)
        def safe(path: str | PathLike[str]) -> Clip:
            path = Path(path)
            try:
                size = path.stat().st_size
                if size > MAX_BYTES:
                    raise MotionError(f"{path} is too large: {size >> 20} MB (at most {MAX_BYTES >> 20})")
                with np.errstate(all="ignore"):  # numbers out of range are refused by `check_motion`
                    clip = read(path)
            except GltfError as error:
                raise MotionError(str(error)) from None
            except FileNotFoundError:
                raise MotionError(f"no such file: {path}") from None
            except OSError as error:
                raise MotionError(f"cannot read {path}: {error.strerror or error}") from None
            except UnicodeDecodeError:
                raise MotionError(f"{path} is no {kind}: it is not text") from None
            except _DAMAGE as error:
                raise MotionError(f"{path} is no {kind}, or damaged{_reason(error)}") from error
            except MemoryError:
                raise MotionError(f"{path} is too large for the memory of this machine") from None
            check_motion(clip.motion, path)
            return clip

        return safe

    return wrap


def _reason(error: Exception) -> str:
    """What a parser says, after a colon; what Python says of its own types and keys tells a user nothing."""
    if isinstance(error, RecursionError):
        return ": it is nested too deeply"
    told = " ".join(str(error).split())[:200] if isinstance(error, ValueError | csv.Error) else ""
    return f": {told}" if told else ""


def check_span(seconds: float, frame_rate: float, path: str | PathLike[str]) -> None:
    """MotionError for motion that would be too long; to be checked before frames are made."""
    if not (0 < frame_rate <= MAX_RATE):
        raise MotionError(f"{path} has {frame_rate:g} frames a second (at most {MAX_RATE:g})")
    if not (0 <= seconds <= MAX_SECONDS) or seconds * frame_rate > MAX_FRAMES:
        raise MotionError(
            f"{path} spans {seconds:.0f} s at {frame_rate:g} frames a second "
            f"(at most {MAX_SECONDS:.0f} s and {MAX_FRAMES} frames)"
        )


def check_motion(motion: Motion, path: str | PathLike[str]) -> None:
    """MotionError for motion without frames, with numbers that are not finite, or beyond the limits."""
    if not len(motion):
        raise MotionError(f"{path} has no frame of motion")
    check_span(len(motion) / motion.frame_rate, motion.frame_rate, path)
    if not abs(motion.start) <= MAX_SECONDS:
        raise MotionError(f"{path} begins at {motion.start:g} s (at most {MAX_SECONDS:.0f})")
    if not np.isfinite(motion.values).all():
        raise MotionError(f"{path} holds NaN or infinite numbers")
