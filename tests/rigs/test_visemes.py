"""Visemes are poses of known channels, closures close, and the vowels open as they should."""

import numpy as np
import pytest

from rigs.head_geometry import pose
from utterface.motion import ARKIT
from utterface.rigs.mannequin.rig import HeadRig
from utterface.rigs.visemes import GLTF, VISEMES, viseme_weights

OVR = ("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou")


def gap(rig: HeadRig, name: str) -> float:
    posed = pose(rig, **VISEMES[name])
    return float(np.max((posed[rig.regions["lips_inner_upper"]] - posed[rig.regions["lips_inner_lower"]])[:, 1]))


def test_order_and_names() -> None:
    assert tuple(VISEMES) == OVR
    assert [GLTF[name] for name in ("PP", "ih", "oh", "ou")] == ["viseme_PP", "viseme_I", "viseme_O", "viseme_U"]


@pytest.mark.parametrize("name", OVR)
def test_weights_are_known_channels_in_range(name: str) -> None:
    assert set(VISEMES[name]) <= set(ARKIT)
    weights = viseme_weights(name)
    assert weights.shape == (52,) and weights.min() >= 0 and weights.max() <= 1


def test_closure_and_opening(head: HeadRig) -> None:
    assert abs(gap(head, "PP")) < 1
    assert gap(head, "aa") > gap(head, "E") > gap(head, "SS") > 1.5
    assert gap(head, "oh") > gap(head, "ou") > 1
