"""Head motion: a slow turn through the sentence, nods on stressed vowels, tilts, a lift with the pitch.

Head motion goes with loudness and pitch (Munhall et al. 2004); talkers turn by 3 to 5° of standard deviation over a
sentence and nod on stresses (Hadar et al. 1983; Busso et al. 2007). Motion has three angles of the head and no place
of it, so the neck does not slide.
"""

import numpy as np

from utterface.life.passage import Passage
from utterface.life.voices import TRACK_RATE

_YAW, _PITCH, _ROLL, _NOD = 400, 410, 420, 430  # streams


def turns(passage: Passage, followed: np.ndarray) -> np.ndarray:
    """(T, 3) yaw, pitch (down) and roll in rad; `followed` (T, 2) is the head's share of looks away."""
    talking, tempo = passage.level(100), passage.frames("tempo")
    beat = passage.level(40) - talking
    lift = np.clip(passage.lift(40), -0.5, 0.5)
    sway = 0.45 + 0.55 * talking
    slow = passage.noise(_YAW, 1.15 / tempo) + 0.7 * passage.noise(_YAW + 1, 0.42 / tempo)
    yaw = 0.23 * sway * slow
    pitch = sway * (0.075 * passage.noise(_PITCH, 1.1 / tempo) + 0.02 * passage.noise(_PITCH + 1, 0.45))
    pitch += 0.05 * beat - 0.05 * lift + 0.055 * _nods(passage)
    roll = 0.095 * sway * passage.noise(_ROLL, 1.7 / tempo) + 0.2 * yaw
    moved = passage.frames("head")[:, None] * np.stack([yaw, pitch, roll], 1)
    moved[:, :2] += followed
    return np.asarray((moved + np.radians(passage.frames("carriage"))) * passage.awake[:, None])


def _nods(passage: Passage) -> np.ndarray:
    """(T,) 0…1 down: on half of the stressed vowels, or where the voice suddenly gets loud."""
    at = passage.events.stressed[..., 0] if passage.events.known else passage.voices.beats + 0.1
    draw = passage.draws(_NOD, np.round(at * TRACK_RATE), 3)
    late = 0.05 * draw[1]
    courses = at[..., None] + np.stack([late - 0.1, late + 0.08, late + 0.12, late + 0.36], 2)
    return passage.pulses(courses)(np.where(draw[0] < 0.5, 0.45 + 0.55 * draw[2], 0))
