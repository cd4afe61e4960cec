"""Gestures: what a face does for the cues of a sentence, by the rules of `gestures.toml`.

Brows, lids, cheeks, nose, gaze and head alone; no channel of the mouth moves. A gesture is a function of the seed and
of its cue's start, so any stretch of a take shows the same.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from utterface.life.chance import draws, ease
from utterface.life.manner import USUAL, Manner
from utterface.motion import Motion
from utterface.phones import Span

STREAM = 900  # of random numbers; one more for each kind
_JITTER = 0.05  # s by which a gesture is early or late
_SWING = 0.52  # s of a shake to and fro
_SIDED = 0.12  # by which one side may move more than the other
_JUMP = 0.05  # s in which the eyes get there
_HEAD_SHARE = 0.3  # of a look away, which the head makes
_YAW, _PITCH = 0.605, 0.555  # rad of eye angle for an eyeLook weight of 1, as in `layer`
_HEAD = ("headYaw", "headPitch", "headRoll")


@dataclass(frozen=True)
class Rule:
    """What a face does for one kind of cue; see `gestures.toml`.

    Attributes:
        weights: channel, without its side → weight at the top.
        yaw, pitch, roll: degrees of the head at the top.
        moves: `held`, `shake` or `nod`.
        gaze: degrees that the eyes leave the listener.
        chance: 0…1, how often the gesture is made.
        lead, rise, hold, fall: seconds before the word, up, after the word's end, down.
    """

    weights: Mapping[str, float]
    chance: float
    lead: float
    rise: float
    hold: float
    fall: float
    moves: str = "held"
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    gaze: float = 0.0


@dataclass(frozen=True)
class Gesture:
    """One gesture of a take.

    Attributes:
        rule: what it does.
        moments: seconds at which it begins, is whole, is let go, has ended.
        height: factor of its amounts.
        side: −1 or 1, where the head turns and the eyes go.
        lean: −1…1, how much more the left side moves.
        slant: −1…1, how far a look away goes up or down.
    """

    rule: Rule
    moments: tuple[float, float, float, float]
    height: float
    side: int
    lean: float
    slant: float

    def course(self, times: np.ndarray) -> np.ndarray:
        """(T,) 0…1."""
        begin, top, over, end = self.moments
        return ease((times - begin) / (top - begin)) * ease((end - times) / (end - over))


@cache
def rules() -> dict[str, Rule]:
    """Kind of cue → what a face does for it."""
    table = tomllib.loads((Path(__file__).parent / "gestures.toml").read_text(encoding="utf-8"))
    return {kind: Rule(**row) for kind, row in table.items()}


def gestures_of(cues: Sequence[Span], seed: int = 0, amounts: Mapping[str, float] | None = None) -> list[Gesture]:
    """The gestures that a take makes of its cues; some cues pass without one.

    Args:
        cues: labelled by kinds of `rules`, as `text.cues.read_cues` gives them.
        seed: another seed, another take.
        amounts: kind → factor, where a person makes more or less of it.
    """
    kinds, made = list(rules()), []
    for cue in cues:
        rule = rules()[cue.label]
        stream = STREAM + 10 * kinds.index(cue.label)
        draw = draws(seed, stream, np.array([round(cue.start * 100)]), 7)[:, 0]
        if draw[0] >= rule.chance:
            continue
        late = _JITTER * (2 * draw[1] - 1)
        begin = cue.start - rule.lead + late
        top = begin + rule.rise * (0.85 + 0.3 * draw[2])
        over = max(top, cue.start + rule.rise if rule.moves == "nod" else cue.end) + rule.hold + late
        if rule.moves == "shake":
            over = max(over, top + _SWING)
        moments = (begin, top, over, over + rule.fall)
        height = (0.75 + 0.4 * draw[3]) * (amounts or {}).get(cue.label, 1.0)
        made.append(Gesture(rule, moments, height, 1 if draw[4] < 0.5 else -1, 2 * draw[5] - 1, 2 * draw[6] - 1))
    return made


def gesture_face(
    motion: Motion, gestures: Sequence[Gesture], manner: Manner = USUAL, strength: float = 1.0
) -> np.ndarray:
    """What gestures add to a motion.

    Args:
        motion: any stretch of a take; its `start` places it.
        gestures: of `gestures_of`.
        manner: how lively the person is: brows and lids, cheeks and nose, head, gaze.
        strength: factor of all amounts.

    Returns:
        (T, C) to be added, so that weights stay in 0…1; angles in rad. No channel of the mouth moves. Eye angles are
        not among it: `turn_eyes` derives them.
    """
    times = motion.times
    weights: dict[str, np.ndarray] = {}
    head, gaze = np.zeros((len(times), 3)), np.zeros((len(times), 2))
    for one in gestures:
        if not len(times) or one.moments[0] > times[-1] or one.moments[3] < times[0]:
            continue
        course = strength * one.height * one.course(times)
        for name, weight in one.rule.weights.items():
            much = weight * (manner.brows if name.startswith(("brow", "eyeWide")) else manner.cheeks)
            for channel, side in _sides(name, motion):
                added = np.clip(much * course * (1 + _SIDED * side * one.lean), 0, 1)
                weights[channel] = 1 - (1 - weights.get(channel, np.zeros_like(added))) * (1 - added)
        head += manner.head * course[:, None] * _turn(one, times)
        if one.rule.gaze:
            way = np.sqrt(manner.gaze) * np.radians(one.rule.gaze) * np.array([one.side, 0.35 * one.slant + 0.1])
            jump = ease((times - one.moments[0]) / _JUMP) * (1 - ease((times - one.moments[2]) / _JUMP))
            gaze += strength * one.height * jump[:, None] * way
            head[:, :2] += _HEAD_SHARE * course[:, None] * way
    face = np.zeros(motion.values.shape, np.float32)
    open_lids = 1 - motion.select(("eyeBlinkLeft",))[:, 0]
    for channel, raised in weights.items():
        shown = raised * open_lids if channel.startswith("eyeWide") else raised
        face[:, motion.index(channel)] = shown * (1 - np.clip(motion[channel], 0, 1))
    for channel, angle in zip(_HEAD, head.T, strict=True):
        if channel in motion.channels:
            face[:, motion.index(channel)] = angle
    _look(face, motion, gaze - head[:, :2])
    return face


def _sides(name: str, motion: Motion) -> list[tuple[str, int]]:
    """Channels of the motion for a name, each with 1 for the left side, −1 for the right."""
    known = [(name, 0), (f"{name}Left", 1), (f"{name}Right", -1)]
    return [(channel, side) for channel, side in known if channel in motion.channels]


def _turn(one: Gesture, times: np.ndarray) -> np.ndarray:
    """(T, 3) rad of yaw, pitch and roll at full height."""
    rule = one.rule
    swing = np.sin(2 * np.pi * (times - one.moments[0]) / _SWING) if rule.moves == "shake" else 1.0
    return np.radians(np.stack([
        np.broadcast_to(rule.yaw * one.side * swing, times.shape),
        np.full(times.shape, rule.pitch),
        np.full(times.shape, rule.roll * one.side),
    ], 1))  # fmt: skip


def _look(face: np.ndarray, motion: Motion, turned: np.ndarray) -> None:
    """Turn the eyes in the head by (T, 2) rad of yaw and pitch, so that they stay on the listener as the head moves."""
    yaw, pitch = turned.T
    pairs = (
        ("eyeLookInLeft", "eyeLookOutLeft", yaw / _YAW), ("eyeLookOutRight", "eyeLookInRight", yaw / _YAW),
        ("eyeLookDownLeft", "eyeLookUpLeft", pitch / _PITCH), ("eyeLookDownRight", "eyeLookUpRight", pitch / _PITCH),
    )  # fmt: skip
    for one, other, weight in pairs:
        if one in motion.channels and other in motion.channels:
            moved = np.clip(motion[one] - motion[other] + weight, -1, 1)
            still = np.minimum(motion[one], motion[other])
            face[:, motion.index(one)] = np.minimum(1, still + np.maximum(moved, 0)) - motion[one]
            face[:, motion.index(other)] = np.minimum(1, still + np.maximum(-moved, 0)) - motion[other]
