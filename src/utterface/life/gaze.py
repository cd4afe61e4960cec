"""Where the eyes look: at the listener, with small movements; away when phrases begin and while thinking.

Gaze rests 0.3 to 3 s, leaves the listener by 8 to 15° where an utterance begins and returns (Kendon 1967; Lee, Badler
& Badler 2002). Fixations are full of microsaccades, one or two a second, less than a degree (Martinez-Conde et al.
2004). Eyes that look at a listener 0.72 m away converge by 2.5° each.
"""

import numpy as np

from utterface.life.chance import FAR, during, ease, steps
from utterface.life.passage import Passage
from utterface.life.voices import TRACK_RATE

_FIX, _MICRO, _START, _THINK, _STRAY = 200, 210, 220, 230, 240  # streams
VERGENCE = np.radians(2.5)  # each eye, at the listener
_FAR = np.radians(1.2)  # each eye, looking away
_HEAD_SHARE = 0.3  # of a look away, which the head makes
_QUIET_START = 1.0  # s after life begins in which nobody looks away


def glances(passage: Passage) -> tuple[np.ndarray, np.ndarray]:
    """Looks away: (T, 2) yaw and pitch in rad as the eyes jump, and (T, 2) as the head follows."""
    looks = np.concatenate([_phrase_starts(passage), _thoughts(passage), _strays(passage)], 1)
    count = len(passage.times)
    eyes, head, weight = np.zeros((count, 2)), np.zeros((count, 2)), np.ones(count)
    rows, at = during(passage.times, passage.of, looks[..., 0], looks[..., 1] + 1)
    begin, end, *away = looks[at].T
    jump = 0.021 + 0.0022 * np.degrees(np.hypot(*away))
    since, after = passage.times[rows] - begin, passage.times[rows] - end
    held = ease(since / jump) * (1 - ease(after / jump))
    followed = ease(since / 0.45) * (1 - ease(after / 0.6))
    for column, angle in enumerate(away):
        np.add.at(eyes[:, column], rows, held * angle)
        np.add.at(head[:, column], rows, _HEAD_SHARE * followed * angle)
    np.add.at(weight, rows, held)
    return eyes / np.maximum(1, weight - 1)[:, None], head


def fixations(passage: Passage) -> np.ndarray:
    """(T, 2) yaw and pitch in rad about the listener's face, microsaccades included."""
    manner = passage.manner
    at, index = passage.moments(_FIX, 0.35, 1.4 / manner["tempo"])
    draw = passage.draws(_FIX + 1, index, 2)
    about = np.radians(2.4) * np.stack([2 * draw[0] - 1, 0.8 * (2 * draw[1] - 1)], 2)  # between eyes and mouth
    micro_at, index = passage.moments(_MICRO, 0.25, np.full(len(at), 0.7))
    micro = np.radians(0.35) * (2 * np.moveaxis(passage.draws(_MICRO + 1, index, 2), 0, 2) - 1)
    aim = steps(passage.times, passage.of, at, manner["gaze"][:, None, None] * about)
    aim += steps(passage.times, passage.of, micro_at, micro)
    aim[:, 1] += np.radians(passage.frames("lowered"))
    return aim


def vergence(eyes: np.ndarray) -> np.ndarray:
    """(T,) rad by which each eye turns in, from the look away (T, 2)."""
    away = np.clip(np.hypot(*eyes.T) / np.radians(10), 0, 1)
    return VERGENCE + away * (_FAR - VERGENCE)


def _phrase_starts(passage: Passage) -> np.ndarray:
    at, gaze = passage.starts, passage.manner["gaze"][:, None]
    draw = passage.draws(_START, np.round(at * TRACK_RATE), 5)
    begin = at - 0.12 * passage.events.known + 0.1 * draw[1]
    away = _directions(draw[2:4], upward=0.25)
    return _looks(passage, draw[0] < 0.62 * np.minimum(1.5, gaze), begin, 0.5 + 0.9 * draw[4], away)


def _thoughts(passage: Passage) -> np.ndarray:
    """In pauses: from 0.35 s after the voice stopped."""
    at, gaze = passage.stops, passage.manner["gaze"][:, None]
    draw = passage.draws(_THINK, np.round(at * TRACK_RATE), 5)
    begin = at + 0.35 + 0.2 * draw[1]
    return _looks(passage, draw[0] < 0.4 * gaze, begin, 0.6 + 0.7 * draw[4], _directions(draw[2:4], 0.55))


def _strays(passage: Passage) -> np.ndarray:
    """While speech goes on: short, and less far."""
    at, index = passage.moments(_STRAY, 2.0, np.maximum(2.3, 4.6 / passage.manner["gaze"]))
    draw = passage.draws(_STRAY + 1, index, 4)
    return _looks(passage, draw[0] < 0.85, at, 0.4 + 0.9 * draw[3], 0.8 * _directions(draw[1:3], 0.15))


def _directions(draw: np.ndarray, upward: float) -> np.ndarray:
    """(V, E, 2) rad, 8 to 15° to a side, more often down than up but for `upward` of them."""
    side, far = np.where(draw[0] < 0.5, -1, 1), np.radians(8 + 7 * draw[1])
    slant = np.modf(2 * draw[0])[0]  # 0…1, of its own
    way = np.radians(np.where(slant < upward, -30 + 10 * slant, 5 + 25 * slant))  # pitch turns the face down
    return np.stack([side * far * np.cos(way), far * np.sin(way)], 2)


def _looks(passage: Passage, taken: np.ndarray, begin: np.ndarray, length: np.ndarray, away: np.ndarray) -> np.ndarray:
    """(V, E, 4) begin, end, yaw and pitch; those that are not taken begin at `FAR`."""
    begin = np.where(taken & (begin > passage.begin[:, None] + _QUIET_START), begin, FAR)
    scaled = passage.manner["gaze"][:, None, None] ** 0.5 * away
    return np.concatenate([begin[..., None], (begin + length)[..., None], scaled], 2)
