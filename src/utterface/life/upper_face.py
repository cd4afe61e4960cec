"""Brows and cheeks: accents on stressed vowels, and what lies under them for seconds.

Brows rise with the pitch of stressed words (Cavé et al. 1996), and draw together on some; cheeks, lower lids and nose
go with loud speech, and the corners of the mouth are never at the same height for long.
"""

import numpy as np

from utterface.life.chance import draws, noise, pulses
from utterface.life.passage import TRACK_RATE, Passage, smooth

_ACCENT, _UNDER, _CHEEK = 300, 320, 500  # streams
_FROWNS = 0.22  # share of accents that draw the brows together
_FRIENDLY = 0.09  # of mouthSmile at rest
_SIDES = ("Left", "Right")


def brows(passage: Passage) -> dict[str, np.ndarray]:
    """Channel → (T,) what is joined with it."""
    courses, height, draw = _accents(passage)
    frown = draw[0] < _FROWNS
    outer = np.where(frown, 0, 0.35 + 0.65 * draw[1])
    rise = lambda share: pulses(passage.times, courses, np.minimum(1, passage.manner.brows * height * share))  # noqa: E731
    under = noise(passage.times, passage.seed, _UNDER, 1.6) * passage.awake * passage.manner.brows
    faces = {
        "browInnerUp": rise(np.where(frown, 0, 0.5)) + 0.07 * np.maximum(under, 0),
        **_both("browOuterUp", rise(0.42 * outer)),
        **_both("eyeWide", rise(0.15 * outer)),
        **_both("browDown", rise(np.where(frown, 0.4, 0)) + 0.08 * np.maximum(-under, 0)),
    }
    return {channel: np.clip(value, 0, 1) for channel, value in faces.items()}


def cheeks(passage: Passage) -> dict[str, np.ndarray]:
    """Channel → (T,) what is joined with it: cheeks, lower lids, nose, corners of the mouth."""
    times, voice, seed = passage.times, passage.voice, passage.seed
    much = passage.manner.cheeks * passage.awake
    loud = voice.at(smooth(voice.level, 30), times)
    lift = np.clip(voice.at(smooth(voice.lift, 40), times), 0, 0.4)
    wander = [noise(times, seed, _CHEEK + k, step) for k, step in enumerate((1.9, 2.6, 2.2, 3.1))]
    friendly = _FRIENDLY * passage.manner.smile  # from the first frame on, which is the picture of the whole take
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
    """(E, 4) rise, hold and fall, (E,) heights, (2, E) random numbers: rather where the pitch goes up."""
    times, voice, stressed = passage.times, passage.voice, passage.events.stressed
    if len(stressed):
        near = (stressed[:, 1] > times[0] - 0.6) & (stressed[:, 0] < times[-1] + 0.15)
        start, end = stressed[near].T
        lift = voice.at(voice.lift, start + 0.12)
    else:
        high = voice.lift > 0.2
        rising = (np.flatnonzero(high[1:] & ~high[:-1]) + 1 + voice.first) / TRACK_RATE
        start = np.concatenate([rising, voice.beats()])
        lift, end = np.repeat([0.15, 0.05], [len(rising), len(start) - len(rising)]), start + 0.15
    draw = draws(passage.seed, _ACCENT, np.round(start * TRACK_RATE), 5)
    taken = (draw[0] < 0.3 + 1.5 * np.clip(lift, 0, 0.4)) & (start > passage.begin + 0.1)
    start, end, lift, draw = start[taken], end[taken], lift[taken], draw[:, taken]
    height = 0.35 + 0.45 * draw[1] + np.clip(lift, 0, 0.3)
    ahead = 0.12 if len(stressed) else 0.0
    courses = np.stack([start - ahead, start + 0.18 - ahead, end + 0.05, end + 0.3 + 0.25 * draw[2]], 1)
    return courses, height, draw[3:]


def _both(name: str, value: np.ndarray) -> dict[str, np.ndarray]:
    return {name + side: value for side in _SIDES}
