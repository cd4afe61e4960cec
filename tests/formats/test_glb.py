import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from support.readers import Glb
from utterface.formats.glb import LEAST_OFFSET, to_glb, write
from utterface.motion import ARKIT, CHANNELS, Motion
from utterface.rigs import Joint, Part, head

TOOLS = Path(__file__).parents[1] / "tools"


def grid(size: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """A bumpy sheet: (size², 3) vertices and its triangles."""
    x, y = np.meshgrid(np.linspace(-0.05, 0.05, size), np.linspace(-0.05, 0.05, size))
    vertices = np.stack([x, y, 0.02 * np.cos(30 * x) * np.cos(30 * y)], -1).reshape(-1, 3).astype(np.float32)
    at = np.arange(size * size).reshape(size, size)
    a, b, c, d = at[:-1, :-1].ravel(), at[:-1, 1:].ravel(), at[1:, :-1].ravel(), at[1:, 1:].ravel()
    return vertices, np.concatenate([np.stack([a, b, d], 1), np.stack([a, d, c], 1)]).astype(np.int32)


@dataclass
class Sheet:
    """A rig small enough to check by hand: jawOpen pulls the lower half down, jawLeft pushes one vertex by 0.01 mm."""

    name: str = "sheet"
    channels: tuple[str, ...] = CHANNELS
    regions: dict[str, np.ndarray] = field(default_factory=dict)
    tint: np.ndarray | None = None
    openness: np.ndarray | None = None
    colours: np.ndarray | None = None

    def __post_init__(self) -> None:
        self.template, self.triangles = grid()
        middle = len(self.triangles) // 2
        self.parts = Part("upper", "skin", slice(0, middle)), Part("lower", "teeth", slice(middle, None))
        follow = np.ones(len(self.template), np.float32)
        eye = np.zeros_like(follow)
        eye[-1] = 1
        self.joints = (
            Joint("head", np.array([0, -0.1, 0]), ("headYaw", "headPitch", "headRoll"), follow),
            Joint("leftEye", self.template[-1], ("leftEyeYaw", "leftEyePitch", "leftEyeRoll"), eye, "head"),
        )
        self.pull = np.zeros((len(CHANNELS), len(self.template), 3), np.float32)
        self.pull[CHANNELS.index("jawOpen"), self.template[:, 1] < 0] = (0, -0.01, 0)
        self.pull[CHANNELS.index("jawLeft"), 0] = (1e-5, 0, 0)
        self.pull[CHANNELS.index("eyeLookInLeft"), -1] = (0.01, 0, 0)

    def vertices(self, values: np.ndarray) -> np.ndarray:
        return self.template + np.tensordot(values, self.pull, 1)


@pytest.fixture
def read(clip) -> Glb:
    return Glb(to_glb(clip.motion, Sheet()))


def test_every_part_has_all_52_targets_by_name(read):
    (mesh,) = read.json["meshes"]
    assert mesh["extras"]["targetNames"] == list(ARKIT) and mesh["weights"] == [0] * 52
    assert [len(p["targets"]) for p in mesh["primitives"]] == [52, 52]
    assert all(set(target) == {"POSITION"} for p in mesh["primitives"] for target in p["targets"])


def test_targets_move_what_the_rig_moves_and_nothing_below_two_hundredths_of_a_millimetre(read):
    rig = Sheet()
    for primitive, part in zip(read.json["meshes"][0]["primitives"], rig.parts, strict=True):
        vertices = np.unique(rig.triangles[part.triangles])
        np.testing.assert_array_equal(read.array(primitive["attributes"]["POSITION"]), rig.template[vertices])
        corners = vertices[read.array(primitive["indices"])].reshape(-1, 3)
        np.testing.assert_array_equal(corners, rig.triangles[part.triangles])
        jaw = read.array(primitive["targets"][ARKIT.index("jawOpen")]["POSITION"])
        np.testing.assert_allclose(jaw, rig.pull[CHANNELS.index("jawOpen")][vertices], atol=1e-7)
        assert not read.array(primitive["targets"][ARKIT.index("jawLeft")]["POSITION"]).any()
    assert np.linalg.norm(rig.pull[CHANNELS.index("jawLeft")], axis=1).max() < LEAST_OFFSET


def test_eyeballs_turn_by_targets_and_no_node_of_theirs_is_animated(read):
    moved = [
        read.array(primitive["targets"][ARKIT.index("eyeLookInLeft")]["POSITION"]).max()
        for primitive in read.json["meshes"][0]["primitives"]
    ]
    assert max(moved) == pytest.approx(0.01)
    assert "leftEye" not in {node["name"] for node in read.json["nodes"]}


def test_colours_of_the_rig_are_linear_in_the_file():
    rig = Sheet(colours=np.full((64, 3), 0.5, np.float32), openness=np.ones(64, np.float32))
    made = Glb(to_glb(Motion(np.zeros((1, 61), np.float32)), rig))
    (first, *_) = made.json["meshes"][0]["primitives"]
    colours = made.array(first["attributes"]["COLOR_0"])
    assert colours.dtype == np.uint16 and abs(colours[0, 0] / 65535 - 0.2140) < 1e-3
    assert made.json["materials"][0]["pbrMetallicRoughness"]["baseColorFactor"] == [1, 1, 1, 1]


def test_the_animation_holds_weights_and_turns_on_the_clock(read, clip):
    (animation,) = read.json["animations"]
    nodes = read.json["nodes"]
    told = {(nodes[c["target"]["node"]]["name"], c["target"]["path"]): c["sampler"] for c in animation["channels"]}
    assert set(told) == {("sheet", "weights"), ("head", "rotation")}
    sampler = animation["samplers"][told["sheet", "weights"]]
    times = read.array(sampler["input"])[:, 0]
    np.testing.assert_allclose(times, clip.motion.times, atol=1e-6)
    np.testing.assert_array_equal(read.array(sampler["output"]).reshape(-1, 52), clip.motion.select(ARKIT))


@pytest.mark.parametrize(
    ("channel", "looks"),
    [
        ("headYaw", (-np.sin(0.3), 0, np.cos(0.3))),
        ("headPitch", (0, -np.sin(0.3), np.cos(0.3))),
        ("headRoll", (0, 0, 1)),
    ],
)
def test_angles_turn_the_way_the_conventions_say(channel, looks):
    motion = Motion(np.array([[0.3]]), (channel,))
    read = Glb(to_glb(motion, Sheet()))
    animation = read.json["animations"][0]
    x, y, z, w = read.array(animation["samplers"][1]["output"])[0].astype(float)
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    np.testing.assert_allclose(rotation @ [0, 0, 1], looks, atol=1e-6)
    crown = rotation @ [0, 1, 0]
    if channel == "headRoll":  # the crown tips to the subject's right, which is −X
        np.testing.assert_allclose(crown, (-np.sin(0.3), np.cos(0.3), 0), atol=1e-6)


def test_angles_compose_yaw_over_pitch_over_roll():
    from scipy.spatial.transform import Rotation

    yaw, pitch, roll = 0.4, -0.3, 0.2
    motion = Motion(np.array([[yaw, pitch, roll]]), ("headYaw", "headPitch", "headRoll"))
    read = Glb(to_glb(motion, Sheet()))
    turned = Rotation.from_quat(read.array(read.json["animations"][0]["samplers"][1]["output"])[0])
    expected = Rotation.from_euler("YXZ", [-yaw, pitch, roll])
    np.testing.assert_allclose(turned.as_matrix(), expected.as_matrix(), atol=1e-6)


def test_the_skin_rests_where_the_template_is(read):
    nodes = read.json["nodes"]
    (skin,) = read.json["skins"]
    inverse = read.array(skin["inverseBindMatrices"]).reshape(-1, 4, 4)
    places = {0: np.zeros(3)}
    for number, node in enumerate(nodes):
        for child in node.get("children", []):
            places[child] = places[number] + nodes[child]["translation"]
    for joint, matrix in zip(skin["joints"], inverse, strict=True):
        np.testing.assert_allclose(matrix[3, :3], -places[joint], atol=1e-7)
    for primitive in read.json["meshes"][0]["primitives"]:
        shares = read.array(primitive["attributes"]["WEIGHTS_0"])
        assert (shares.sum(1, dtype=int) == 255).all()


def test_nothing_lies_over_the_pupil_or_shines_from_it():
    """What light a renderer adds by diffusion or as a mirror: a dielectric would mirror 4 %, grey in a bright room."""
    still = Motion(np.zeros((1, 61), np.float32))
    made = {m["name"]: m for m in Glb(to_glb(still, head(detail="low"))).json["materials"]}
    pupil, cornea = (made[name]["pbrMetallicRoughness"] for name in ("pupil", "cornea"))
    assert pupil["metallicFactor"] == 1 and max(pupil["baseColorFactor"][:3]) < 0.01
    assert made["cornea"]["alphaMode"] == "BLEND" and max(cornea["baseColorFactor"][:3]) == 0
    assert all(m["pbrMetallicRoughness"]["metallicFactor"] == 0 for name, m in made.items() if name != "pupil")


@pytest.mark.parametrize("name", ["mira", "david"])  # david's hair has the most vertices
def test_the_head_of_low_detail_with_ten_seconds_stays_small(name):
    motion = Motion(np.random.default_rng(0).random((600, len(CHANNELS))))
    data = to_glb(motion, head(name, detail="low"))
    assert len(data) <= 2.5e6
    read = Glb(data)
    counts = {"hair": 0, "rest": 0}
    for primitive in read.json["meshes"][0]["primitives"]:
        kind = "hair" if read.json["materials"][primitive["material"]]["name"] == "hair" else "rest"
        counts[kind] += len(read.array(primitive["attributes"]["POSITION"]))
    assert counts["rest"] <= 6000 and 0 < counts["hair"] <= 3000


def test_the_khronos_validator_finds_no_error(clip, tmp_path):
    if not (TOOLS / "node_modules" / "gltf-validator").is_dir() or not shutil.which("node"):
        pytest.skip("no Khronos validator; run: npm ci --prefix tests/tools")
    (tmp_path / "sheet.glb").write_bytes(to_glb(clip.motion, Sheet()))
    write(clip, tmp_path / "head.glb", head(detail="low"))
    done = subprocess.run(
        ["node", TOOLS / "validate.cjs", tmp_path / "sheet.glb", tmp_path / "head.glb"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    for report in json.loads(done.stdout):
        assert report["issues"]["numErrors"] == 0, report["issues"]["messages"]
        assert report["issues"]["numWarnings"] == 0, report["issues"]["messages"]


def test_three_plays_it_on_every_mesh(clip, tmp_path):
    if not (TOOLS.parents[1] / "web" / "node_modules" / "three").is_dir() or not shutil.which("node"):
        pytest.skip("no three.js; run: npm ci --prefix web")
    write(clip, tmp_path / "head.glb", head(detail="low"))
    frames = [0.0, 0.5, 1.25]
    done = subprocess.run(
        ["node", TOOLS / "three_plays.mjs", tmp_path / "head.glb", *map(str, frames)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert told["duration"] == pytest.approx(119 / 60, abs=1e-5)
    assert len(told["names"]) > 1 and all(names == list(ARKIT) for names in told["names"])
    for seconds, seen in zip(frames, told["seen"], strict=True):
        expected = clip.motion.select(ARKIT)[round(seconds * 60)]
        for weights in seen["weights"]:
            np.testing.assert_allclose(weights, expected, atol=1e-4)
    assert np.abs(np.diff([seen["head"] for seen in told["seen"]], axis=0)).max() > 0.05


def test_blender_opens_it_with_moving_shape_keys(clip, tmp_path):
    write(clip, tmp_path / "head.glb", head(detail="low"))
    blender = os.environ.get("UTTERFACE_BLENDER_PYTHON", sys.executable)
    if subprocess.run([blender, "-c", "import bpy"], capture_output=True, check=False).returncode:
        pytest.skip("no Blender here; pip install bpy into a Python and name it in UTTERFACE_BLENDER_PYTHON")
    frames = [0.0, 0.5, 1.25]
    done = subprocess.run(
        [blender, TOOLS / "blender_reads.py", tmp_path / "head.glb", *map(str, frames)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["keys"] == list(ARKIT)
    for seconds, weights in zip(frames, told["weights"], strict=True):
        expected = clip.motion.select(ARKIT)[round(seconds * 60)]
        np.testing.assert_allclose(weights, expected, atol=1e-3)
    assert told["turned"] > 0.1
