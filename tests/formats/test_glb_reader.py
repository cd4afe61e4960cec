"""Motion out of GLB files: ours as written, others' by the names of their targets."""

import numpy as np
import pytest

from utterface import rigs
from utterface.errors import MotionError
from utterface.formats.glb import to_glb
from utterface.formats.glb_reader import read
from utterface.gltf import GltfBuilder
from utterface.motion import ARKIT, CHANNELS, Motion

NAMES = ["blink", "jawOpen", "mouthPucker"]


def glb(times, values, interpolation="LINEAR", names=NAMES, path="weights", unit=False) -> bytes:
    """A node whose mesh has three targets and an animation, no geometry: what the reader looks at."""
    moved = np.asarray(values)
    moved = np.round(moved * 255).astype(np.uint8) if unit else moved.astype(np.float32)
    gltf = GltfBuilder("test")
    gltf.add("meshes", primitives=[{}], extras={"targetNames": names} if names else None)
    gltf.add("nodes", mesh=0)
    keys = gltf.accessor(np.asarray(times, np.float32))
    output = gltf.accessor(moved.reshape(-1), normalized=unit)
    sampler = {"input": keys, "output": output, "interpolation": interpolation}
    channel = {"sampler": 0, "target": {"node": 0, "path": path}}
    gltf.add("animations", channels=[channel], samplers=[sampler])
    return gltf.to_bytes()


@pytest.fixture
def reading(tmp_path):
    def run(data: bytes) -> Motion:
        (tmp_path / "face.glb").write_bytes(data)
        return read(tmp_path / "face.glb").motion

    return run


@pytest.mark.parametrize("frame_rate", [24.0, 25.0, 29.97, 30.0, 60.0])
@pytest.mark.parametrize("start", [0.0, 0.5])
def test_ours_come_back(reading, frame_rate, start):
    values = np.random.default_rng(0).uniform(0, 1, (200, len(CHANNELS))).astype(np.float32)
    motion = Motion(values, CHANNELS, frame_rate, start)
    found = reading(to_glb(motion, rigs.head(detail="low")))
    assert found.channels == ARKIT and found.frame_rate == frame_rate and found.start == start
    assert np.array_equal(found.values, motion.select(ARKIT))


def test_others_targets_are_taken_by_name(reading):
    values = np.random.default_rng(0).uniform(0, 1, (5, 3))
    found = reading(glb(np.arange(5) / 25, values))
    assert found.channels == ("jawOpen", "mouthPucker") and found.frame_rate == 25
    assert np.allclose(found.values, values[:, 1:])
    assert np.allclose(reading(glb(np.arange(5) / 25, values, unit=True)).values, values[:, 1:], atol=1 / 255)


def test_uneven_keys_are_interpolated(reading):
    found = reading(glb([0, 0.1, 0.5], [[0, 0, 0], [0, 1, 0.5], [0, 0, 1]]))
    assert found.frame_rate == 60 and len(found) == 31
    assert found["jawOpen"][6] == pytest.approx(1) and found["jawOpen"][18] == pytest.approx(0.5)
    assert found["mouthPucker"][-1] == pytest.approx(1)


def test_tangents_are_passed_over(reading):
    values = np.random.default_rng(0).uniform(0, 1, (4, 3, 3))
    found = reading(glb(np.arange(4) / 30, values, "CUBICSPLINE"))
    assert np.allclose(found.values, values[:, 1, 1:])


def test_files_without_a_moving_face_are_refused(reading, tmp_path):
    for data in (
        glb([0, 1], np.zeros((2, 3)), names=["a", "b", "c"]),
        glb([0, 1], np.zeros((2, 3)), names=None),
        glb([0, 1], np.zeros((2, 3)), path="translation"),
    ):
        with pytest.raises(MotionError, match="no facial animation"):
            reading(data)
    for data in (b"solid", b"glTF", glb([0, 1], np.zeros((2, 3)))[:300]):
        with pytest.raises(MotionError, match=r"no glTF|damaged"):
            reading(data)
    with pytest.raises(MotionError, match="damaged"):
        reading(glb([0, 1, 2], np.zeros((2, 3))))
    with pytest.raises(MotionError, match="no such file"):
        read(tmp_path / "none.glb")


@pytest.mark.parametrize(
    ("times", "values"),
    [([0, 1, 1e9], np.zeros((3, 3))), ([0, 2, 1], np.zeros((3, 3))), ([0, 1], np.full((2, 3), np.nan)), ([], [])],
    ids=["a far key", "keys that go back", "no numbers", "no keys"],
)
def test_damaged_animations_are_refused(reading, times, values):
    with pytest.raises(MotionError, match="damaged"):
        reading(glb(times, values))
