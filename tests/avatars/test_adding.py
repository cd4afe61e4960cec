"""Shapes for a figure without any: Rocketbox by its own bones, in its own file."""

import copy
import json
from dataclasses import replace

import numpy as np
import pytest

from avatars.conftest import with_shapes
from utterface import rigs
from utterface.avatars import adding, bones, landmarks
from utterface.avatars.avatar import Avatar, found, shape_names
from utterface.avatars.settings import Settings
from utterface.errors import RigError
from utterface.gltf import Gltf
from utterface.gltf.editor import spans
from utterface.gltf.geometry import matrices, primitive
from utterface.motion import ARKIT

LIPS = {"upper": ("MUpperLip", "LUpperlip", "RUpperlip"), "lower": ("MBottomLip", "LMouthBottom", "RMouthBottom")}


@pytest.fixture(scope="module")
def before(assets) -> Gltf:
    return Gltf.read(assets / "avatars" / "rocketbox_nomorph_Female_Adult_01.glb")


@pytest.fixture(scope="module")
def after(before) -> Gltf:
    return adding.with_shapes(before, rigs.head(), Settings())


@pytest.fixture(scope="module")
def head(before, after):
    """The head's primitive: rest, offsets by channel, and how much each lip's bones hold each vertex."""
    part = primitive(after, after.items("meshes")[0]["primitives"][1])
    joints = before.items("skins")[0]["joints"]
    names = [before.items("nodes")[joint]["name"].removeprefix("Bip01 ") for joint in joints]
    held = {
        lip: np.where(np.isin(part.joints, [names.index(name) for name in each]), part.shares, 0).sum(1)
        for lip, each in LIPS.items()
    }
    return part, dict(zip(shape_names(after, 0), part.offsets, strict=True)), held


def test_the_file_stays_but_for_one_mesh(before, after):
    assert after.binary.startswith(before.binary)
    old, new = spans(before.text, 0), spans(after.text, 0)
    for key in old.keys() - {"accessors", "bufferViews", "buffers", "meshes", "}"}:
        assert before.text[slice(*old[key])] == after.text[slice(*new[key])], key
    for one, other in zip(before.items("meshes")[0]["primitives"], after.items("meshes")[0]["primitives"], strict=True):
        assert {key: value for key, value in other.items() if key != "targets"} == one
        assert len(other["targets"]) == len(shape_names(after, 0)) >= 40
    assert len(after.to_bytes()) < 2.5 * len(before.to_bytes())


def test_eyes_are_found_whichever_way_the_figure_looks(before):
    nodes = bones.find(before, Settings())
    eyes = []
    for turned in (0.0, np.pi / 2):
        content = copy.deepcopy(before.content)
        roots = content["scenes"][0]["nodes"]
        holder = {"children": roots, "rotation": [0, np.sin(turned / 2), 0, np.cos(turned / 2)]}
        content["scenes"][0]["nodes"] = [len(content["nodes"])]
        content["nodes"].append(holder)
        figure = replace(before, content=content)
        facing = bones.facing(figure, nodes, matrices(figure))
        _, places = adding._face(figure, nodes, Settings(), found(figure, Settings()))
        eyes.append(np.stack([places["eye_left"], places["eye_right"]]))
        assert facing == pytest.approx(turned)
    np.testing.assert_allclose(eyes[1], eyes[0], atol=1e-5)


def test_it_talks_by_arkits_channels_with_its_own_eyes_and_no_jaw_bone(before, after):
    avatar = Avatar.from_gltf(after, Settings())
    assert avatar.mouth == "face" and not any(channel.startswith("eyeLook") for channel in avatar.drives)
    assert [bone.role for bone in avatar.bones] == ["neck", "head", "leftEye", "rightEye"]
    assert bones.find(before, Settings())["jaw"]


def test_lips_open_and_meet(head):
    """Pairs of vertices of the upper and the lower lip that touch at rest, in the middle of the mouth."""
    part, offsets, held = head
    upper, lower = (np.flatnonzero(held[lip] > 0.5) for lip in ("upper", "lower"))
    apart = np.linalg.norm(part.positions[upper][:, None] - part.positions[lower], axis=2)
    middle = np.abs(part.positions[upper, 0]) < 0.5 * np.abs(part.positions[lower, 0]).max()
    touching = middle & (apart.min(1) < 0.002)
    pairs = upper[touching], lower[apart.argmin(1)[touching]]
    assert len(pairs[0]) >= 3

    def gap(offset: np.ndarray | float) -> np.ndarray:
        moved = part.positions + offset
        return 1000 * np.linalg.norm(moved[pairs[0]] - moved[pairs[1]], axis=1)

    assert gap(offsets["jawOpen"]).min() >= 10
    assert np.abs(gap(offsets["jawOpen"] + offsets["mouthClose"]) - gap(0.0)).max() <= 0.5


def test_figures_without_landmarks_are_refused(before):
    with pytest.raises(RigError, match=r"neither bones of a face nor shapes.*\[landmarks\]"):
        adding.with_shapes(Gltf.from_bytes(with_shapes()), rigs.head(), Settings())
    few = Settings(landmarks={"mouth_left": 1})
    with pytest.raises(RigError, match="mouth_right, lip_upper"):
        adding.with_shapes(before, rigs.head(), few)


def test_a_face_with_visemes_and_blinks_gets_the_rest_by_where_those_part_its_lips(assets):
    """MPFB's head with all of ARKit's names but the blinks taken away; its own jawOpen is what ours should be like."""
    own = Gltf.read(assets / "avatars" / "mpfb_arkit52_base.glb")
    names = shape_names(own, 0)
    hidden = own.text
    for number, name in enumerate(ARKIT):
        if not name.startswith("eyeBlink"):
            hidden = hidden.replace(f'"{name}"', f'"own{number}"')
    poor = replace(own, text=hidden, content=json.loads(hidden))
    assert Avatar.from_gltf(poor, Settings()).mouth == "visemes"
    rich = Avatar.from_gltf(adding.with_shapes(poor, rigs.head(), Settings()), Settings())
    assert rich.mouth == "face" and {"jawOpen", "mouthClose", "mouthPucker"} <= rich.drives.keys()
    (part,) = (primitive(rich.gltf, item) for item in rich.gltf.items("meshes")[0]["primitives"])
    theirs = part.offsets[names.index("jawOpen")]
    ours, closed = (part.offsets[shape_names(rich.gltf, 0).index(name)] for name in ("jawOpen", "mouthClose"))
    length = np.linalg.norm(theirs, axis=1)
    moved = length > 0.2 * length.max()
    assert np.linalg.norm(ours - theirs, axis=1)[moved].mean() < 0.3 * length[moved].mean()
    places, _ = landmarks.of_shapes(part.positions.astype(float), {"jawOpen": theirs})
    at = [np.linalg.norm(part.positions - places[name], axis=1).argmin() for name in ("lip_upper", "lip_lower")]
    assert 1000 * np.linalg.norm(ours[at[0]] - ours[at[1]]) > 20
    shut = part.positions + ours + closed
    assert 1000 * abs(shut[at[0], 1] - shut[at[1], 1]) < 0.5
