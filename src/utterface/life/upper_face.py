"""Brows and cheeks: accents on stressed vowels, and what lies under them for seconds.

Brows rise with the pitch of stressed words (Cavé et al. 1996), and draw together on some; cheeks, lower lids and nose
go with loud speech, and the corners of the mouth are never at the same height for long.
"""

import numpy as np

from utterface.life.passage import Passage
from utterface.life.voices import TRACK_RATE

_ACCENT, _UNDER, _CHEEK = 300, 320, 500  # streams
_FROWNS = 0.22  # share of accents that draw the brows together
_FRIENDLY = 0.09  # of mouthSmile at rest
_SIDES = ("Left", "Right")


def brows(passage: Passage) -> dict[str, np.ndarray]:
    """Channel → (T,) what is joined with it."""
    courses, height, draw = _accents(passage)
    frown = draw[0] < _FROWNS
    outer = np.where(frown, 0, 0.35 + 0.65 * draw[1])
    pulses, liveliness = passage.pulses(courses), passage.manner["brows"][:, None]
    rise = lambda share: pulses(np.minimum(1, liveliness * height * share))  # noqa: E731
    under = passage.noise(_UNDER, 1.6) * passage.awake * passage.frames("brows")
    faces = {
        "browInnerUp": rise(np.where(frown, 0, 0.5)) + 0.07 * np.maximum(under, 0),
        **_both("browOuterUp", rise(0.42 * outer)),
        **_both("eyeWide", rise(0.15 * outer)),
        **_both("browDown", rise(np.where(frown, 0.4, 0)) + 0.08 * np.maximum(-under, 0)),
    }
    return {channel: np.clip(value, 0, 1) for channel, value in faces.items()}


def cheeks(passage: Passage) -> dict[str, np.ndarray]:
    """Channel → (T,) what is joined with it: cheeks, lower lids, nose, corners of the mouth."""
    much = passage.frames("cheeks") * passage.awake
    loud = passage.level(30)
    lift = np.clip(passage.lift(40), 0, 0.4)
    wander = [passage.noise(_CHEEK + k, step) for k, step in enumerate((1.9, 2.6, 2.2, 3.1))]
    friendly = _FRIENDLY * passage.frames("smile")  # from the first frame on, which is the picture of the whole take
    cheek = 0.5 * friendly + much * np.clip(0.10 * loud + 0.2 * lift + 0.12 * wander[0], 0, 1)
    corner = friendly + 0.12 * much * wander[1]
    return {
        **_both("cheekSquint", cheek),
        **_both("eyeSquint", much * np.clip(0.06 + 0.05 * loud + 0.12 * wander[2], 0, 1)),
        **_both("noseSneer", much * np.clip(0.06 * loud + 0.08 * wander[3] - 0.01, 0, 1)),
        **_both("mouthSmile", np.maximum(corner, 0)),
        **_both("mouthFrown", 0.6 * np.maximum(-corner, 0)),
        **_both("mouthDimple", much * 0.08 * np.maximum(wander[2], 0)),
    }


def _accents(passage: Passage) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(V, E, 4) rise, hold and fall, (V, E) heights, (2, V, E) random numbers: rather where the pitch goes up."""
    voices, stressed = passage.voices, passage.events.stressed
    if passage.events.known:
        start, end = stressed[..., 0], stressed[..., 1]
        lift = voices.at(voices.lift, np.zeros(start.size, int), start[0] + 0.12)[None]
    else:
        start = np.concatenate([voices.rises, voices.beats], 1)
        lift, end = np.where(np.arange(start.shape[1]) < voices.rises.shape[1], 0.15, 0.05)[None], start + 0.15
    draw = passage.draws(_ACCENT, np.round(start * TRACK_RATE), 5)
    taken = (draw[0] < 0.3 + 1.5 * np.clip(lift, 0, 0.4)) & (start > passage.begin[:, None] + 0.1)
    height = np.where(taken, 0.35 + 0.45 * draw[1] + np.clip(lift, 0, 0.3), 0)
    ahead = 0.12 if passage.events.known else 0.0
    courses = np.stack([start - ahead, start + 0.18 - ahead, end + 0.05, end + 0.3 + 0.25 * draw[2]], 2)
    return courses, height, draw[3:]


def _both(name: str, value: np.ndarray) -> dict[str, np.ndarray]:
    return {name + side: value for side in _SIDES}
