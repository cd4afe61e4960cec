"""Articulators → ARKit weights, one frame at a time, with the constraints that no blend may break.

Only operations are used that NumPy arrays and torch tensors share: a loss on the lips goes through the same formula.
"""

from typing import Any

import numpy as np

from utterface.errors import MotionError
from utterface.motion import CHANNELS, Motion

ARTICULATORS = (
    "jaw",  # 0 teeth together … 1 the widest vowel, /ɑ/
    "aperture",  # 0 lips relaxed on each other … 1 lips drawn apart beyond what the jaw does
    "rounding",  # 0 … 1 lips protruded and rounded, /u w/
    "spread",  # 0 … 1 lip corners drawn back, /i/
    "labiodental",  # 0 … 1 lower lip against the upper teeth, /f v/
    "sibilant",  # 0 … 1 teeth nearly together, /s z ʃ ʒ tʃ dʒ/
    "seal",  # 0 … 1 lips closed, /p b m/ and silence; they meet at 0.7 and press at 1
    "rest",  # 0 speaking … 1 silent, everything returns to neutral
    "tongue_tip",  # 0 … 1 raised to teeth or ridge, /t d n l s θ/; no ARKit weight shows it
    "tongue_body",  # 0 low … 1 high, /i k/; no ARKit weight shows it
    "tongue_out",  # 0 … 1 tip between the teeth, /θ ð/
)

SCALED = ("jaw", "aperture", "rounding", "spread")  # by strength
MEET = 0.7  # the seal at which the lips touch; above it they press
# Rounded lips close on themselves: of the gap that the jaw makes they keep little. In tracked lips of 24 people /w ɹ u/
# leave 2 to 4 mm where unrounded vowels of the same jaw leave 7 (docs/research/articulation.md).
_ROUNDING_CLOSES = 0.9
_AJAR = 0.025  # of jawOpen, which narrow lips leave open, so that they close on no rig
_FUNNEL, _PUCKER = 0.15, 0.55  # mouthFunnel opens rigs by 8 to 11 mm a unit, so little of it
_TONGUE_OUT = 0.2  # tongueOut brings the jaw of some rigs along
_COLUMN = {name: i for i, name in enumerate(CHANNELS)}


def _ease(xp: Any, x: Any, low: float, high: float) -> Any:
    """0 below `low`, 1 above `high`, smooth in value and slope."""
    u = xp.clip((x - low) / (high - low), 0, 1)
    return u * u * (3 - 2 * u)


def _approach(xp: Any, seal: Any, full: float) -> Any:
    """0 at seal 0, 1 from `full` on, slowing down as it arrives."""
    u = xp.clip(seal / full, 0, 1)
    return u * (2 - u)


def render(articulators: np.ndarray, frame_rate: float = 60.0, strength: float | np.ndarray = 1.0) -> Motion:
    """Dense articulatory targets → the 61 channels. Frame-wise: it needs no context, so streaming equals offline.

    Constraints that hold whatever comes in: a full `seal` shuts the lips with jawOpen ≤ 0.1; `labiodental` and
    `sibilant` bound the jaw; anything short of a seal leaves the lips visibly apart; `rest` brings neutral.

    Args:
        articulators: (T, A) in the order of ARTICULATORS, values 0…1 (clipped).
        frame_rate: frames a second, passed on.
        strength: how much the mouth articulates, for all frames or (T,); closures do not depend on it.

    Raises:
        MotionError: the array has another number of columns.
    """
    x = np.asarray(articulators, np.float32)
    if x.ndim != 2 or x.shape[1] != len(ARTICULATORS):
        raise MotionError(f"articulators must be (frames, {len(ARTICULATORS)}), got {x.shape}")
    values = np.zeros((len(x), len(CHANNELS)), np.float32)
    for name, value in posture(np, x, strength).items():
        values[:, _COLUMN[name]] = value
    return Motion(np.clip(values, 0, 1), CHANNELS, frame_rate)


def posture(xp: Any, articulators: Any, strength: Any = 1.0) -> dict[str, Any]:
    """What `render` puts on the channels, by their names; weights may lie beyond 0…1 yet, other channels are 0.

    Args:
        xp: `numpy` or `torch`.
        articulators: (…, A), clipped to 0…1.
        strength: a number, or an array that goes with (…).

    Returns:
        Channel → (…).
    """
    x = xp.clip(articulators, 0, 1)
    jaw, aperture, rounding, spread, labiodental, sibilant, seal, rest, _, _, tongue = (
        x[..., i] for i in range(len(ARTICULATORS))
    )
    awake = 1 - rest
    nearing = _approach(xp, seal, 0.6)  # the jaw leads
    touching = _approach(xp, seal, MEET + 0.1)  # the lips follow
    pressing = _ease(xp, seal, 0.6, 1.0) * awake
    apart = (1 - touching) * awake

    drop = 0.42 * strength * jaw
    drop = drop + (drop / (1 + drop / 0.03) - drop) * (1 - (1 - sibilant) * (1 - labiodental))
    jaw_open = awake * (0.055 + drop * (1 - nearing) - 0.005 * nearing)
    effort = strength * (1 - touching) + 0.4 * touching  # what is left of a posture while the lips are closed
    rounded = xp.clip(effort * rounding, None, 1.2) * awake
    drawn = strength * aperture * (1 - 0.5 * rounding)
    teeth = 1 - labiodental
    relaxed = 1 - 0.5 * rounding * teeth
    lower = (0.06 * relaxed + 0.34 * drawn * teeth + 0.10 * sibilant * teeth) * apart
    upper = (0.03 * relaxed + 0.40 * drawn * teeth) * apart
    wide = effort * spread * awake
    narrowing = xp.clip(_ROUNDING_CLOSES * rounded * teeth + 0.3 * labiodental, 0, 0.9)
    closing = touching * jaw_open + (1 - touching) * narrowing * xp.clip(jaw_open - _AJAR, 0, None)
    return {
        "jawOpen": jaw_open,
        "mouthClose": 0.82 * closing,
        "mouthPucker": _PUCKER * rounded,
        "mouthFunnel": _FUNNEL * rounded * (1 - touching),
        **_both("mouthLowerDown", lower),
        **_both("mouthUpperUp", upper),
        **_both("mouthStretch", 0.30 * wide),
        **_both("mouthSmile", 0.14 * wide),
        **_both("mouthPress", 0.30 * pressing),
        "mouthRollLower": 0.28 * pressing + 0.50 * labiodental * apart,
        "mouthRollUpper": 0.30 * pressing,
        "mouthShrugLower": 0.06 * labiodental * apart,
        "jawForward": 0.08 * sibilant * apart,
        "tongueOut": _TONGUE_OUT * tongue * apart,
    }


def _both(name: str, value: Any) -> dict[str, Any]:
    return {f"{name}Left": value, f"{name}Right": value}
