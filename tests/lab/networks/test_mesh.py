"""Offsets in torch are what the rig's own formula gives, less its neutral face."""

import numpy as np
import pytest
import torch

from support import flame_file
from utterface import rigs
from utterface.errors import ConfigError, RigError
from utterface.lab.networks.mesh import Touching, choose, offsets
from utterface.motion import ARKIT, HEAD, Motion
from utterface.rigs.flame import face_channels, read_flame
from utterface.rigs.lips import LipRig
from utterface.rigs.topology import TopologyRig


def moved(rig, channels, values: np.ndarray, vertices: np.ndarray) -> np.ndarray:
    """(T, n, 3) by the rig in NumPy, its head held still."""
    full = np.zeros((len(values), len(rig.channels)), np.float32)
    for i, channel in enumerate(channels):
        if channel in rig.channels and channel not in HEAD:
            full[:, rig.channels.index(channel)] = values[:, i]
    return (rig.vertices(full) - rig.template)[:, vertices]


def test_the_built_in_head():
    rig, channels = rigs.head(), (*ARKIT[::-1], *HEAD, "offset0X")
    values = np.random.default_rng(0).uniform(0, 1, (3, len(channels))).astype(np.float32)
    vertices = choose(rig, "mouth", 100)
    result = offsets(rig, channels, vertices)(torch.from_numpy(values)[None])
    assert result.shape == (1, 3, 100, 3)
    assert np.allclose(result[0], moved(rig, channels, values, vertices), atol=1e-6)


def test_the_mouth_is_around_the_lips_and_on_the_skin():
    rig = rigs.head()
    mouth, face = choose(rig, "mouth", 128), choose(rig, "face", 256)
    assert len(mouth) == 128 == len(set(mouth.tolist())) and len(face) == 256
    inner = rig.template[np.concatenate([rig.regions["lips_inner_upper"], rig.regions["lips_inner_lower"]])]
    apart = np.linalg.norm(rig.template[mouth][:, None] - inner, axis=-1).min(1)
    assert apart.max() <= 0.01
    skin = next(part for part in rig.parts if part.name == "skin")
    assert np.isin(np.concatenate([mouth, face]), rig.triangles[skin.triangles]).all()
    assert np.ptp(rig.template[face][:, 1]) > 3 * np.ptp(rig.template[mouth][:, 1])
    upper = offsets(rig, ("browInnerUp", "jawOpen"), face)(torch.eye(2)[None])[0].norm(dim=-1)
    assert upper[0].max() > 1e-3 and (upper[0] > 2e-4).sum() < (upper[1] > 2e-4).sum()


def test_vertices_are_spread_evenly():
    rig = rigs.head()
    few, many = choose(rig, "mouth", 20), choose(rig, "mouth", 10_000)
    points = rig.template[few]
    apart = np.linalg.norm(points[:, None] - points, axis=-1) + np.eye(20)
    nearest = np.linalg.norm(rig.template[many][:, None] - points, axis=-1).min(1)
    assert apart.min() > 0.9 * nearest.max()  # nobody of the rest is further from the few than they from each other


def test_flame_bends_its_jaw(tmp_path):
    np.savez(tmp_path / "flame.npz", **flame_file.arrays())
    (tmp_path / "lve.txt").write_text("3, 5, 8, 21, 30")
    rig = read_flame(
        tmp_path / "flame.npz", [tmp_path / "lve.txt"], shapes=flame_file.SHAPES, expressions=flame_file.EXPRESSIONS
    )
    channels = (*face_channels(flame_file.EXPRESSIONS), "neckX")
    values = np.random.default_rng(1).normal(0, 0.4, (4, len(channels))).astype(np.float32)
    vertices = choose(rig, "mouth", 4)
    assert set(vertices) < {3, 5, 8, 21, 30} and len(vertices) == 4
    still = np.where([c == "neckX" for c in channels], 0, values)
    result = offsets(rig, channels, vertices)(torch.from_numpy(values).view(2, 2, -1))
    assert np.allclose(result.flatten(0, 1), moved(rig, channels, still, vertices), atol=1e-5)


def test_bare_vertices_are_picked():
    rig = TopologyRig("bare", np.zeros((6, 3), np.float32), regions={"lips": np.array([4, 1])})
    values = torch.arange(18.0)[None, None]
    result = offsets(rig, rig.channels, choose(rig, "mouth", 9))(values)
    assert result[0, 0].tolist() == [[3, 4, 5], [12, 13, 14]]
    with pytest.raises(ConfigError, match="offsets"):
        offsets(rig, ARKIT, np.array([1]))


def test_gradients_reach_the_channels():
    rig = rigs.head()
    motion = torch.full((1, 2, 1), 0.5, requires_grad=True)
    offsets(rig, ("jawOpen",), choose(rig, "mouth", 30))(motion).square().sum().backward()
    assert (motion.grad > 0).all()


def test_what_touches_is_the_gap_of_the_rig():
    """Worked by hand from `LipRig.gap_mm`: closed at rest, worth 5 mm there and e times less every 2 mm."""
    rig = rigs.head()
    see = Touching(rig, ARKIT, choose(rig, "mouth", 20))
    values = np.zeros((3, len(ARKIT)), np.float32)
    values[1, ARKIT.index("jawOpen")] = 0.1
    values[2, [ARKIT.index("mouthPressLeft"), ARKIT.index("mouthPressRight")]] = 1
    motion = torch.from_numpy(values)[None].requires_grad_()
    seen = see(motion)
    gap = LipRig.from_rig(rig).gap_mm(Motion(values, ARKIT, 30.0))
    assert seen.shape == (1, 3, 62) and gap[0] == 0 and gap[1] > 0.5
    assert torch.equal(seen[..., :60], offsets(rig, ARKIT, choose(rig, "mouth", 20))(motion).flatten(-2))
    assert seen[0, :, 60].detach().numpy() == pytest.approx(5e-3 * gap, abs=1e-6)
    assert seen[0, :, 61].detach().numpy() == pytest.approx(5e-3 * np.exp(-np.maximum(gap, 0) / 2), abs=1e-6)
    seen[0, 1, 61].backward()
    assert motion.grad[0, 1, ARKIT.index("jawOpen")] < 0 and not motion.grad[0, 0].any()


def test_contact_needs_paired_lips():
    rig = TopologyRig("bare", np.zeros((6, 3), np.float32), regions={"lips": np.array([4, 1])})
    with pytest.raises(RigError, match="no pairs of inner lips"):
        Touching(rig, rig.channels, np.array([1, 4]))


def test_missing_vertices_are_reported():
    with pytest.raises(ConfigError, match="mouth, face"):
        choose(rigs.head(), "ears", 3)
    with pytest.raises(RigError, match="lips"):
        choose(TopologyRig("bare", np.zeros((6, 3), np.float32)), "mouth", 3)
