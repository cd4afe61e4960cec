"""How lively a face is: blinks, gaze, head and unlike sides of a motion, in the units in which people are described.

    blinks                a minute; a lid above 0.5 of its own closure
    blink length          median of the time above 0.1, ms
    blink unlikeness      deviation of the lengths over their mean
    head yaw, pitch       deviation over stretches of 5 s, median, degrees
    head speed            95th percentile of the speed of yaw, degrees a second
    gaze aside            share of frames in which the gaze in space stands 5° or more off its median
    gaze jumps            a second; eyes faster than 30° a second
    vergence              median of left minus right eye yaw, degrees, half of it for each eye
    side difference       mean |left − right| of the mouth's pairs over their mean
    side persistence      correlation of that difference with itself half a second later
    moving channels       of the 52 weights, above 0.02 at some moment
    brows                 share of frames with a brow weight above 0.05

nan where a take does not move what a figure needs (many captures have no head).
"""

import numpy as np

from utterface.motion import ARKIT, Motion

_BROWS = ("browInnerUp", "browOuterUpLeft", "browOuterUpRight", "browDownLeft", "browDownRight")
_SENTENCE = 5.0  # s
_SIDES = [c for c in ARKIT if c.startswith("mouth") and c.endswith("Left") and c != "mouthLeft"]
NAMES = (
    "blinks", "blink length", "blink unlikeness", "head yaw", "head pitch", "head speed", "gaze aside", "gaze jumps",
    "vergence", "side difference", "side persistence", "moving channels", "brows",
)  # fmt: skip


def liveliness(motion: Motion) -> dict[str, float]:
    """The figures of the module's table, by NAMES."""
    brows = motion.select(_BROWS).max(1)
    moving = (motion.select(ARKIT).max(0, initial=0) > 0.02).sum()
    figures = {"moving channels": float(moving), "brows": float((brows > 0.05).mean())}
    figures |= _blinks(motion) | _head(motion) | _gaze(motion) | _sides(motion)
    return {name: figures[name] for name in NAMES}


def _blinks(motion: Motion) -> dict[str, float]:
    lid = motion["eyeBlinkLeft"].astype(np.float64)
    most = max(float(lid.max(initial=0)), 1e-6)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], lid > 0.1 * most, [0]]))).reshape(-1, 2)
    blinks = [(end - begin) / motion.frame_rate for begin, end in edges if lid[begin:end].max() > 0.5 * most]
    lengths = np.array([length for length in blinks if 0.05 < length < 1.0])
    known = len(lengths) > 0 and most > 0.3
    return {
        "blinks": 60 * len(lengths) / motion.duration if known else float("nan"),
        "blink length": 1000 * float(np.median(lengths)) if known else float("nan"),
        "blink unlikeness": float(lengths.std() / lengths.mean()) if known and len(lengths) > 1 else float("nan"),
    }


def _head(motion: Motion) -> dict[str, float]:
    angles = np.degrees(motion.select(("headYaw", "headPitch")).astype(np.float64))
    if not angles.any():
        return dict.fromkeys(("head yaw", "head pitch", "head speed"), float("nan"))
    size = max(2, min(len(angles), round(_SENTENCE * motion.frame_rate)))
    stretches = [angles[i : i + size].std(0) for i in range(0, len(angles) - size + 1, size)]
    yaw, pitch = np.median(stretches, 0)
    speed = np.percentile(np.abs(np.diff(angles[:, 0])) * motion.frame_rate, 95)
    return {"head yaw": float(yaw), "head pitch": float(pitch), "head speed": float(speed)}


def _gaze(motion: Motion) -> dict[str, float]:
    yaw, other, pitch = np.degrees(motion.select(("leftEyeYaw", "rightEyeYaw", "leftEyePitch")).T.astype(np.float64))
    if not yaw.any():
        return dict.fromkeys(("gaze aside", "gaze jumps", "vergence"), float("nan"))
    head = np.degrees(motion.select(("headYaw", "headPitch")).astype(np.float64))
    gaze = np.stack([(yaw + other) / 2, pitch], 1) + head
    off = np.hypot(*(gaze - np.median(gaze, 0)).T)
    fast = np.hypot(*np.diff(gaze, axis=0).T) * motion.frame_rate > 30
    jumps = np.count_nonzero(np.diff(fast.astype(int)) > 0)
    return {
        "gaze aside": float((off >= 5).mean()),
        "gaze jumps": jumps / motion.duration,
        "vergence": float(np.median(yaw - other)),
    }


def _sides(motion: Motion) -> dict[str, float]:
    left = motion.select(_SIDES).astype(np.float64)
    right = motion.select([c.replace("Left", "Right") for c in _SIDES]).astype(np.float64)
    total = left.mean() + right.mean()
    if total < 1e-3:
        return dict.fromkeys(("side difference", "side persistence"), float("nan"))
    difference = (left - right).sum(1)
    later = round(0.5 * motion.frame_rate)
    still = difference[later:].std() < 1e-9 or len(difference) < 3 * later
    persistence = float("nan") if still else float(np.corrcoef(difference[:-later], difference[later:])[0, 1])
    return {"side difference": float(2 * np.abs(left - right).mean() / total), "side persistence": persistence}
