"""The built-in head keeps the contract of a rig, is made the same way each time, and is its own mirror image."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree

from support.head_geometry import part_vertices, pose, skin_triangles
from utterface import rigs
from utterface.errors import RigError
from utterface.motion import ARKIT, HEAD
from utterface.rigs import Rig
from utterface.rigs.mannequin import assemble, build, cache
from utterface.rigs.mannequin.rig import HeadRig


def test_keeps_the_contract(head: HeadRig) -> None:
    assert isinstance(head, Rig)
    assert head.channels == (*ARKIT, *HEAD)
    assert head.template.dtype == np.float32 and head.triangles.dtype == np.int32
    assert head.triangles.min() == 0 and head.triangles.max() == len(head.template) - 1
    assert np.array_equal(head.vertices(np.zeros((2, 55)))[1], head.template)
    with pytest.raises(RigError, match="55 channels"):
        head.vertices(np.zeros((2, 52)))


def test_parts_cover_every_triangle_once(head: HeadRig) -> None:
    covered = np.concatenate([np.arange(len(head.triangles))[part.triangles] for part in head.parts])
    assert np.array_equal(covered, np.arange(len(head.triangles)))
    materials = {part.material for part in head.parts}
    assert materials == {"skin", "sclera", "iris", "pupil", "cornea", "teeth", "gums", "tongue", "brows", "lashes"}


def test_has_the_size_it_should(head: HeadRig) -> None:
    skin = len(np.unique(skin_triangles(head)))
    assert 4000 <= skin <= 8000
    assert len(head.template) <= 10_000
    breadth = np.ptp(head.template[np.abs(head.template[:, 1] - 0.05) < 0.01, 0])
    assert 0.140 < breadth < 0.160  # Farkas: 145…155 mm


def test_every_channel_moves_something(head: HeadRig) -> None:
    for name in head.channels:
        assert np.abs(pose(head, **{name: 1}) - pose(head)).max() > 0.5, name


def test_left_and_right_are_mirror_images(head: HeadRig) -> None:
    neutral = pose(head)
    apart, mirror = cKDTree(neutral).query(neutral * [-1, 1, 1])
    assert apart.max() < 1e-3  # mm
    for name in ARKIT:
        if name.endswith("Left"):
            left, right = pose(head, **{name: 1}), pose(head, **{f"{name[:-4]}Right": 1})
        elif name.endswith("Right"):
            continue
        else:
            left = right = pose(head, **{name: 1})
        # several vertices may lie in one place (lips, teeth): compare as sets of places, moved
        away, _ = cKDTree(right).query(left * [-1, 1, 1])
        assert away.max() < 1e-3, name
        moved = np.linalg.norm(left - neutral, axis=1)[mirror] - np.linalg.norm(right - neutral, axis=1)
        assert np.median(np.abs(moved)) < 1e-3, name


def test_normals_of_the_skin_point_outwards(head: HeadRig) -> None:
    vertices, triangles = pose(head), skin_triangles(head)
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    volume = (a * np.cross(b, c)).sum() / 6
    assert volume > 2e6  # mm³; a head has about 4 litres above the neck


def test_eyes_turn_about_their_centres(head: HeadRig) -> None:
    iris = part_vertices(head, "iris_left")
    centre = next(joint.pivot for joint in head.joints if joint.name == "leftEye") * 1000
    ahead, aside = pose(head)[iris] - centre, pose(head, eyeLookOutLeft=1)[iris] - centre
    assert np.allclose(np.linalg.norm(ahead, axis=1), np.linalg.norm(aside, axis=1), atol=1e-3)
    gaze = aside.mean(0)
    assert np.isclose(np.arctan2(gaze[0], gaze[2]), 0.605, atol=0.01)  # to the subject's left
    down = pose(head, eyeLookDownLeft=1)[iris].mean(0) - centre
    assert np.isclose(np.arctan2(-down[1], down[2]), 0.555, atol=0.01)


def test_head_turns_and_shoulders_stay(head: HeadRig) -> None:
    neutral = pose(head)
    for channel, axis, sign in (("headYaw", 0, -1), ("headPitch", 1, -1), ("headRoll", 0, None)):
        turned = pose(head, **{channel: 0.3})
        low = neutral[:, 1] < -200
        assert np.abs(turned - neutral)[low].max() < 1e-3
        if sign is not None:
            nose = neutral[:, 2].argmax()
            assert sign * (turned - neutral)[nose, axis] > 10, channel
    crown = neutral[:, 1].argmax()
    assert (pose(head, headRoll=0.3) - neutral)[crown, 0] < -10  # towards the right shoulder


def test_two_builds_are_identical_and_the_cache_keeps_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UTTERFACE_CACHE", str(tmp_path))
    first, second = assemble.sculpt(), assemble.sculpt()
    (tmp_path / "head-0123456789abcdef.npz").touch()
    cache.keep(first)
    assert [path.name for path in tmp_path.iterdir()] == [f"head-{cache.key()}.npz"]  # older ones are gone
    kept = cache.load()
    assert kept is not None
    for other in (second, kept):
        assert np.array_equal(first.template, other.template)
        assert np.array_equal(first.triangles, other.triangles)
        assert all(np.array_equal(first.shapes[name], other.shapes[name]) for name in ARKIT)
        assert other.parts == first.parts


def test_a_damaged_or_wrong_cache_heals_itself(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UTTERFACE_CACHE", str(tmp_path))
    path = tmp_path / f"head-{cache.key()}.npz"
    cache.keep(build.sculpture())
    with np.load(path) as kept:
        arrays = dict(kept)
    for wrong in (b"half a file", {"template": arrays["template"][:10]}, {"tint": arrays["tint"] + 1}, {"moved": None}):
        if isinstance(wrong, bytes):
            path.write_bytes(wrong)
        else:
            np.savez(path, **{name: array for name, array in (arrays | wrong).items() if array is not None})
        assert cache.load() is None
    cache.keep(build.sculpture())
    again = cache.load()
    assert again is not None and np.array_equal(again.template, build.sculpture().template)


def test_a_user_without_a_home_has_a_cache_of_the_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("UTTERFACE_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert cache.folder().parent == Path(tempfile.gettempdir())


def test_the_same_head_comes_twice_at_once(head: HeadRig) -> None:
    assert build.sculpture() is build.sculpture()
    assert np.array_equal(rigs.head().template, head.template)
