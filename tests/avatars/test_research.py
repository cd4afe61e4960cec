"""Motion on FLAME's mesh and on bare meshes to weights and back, on a stand-in: our own head in FLAME's layout."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from utterface import rigs
from utterface.avatars import research
from utterface.avatars.settings import Settings
from utterface.cli import main
from utterface.errors import RigError
from utterface.formats import read
from utterface.rigs.flame import read_flame
from utterface.rigs.shapes import read_shapes

EXPRESSED = ("mouthSmileLeft", "mouthPucker")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The skin of a head of few vertices: a jaw that turns below the ears, eyes, and two expressions."""
    head = rigs.head(detail="low")
    skin = np.concatenate([head.triangles[part.triangles] for part in head.parts if part.material == "skin"])
    used, triangles = np.unique(skin, return_inverse=True)
    values = np.eye(len(head.channels), dtype=np.float32)[[head.channels.index(c) for c in ("jawOpen", *EXPRESSED)]]
    jaw, *moves = (head.vertices(values) - head.template)[:, used].astype(np.float64)
    template = head.template[used].astype(np.float64)
    turning = np.linalg.norm(jaw, axis=1)
    weights = np.zeros((len(used), 5))
    weights[:, 2] = turning / turning.max()
    weights[:, 0] = 1 - weights[:, 2]
    places = np.array([[0, -0.2, 0], [0, -0.15, 0], [0, -0.02, -0.07], [0.031, 0, 0.01], [-0.031, 0, 0.01]])
    regressor = np.zeros((5, len(used)))
    for joint, place in enumerate(places):  # each joint a sum of four vertices that gives its place
        corners = np.argsort(np.linalg.norm(template - place, axis=1))[[0, 40, 90, 160]]
        regressor[joint, corners] = np.linalg.lstsq(np.vstack([template[corners].T, np.ones(4)]), [*place, 1], None)[0]
    shapes = np.zeros((len(used), 3, 400))
    shapes[:, :, 300:302] = np.stack(moves, -1)
    arrays = {
        "v_template": template, "shapedirs": shapes, "posedirs": np.zeros((len(used), 3, 36)), "weights": weights,
        "J_regressor": regressor, "f": triangles.reshape(-1, 3).astype(np.uint32),
        "kintree_table": np.array([[2**32 - 1, 0, 1, 1, 1], [0, 1, 2, 3, 4]], np.uint32),
    }  # fmt: skip
    path = tmp_path_factory.mktemp("flame") / "generic_model.pkl"
    path.write_bytes(pickle.dumps(arrays, 2))
    return path


@pytest.fixture(scope="module")
def take(model) -> Path:
    """Thirty frames: a smile of the left side that grows, and a jaw that opens and shuts."""
    expressions, jaw = np.zeros((30, 50), np.float32), np.zeros((30, 3), np.float32)
    expressions[:, 0] = np.linspace(0, 1, 30)
    jaw[:, 0] = 0.25 * np.sin(np.linspace(0, np.pi, 30))
    np.savez(model.parent / "take.npz", expression=expressions, jaw=jaw, fps=25.0)
    return model.parent / "take.npz"


@pytest.fixture(scope="module")
def shapes(model) -> Path:
    """The same mesh with shapes, as arrays."""
    rig = research.of_flame(read_flame(model), rigs.head())
    arrays = dict(zip(rig.channels, rig.shapes, strict=True))
    np.savez(model.parent / "shapes.npz", neutral=rig.template, poseNames=np.array(rig.channels), **arrays)
    return model.parent / "shapes.npz"


def test_coefficients_become_weights_and_vertices_again(model, shapes, take, tmp_path):
    weights, back = tmp_path / "face.npz", tmp_path / "back.npy"
    flame = str(model)
    assert main(["solve", str(take), "--flame", flame, "--rig", flame, "--still", "-o", str(weights)]) == 0
    motion = read(weights).motion
    assert motion.frame_rate == 25 and len(motion) == 30
    assert np.abs(motion["mouthSmileLeft"] - np.linspace(0, 1, 30)).max() < 0.25
    assert motion["mouthSmileRight"].max() < 0.2
    assert np.corrcoef(motion["jawOpen"], np.sin(np.linspace(0, np.pi, 30)))[0, 1] > 0.97
    assert main(["solve", str(weights), "--to", "vertices", "--rig", str(shapes), "-o", str(back)]) == 0
    flame = read_flame(model)
    values = np.zeros((30, len(flame.channels)), np.float32)
    arrays = np.load(take)
    values[:, :50] = arrays["expression"]
    values[:, flame.channels.index("jawX")] = arrays["jaw"][:, 0]
    wanted = flame.vertices(values)
    assert 1000 * np.abs(wanted - flame.template).max() > 20
    assert 1000 * np.linalg.norm(np.load(back) - wanted, axis=2).mean() < 1.0


def test_a_speakers_own_face_at_rest_is_taken_off(shapes, tmp_path):
    """As in VOCASET, where every speaker has a template on FLAME's mesh."""
    rig = read_shapes(shapes)
    speaker = rig.template * np.float32([1.1, 0.95, 1.05])
    weights = np.zeros((4, len(rig.channels)), np.float32)
    weights[1:, rig.channels.index("mouthPucker")] = 0.7
    np.save(tmp_path / "rest.npy", speaker)
    np.save(tmp_path / "take.npy", (speaker + rig.vertices(weights) - rig.template).reshape(4, -1))
    options = ["--rig", str(shapes), "--neutral", str(tmp_path / "rest.npy"), "--still"]
    assert main(["solve", str(tmp_path / "take.npy"), *options, "-o", str(tmp_path / "a.npz")]) == 0
    np.testing.assert_allclose(read(tmp_path / "a.npz").motion.select(rig.channels), weights, atol=2e-3)


def test_any_mesh_with_named_vertices_is_a_rig(model, tmp_path):
    """As for BIWI, whose mesh no model describes."""
    flame = read_flame(model)
    (tmp_path / "face.obj").write_text(
        "".join(f"v {x} {y} {z}\n" for x, y, z in flame.template.tolist())
        + "".join(f"f {a}/1 {b}/1 {c}/1\n" for a, b, c in (flame.triangles + 1).tolist())
    )
    places = research.landmarks.of_rig(rigs.head())
    numbers = {n: int(np.linalg.norm(flame.template - places[n], axis=1).argmin()) for n in research.landmarks.NAMES}
    numbers |= {f"eye_{side}": numbers[f"lid_upper_{side}"] for side in ("left", "right")}
    rig = research.of_mesh(tmp_path / "face.obj", Settings(landmarks=numbers), rigs.head(detail="low"))
    assert rig.template.shape == flame.template.shape and {"jawOpen", "mouthClose"} <= set(rig.channels)
    pucker = rig.shapes[rig.channels.index("mouthPucker")]
    assert 5 < 1000 * np.linalg.norm(pucker, axis=1).max() < 25
    with pytest.raises(RigError, match=r"face has no mouth_left.*\[landmarks\]"):
        research.of_mesh(tmp_path / "face.obj", Settings(), rigs.head())


@pytest.mark.parametrize(
    ("text", "words"), [("v 1 2 3\nf 1 2 3", "no mesh"), ("v a b c", "cannot read"), ("", "no mesh")]
)
def test_damaged_meshes_are_one_line(tmp_path, text, words):
    (tmp_path / "a.obj").write_text(text)
    with pytest.raises(RigError, match=words):
        research.read_obj(tmp_path / "a.obj")
    with pytest.raises(RigError, match="no such file"):
        research.read_obj(tmp_path / "b.obj")
