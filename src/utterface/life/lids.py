"""Blinks: lids, and what moves with them.

People who talk blink about 20 times a minute (Bentivoglio et al. 1997), rather at the ends of phrases (Nakano &
Kitazawa 2010). A lid closes in 55 to 100 ms and opens in 110 to 380 ms (Stern, Walrath &
Goldstein 1984; Evinger, Manning & Sibony 1991); one blink in seven stops half-way, one in ten comes twice.
"""

import numpy as np

from utterface.life.chance import FAR
from utterface.life.passage import Passage
from utterface.life.voices import TRACK_RATE

_REGULAR, _PAUSE, _FIRST, _COURSE = 100, 101, 102, 110  # streams
_MEAN = 4.2  # s between blinks that no pause asks for


def lids(passage: Passage) -> np.ndarray:
    """(T,) lid closure 0…1."""
    starts, index = _starts(passage)
    draw = passage.draws(_COURSE, index, 7)
    half = draw[0] < 0.14
    height = np.where(half, 0.45 + 0.3 * draw[1], 0.94 + 0.06 * draw[1])
    close, hold, reopen = 0.055 + 0.045 * draw[2], 0.025 + 0.16 * draw[3] ** 4, 0.11 + 0.27 * draw[4] ** 2
    courses = np.cumsum(np.stack([starts, close, hold, reopen], 2), 2)
    later = np.where(draw[5] < 0.1, (courses[..., 3] - starts) * (0.75 + 0.5 * draw[6]), FAR)  # one in ten comes twice
    courses = np.concatenate([courses, courses + later[..., None]], 1)
    height = np.concatenate([height, 0.9 * height], 1)
    height = np.where(courses[..., 3] <= passage.until[:, None], height, 0)
    return passage.pulses(courses)(height)


def _starts(passage: Passage) -> tuple[np.ndarray, np.ndarray]:
    """(V, E) moments at which blinks begin, and an index of each for its random numbers.

    The first comes within half a second and two; a pause of the voice asks for one; of two that are near each other
    the later is left out.
    """
    mean = np.maximum(1.3, _MEAN / passage.manner["blink"])
    regular, regular_index = passage.moments(_REGULAR, 1.1, mean)
    none = np.zeros((len(mean), 1), np.int64)
    first = passage.begin[:, None] + 0.5 + 1.4 * passage.draws(_FIRST, none, 1)[0]
    stops = passage.stops
    index = np.round(stops * TRACK_RATE).astype(np.int64)
    asked = (stops < FAR) & (passage.draws(_PAUSE, index, 1)[0] < 0.6)
    stops = np.where(asked, stops + 0.18, FAR)
    kept = _kept(stops, first, -np.inf, 0.8) & _kept(stops, np.where(regular > first + 1.0, regular, FAR), 0.0, 1.0)
    stops = np.where(kept, stops, FAR)
    free = _kept(regular, first, -np.inf, 1.0) & _kept(regular, stops, 0.0, 1.0)
    starts = np.concatenate([first, np.where(free, regular, FAR), stops], 1)
    return starts, np.concatenate([none - 1, regular_index, 10**8 + index], 1)


def _kept(moments: np.ndarray, others: np.ndarray, least: float, most: float) -> np.ndarray:
    """(V, E) whether no other moment of (V, F) lies `least` to `most` seconds before."""
    before = moments[:, :, None] - others[:, None, :]
    return ~np.any((before >= least) & (before < most), 2)


def blink_dip(lid: np.ndarray) -> np.ndarray:
    """(T,) radians by which the eyes go down in a blink (Collewijn, van der Steen & Steinman 1985)."""
    return np.radians(1.8) * lid


def beside_blinks(lid: np.ndarray) -> dict[str, np.ndarray]:
    """What the face does beside its lids: the lower lid rises, the brow sinks."""
    return {
        "eyeSquintLeft": 0.16 * lid,
        "eyeSquintRight": 0.16 * lid,
        "browDownLeft": 0.06 * lid,
        "browDownRight": 0.06 * lid,
    }
