"""The 15 visemes of Oculus as poses of ARKit's shapes, for rigs and hosts that speak in visemes.

Order and names are those of the OVR lip sync enumeration; `GLTF` gives the morph names that Ready Player Me made usual.
Closures keep the jaw nearly shut, so that every rig seals (see `docs/conventions.md`).
"""

from types import MappingProxyType

import numpy as np

from utterface.motion import ARKIT


def _both(**weights: float) -> dict[str, float]:
    """Weights by channel; a name without a side counts for both."""
    named: dict[str, float] = {}
    for name, weight in weights.items():
        for channel in (name,) if name in ARKIT else (f"{name}Left", f"{name}Right"):
            named[channel] = weight
    return named


# name → ARKit weights; the phones that each stands for are Meta's.
VISEMES = MappingProxyType({
    "sil": _both(),
    "PP": _both(jawOpen=0.05, mouthClose=0.045, mouthPress=0.35, mouthRollLower=0.15, mouthRollUpper=0.12),  # p b m
    "FF": _both(jawOpen=0.07, mouthRollLower=0.55, mouthUpperUp=0.25, mouthShrugLower=0.15, mouthDimple=0.1),  # f v
    "TH": _both(jawOpen=0.12, tongueOut=0.4, mouthLowerDown=0.15, mouthUpperUp=0.05),  # θ ð
    "DD": _both(jawOpen=0.14, mouthLowerDown=0.25, mouthUpperUp=0.10, mouthStretch=0.1),  # t d
    "kk": _both(jawOpen=0.20, mouthLowerDown=0.15, mouthUpperUp=0.08),  # k g
    "CH": _both(jawOpen=0.07, mouthFunnel=0.45, mouthPucker=0.25, mouthLowerDown=0.2, mouthUpperUp=0.15),  # tʃ dʒ ʃ
    "SS": _both(jawOpen=0.04, mouthStretch=0.25, mouthLowerDown=0.35, mouthUpperUp=0.20, mouthSmile=0.1),  # s z
    "nn": _both(jawOpen=0.12, mouthLowerDown=0.15, mouthUpperUp=0.06),  # n l
    "RR": _both(jawOpen=0.10, mouthPucker=0.35, mouthFunnel=0.30, mouthLowerDown=0.1),  # ɹ
    "aa": _both(jawOpen=0.52, mouthLowerDown=0.15, mouthUpperUp=0.10),  # ɑ
    "E": _both(jawOpen=0.26, mouthStretch=0.2, mouthSmile=0.2, mouthLowerDown=0.3, mouthUpperUp=0.15),  # e
    "ih": _both(jawOpen=0.15, mouthStretch=0.3, mouthSmile=0.3, mouthLowerDown=0.3, mouthUpperUp=0.15),  # i
    "oh": _both(jawOpen=0.34, mouthFunnel=0.45, mouthPucker=0.30),  # o
    "ou": _both(jawOpen=0.10, mouthPucker=0.80, mouthFunnel=0.35),  # u
})  # fmt: skip

GLTF = MappingProxyType({name: f"viseme_{ {'ih': 'I', 'oh': 'O', 'ou': 'U'}.get(name, name) }" for name in VISEMES})


def viseme_weights(name: str) -> np.ndarray:
    """(52,) float32 weights in the order of `ARKIT`; KeyError for a name that is no viseme."""
    pose = VISEMES[name]
    return np.array([pose.get(channel, 0.0) for channel in ARKIT], np.float32)
