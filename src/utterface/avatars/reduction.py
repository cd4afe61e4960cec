"""Visemes, vowels and looks for faces that have nothing finer than those, from ARKit's weights."""

import numpy as np

from utterface.avatars.names import LOOKS, VISEMES, VOWELS
from utterface.motion import Motion
from utterface.phones import OCULUS
from utterface.rigs import reduction

PRESSED = 5.0  # viseme_PP per mouthPress, on touching lips
_LOOKS = {  # channels whose mean is the expression
    "lookUp": ("eyeLookUpLeft", "eyeLookUpRight"), "lookDown": ("eyeLookDownLeft", "eyeLookDownRight"),
    "lookLeft": ("eyeLookOutLeft", "eyeLookInRight"), "lookRight": ("eyeLookInLeft", "eyeLookOutRight"),
}  # fmt: skip
REDUCED = (*VISEMES, *VOWELS, *LOOKS)


def reduced(motion: Motion) -> dict[str, np.ndarray]:
    """(T,) weights of every viseme, vowel and look, 0…1.

    Lips that touch take the viseme PP as far as ARKit's mouthPress presses them.
    """
    visemes = dict(zip(VISEMES, reduction.to_visemes(motion)[:, OCULUS.index("PP") :].T, strict=True))
    press = PRESSED * motion.select(("mouthPressLeft", "mouthPressRight")).mean(1) * reduction.closed(motion)
    visemes["viseme_PP"] = np.maximum(visemes["viseme_PP"], press).clip(0, 1)
    vowels = dict(zip(VOWELS, reduction.to_vowels(motion).T, strict=True))
    return visemes | vowels | {look: motion.select(channels).mean(1).clip(0, 1) for look, channels in _LOOKS.items()}
