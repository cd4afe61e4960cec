"""Intensities of action units from weights, by a fixed table, and events of the upper face found in them.

The paper measures OpenFace's intensities on renderings. These are computed from the weights, 5 at full weight; they are
no output of OpenFace and not to be compared with figures of it.
"""

from collections.abc import Sequence

import numpy as np

from utterface.lab.measures.catalogue import Sums
from utterface.life.gestures import Gesture
from utterface.motion import Motion, runs

FULL = 5.0  # intensity of a full weight
UPPER_UNITS = {
    1: "browInnerUp", 2: "browOuterUp", 4: "browDown", 5: "eyeWide", 6: "cheekSquint", 7: "eyeSquint", 9: "noseSneer",
    45: "eyeBlink",
}  # fmt: skip
LOWER_UNITS = {
    10: "mouthUpperUp", 12: "mouthSmile", 14: "mouthDimple", 15: "mouthFrown", 17: "mouthShrugLower",
    20: "mouthStretch", 23: "mouthPress", 25: "opening", 26: "jawOpen",
}  # fmt: skip
EVENT_UNITS = (2, 4, 5, 6, 9)  # raised and drawn brows, wide lids, cheeks, nose
REACH = 0.2  # s that an event may be early or late
RISEN = 0.75  # intensity above a sentence's median that makes an event
_PLANTED = 0.2  # weight of a rule from which a gesture is an event of a unit


def intensities(motion: Motion, units: dict[int, str]) -> np.ndarray:
    """(T, len(units)) 0…5; of `opening` the lips' distance as `Motion.opening` gives it."""
    columns = []
    for name in units.values():
        sides = [c for c in (name, f"{name}Left", f"{name}Right") if c in motion.channels]
        opening = motion.opening() if name == "opening" else None
        columns.append(np.zeros(len(motion)) if not sides and opening is None
                       else opening if opening is not None else motion.select(sides).mean(1))  # fmt: skip
    return FULL * np.stack(columns, 1)


def unit_sums(predicted: Motion, reference: Motion) -> Sums:
    """Absolute errors of the upper and the lower units, and how many they are."""
    count = min(len(predicted), len(reference))
    sums: Sums = {}
    for name, units in (("upper", UPPER_UNITS), ("lower", LOWER_UNITS)):
        error = np.abs(intensities(predicted, units)[:count] - intensities(reference, units)[:count])
        sums |= {f"{name}_error": float(error.sum()), f"{name}_values": float(error.size)}
    return sums


def event_sums(predicted: Motion, gestures: Sequence[Gesture], prefix: str = "event") -> Sums:
    """Events that a prediction shows, events that were performed, and how many of them meet within `REACH`.

    An event of a prediction is a stretch in which a unit rises above its median; it counts where it is highest.
    """
    shown = intensities(predicted, {unit: UPPER_UNITS[unit] for unit in EVENT_UNITS})
    times, met, seen, wanted = predicted.times, 0, 0, 0
    for column, unit in enumerate(EVENT_UNITS):
        planted = [g for g in gestures if g.rule.weights.get(UPPER_UNITS[unit], 0.0) >= _PLANTED]
        risen = shown[:, column] - np.median(shown[:, column])
        peaks = [times[a + int(risen[a:b].argmax())] for a, b in runs(risen > RISEN)]
        free = list(peaks)
        for gesture in planted:
            begin, end = gesture.moments[0] - REACH, gesture.moments[3] + REACH
            hit = next((at for at in free if begin <= at <= end), None)
            if hit is not None:
                free.remove(hit)
                met += 1
        seen, wanted = seen + len(peaks), wanted + len(planted)
    return {f"{prefix}_met": float(met), f"{prefix}_seen": float(seen), f"{prefix}_wanted": float(wanted)}
