"""The built-in head keeps the contract of a rig, and its lips part and meet."""

import numpy as np
import pytest

from utterface import rigs
from utterface.motion import ARKIT
from utterface.rigs import Rig


@pytest.fixture(scope="module")
def head() -> Rig:
    return rigs.head()


def pose(rig, **weights) -> np.ndarray:
    values = np.zeros((1, len(rig.channels)), np.float32)
    for name, weight in weights.items():
        values[0, rig.channels.index(name)] = weight
    return rig.vertices(values)[0]


def lip_gap_mm(rig, vertices: np.ndarray) -> np.ndarray:
    upper, lower = rig.regions["lips_inner_upper"], rig.regions["lips_inner_lower"]
    return (vertices[upper] - vertices[lower])[:, 1] * 1000


def test_keeps_the_contract(head):
    assert isinstance(head, Rig)
    assert head.channels[:52] == ARKIT
    assert head.template.dtype == np.float32 and head.triangles.dtype == np.int32
    assert head.triangles.min() == 0 and head.triangles.max() == len(head.template) - 1
    covered = np.concatenate([np.arange(len(head.triangles))[part.triangles] for part in head.parts])
    assert np.array_equal(covered, np.arange(len(head.triangles)))
    assert np.array_equal(pose(head), head.template)


def test_every_arkit_channel_moves_something(head):
    for name in ARKIT:
        assert np.abs(pose(head, **{name: 1}) - head.template).max() > 5e-4, name


def test_jaw_open_parts_the_inner_lips(head):
    assert 25 <= lip_gap_mm(head, pose(head, jawOpen=1)).max() <= 40


def test_mouth_close_seals_what_the_jaw_opens(head):
    for weight in np.arange(0, 0.61, 0.1):
        gap = lip_gap_mm(head, pose(head, jawOpen=weight, mouthClose=weight))
        assert np.abs(gap).max() < 0.5
