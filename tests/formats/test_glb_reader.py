"""Motion out of GLB files: ours as written, others' by the names of their targets."""

import numpy as np
import pygltflib as gltf
import pytest

from utterface import rigs
from utterface.errors import MotionError
from utterface.formats.glb import to_glb
from utterface.formats.glb_reader import read
from utterface.motion import ARKIT, CHANNELS, Motion

NAMES = ["blink", "jawOpen", "mouthPucker"]


def glb(times, values, interpolation="LINEAR", names=NAMES, path="weights", unit=False) -> bytes:
    """A node whose mesh has three targets and an animation, no geometry: what the reader looks at."""
    keys = np.asarray(times, np.float32)
    moved = np.asarray(values)
    moved = np.round(moved * 255).astype(np.uint8) if unit else moved.astype(np.float32)
    data = keys.tobytes() + moved.tobytes()
    document = gltf.GLTF2(
        buffers=[gltf.Buffer(byteLength=len(data))],
        bufferViews=[
            gltf.BufferView(buffer=0, byteOffset=0, byteLength=keys.nbytes),
            gltf.BufferView(buffer=0, byteOffset=keys.nbytes, byteLength=moved.nbytes),
        ],
        accessors=[
            gltf.Accessor(bufferView=0, componentType=gltf.FLOAT, count=len(keys), type=gltf.SCALAR),
            gltf.Accessor(
                bufferView=1, componentType=gltf.UNSIGNED_BYTE if unit else gltf.FLOAT, count=moved.size,
                type=gltf.SCALAR, normalized=unit or None,
            ),
        ],
        meshes=[gltf.Mesh(primitives=[gltf.Primitive()], extras={"targetNames": names} if names else {})],
        nodes=[gltf.Node(mesh=0)],
        animations=[
            gltf.Animation(
                channels=[gltf.AnimationChannel(sampler=0, target=gltf.AnimationChannelTarget(node=0, path=path))],
                samplers=[gltf.AnimationSampler(input=0, output=1, interpolation=interpolation)],
            )
        ],
    )  # fmt: skip
    document.set_binary_blob(data)
    return b"".join(document.save_to_bytes())


@pytest.fixture
def reading(tmp_path):
    def run(data: bytes) -> Motion:
        (tmp_path / "face.glb").write_bytes(data)
        return read(tmp_path / "face.glb")

    return run


@pytest.mark.parametrize("frame_rate", [24.0, 25.0, 29.97, 30.0, 60.0])
@pytest.mark.parametrize("start", [0.0, 0.5])
def test_ours_come_back(reading, frame_rate, start):
    values = np.random.default_rng(0).uniform(0, 1, (200, len(CHANNELS))).astype(np.float32)
    motion = Motion(values, CHANNELS, frame_rate, start)
    found = reading(to_glb(motion, rigs.head()))
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
        with pytest.raises(MotionError, match=r"no \.glb|damaged"):
            reading(data)
    with pytest.raises(MotionError, match="damaged"):
        reading(glb([0, 1, 2], np.zeros((2, 3))))
    with pytest.raises(MotionError, match="cannot read"):
        read(tmp_path / "none.glb")
