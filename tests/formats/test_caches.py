"""Check E4: vertex caches by their headers, and read back; the mesh that belongs to them."""

import struct
from dataclasses import replace

import numpy as np
import pytest

from utterface.errors import MotionError
from utterface.formats import caches
from utterface.rigs import head


@pytest.fixture(scope="module")
def rig():
    return head()


@pytest.fixture
def short(clip):
    return replace(clip, motion=replace(clip.motion, values=0.3 * clip.motion.values[:66], frame_rate=24.0))


def test_pc2(short, rig, tmp_path):
    caches.write_pc2(short, tmp_path / "a.pc2", rig)
    data = (tmp_path / "a.pc2").read_bytes()
    assert data[:12] == b"POINTCACHE2\0"
    assert struct.unpack_from("<iiffi", data, 12) == (1, len(rig.template), 0.0, 1.0, 66)
    wanted = rig.vertices(short.motion.select(rig.channels))
    first = np.frombuffer(data, "<f4", 3, 32)
    np.testing.assert_allclose(first, wanted[0, 0], atol=1e-6)
    np.testing.assert_allclose(caches.read_pc2(tmp_path / "a.pc2"), wanted, atol=1e-6)


def test_mdd(short, rig, tmp_path):
    caches.write_mdd(short, tmp_path / "a.mdd", rig)
    data = (tmp_path / "a.mdd").read_bytes()
    assert struct.unpack_from(">ii", data) == (66, len(rig.template))
    np.testing.assert_allclose(np.frombuffer(data, ">f4", 66, 8), np.arange(66) / 24, atol=1e-6)
    vertices, rate = caches.read_mdd(tmp_path / "a.mdd")
    assert rate == 24
    np.testing.assert_allclose(vertices, rig.vertices(short.motion.select(rig.channels)), atol=1e-6)


def test_a_late_start_is_filled(short, rig, tmp_path):
    caches.write_mdd(replace(short, motion=replace(short.motion, start=0.5)), tmp_path / "a.mdd", rig)
    vertices, _ = caches.read_mdd(tmp_path / "a.mdd")
    assert len(vertices) == 78
    np.testing.assert_allclose(vertices[0], vertices[12], atol=1e-6)


def test_the_mesh_has_the_vertices_in_the_same_order(short, rig, tmp_path):
    caches.write_obj(short, tmp_path / "a.obj", rig)
    lines = (tmp_path / "a.obj").read_text().splitlines()
    vertices = np.array([line.split()[1:] for line in lines if line.startswith("v ")], float)
    faces = np.array([line.split()[1:] for line in lines if line.startswith("f ")], int)
    np.testing.assert_allclose(vertices, rig.template, atol=1e-6)
    parts = np.concatenate([rig.triangles[part.triangles] for part in rig.parts])
    np.testing.assert_array_equal(faces - 1, parts)
    assert sum(line.startswith("g ") for line in lines) == len(rig.parts)


@pytest.mark.parametrize(
    "data",
    [b"", b"POINTCACHE2\0", struct.pack("<12siiffi", b"POINTCACHE2\0", 1, 5, 0, 1, 2) + bytes(100),
     struct.pack("<12siiffi", b"POINTCACHE2\0", 1, -5, 0, 1, -2) + bytes(120),
     struct.pack("<12siiffi", b"POINTCACHE2\0", 1, 2**31 - 1, 0, 1, 2**31 - 1), b"\0" * 200],
    ids=range(6),
)  # fmt: skip
def test_damaged_caches_are_refused_in_one_line(tmp_path, data):
    for read in (caches.read_pc2, caches.read_mdd):
        (tmp_path / "a").write_bytes(data)
        with pytest.raises(MotionError) as error:
            read(tmp_path / "a")
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("times", [(0.0, 0.0, 0.0), (1.0, 0.5, 0.0), (0.0, 0.5, float("nan"))])
def test_times_must_go_forward(tmp_path, times):
    (tmp_path / "a.mdd").write_bytes(struct.pack(">ii3f", 3, 2, *times) + bytes(72))
    with pytest.raises(MotionError, match="do not go forward"):
        caches.read_mdd(tmp_path / "a.mdd")
