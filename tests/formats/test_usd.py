"""Check E6: stages without complaint from OpenUSD's validators, and skinned by OpenUSD to the rig's own vertices."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from utterface.errors import MissingExtra, RigError
from utterface.formats import check, usd
from utterface.formats.usd import ROOT, write_usda, write_usdc
from utterface.motion import CHANNELS, Motion
from utterface.rigs import head
from utterface.rigs.shapes import ShapesRig
from utterface.rigs.solver import linear_shapes
from utterface.rigs.topology import TopologyRig

pytest.importorskip("pxr", reason="usd-core is not installed")


@pytest.fixture(scope="module")
def rig():
    return head()


@pytest.fixture(scope="module")
def motion() -> Motion:
    """Three frames at 25 a second, from 0.4 s on: a mouth that opens in a head that turns."""
    values = np.zeros((3, len(CHANNELS)), np.float32)
    for name, most in (("jawOpen", 0.8), ("mouthPucker", 0.5), ("headYaw", 0.3), ("headPitch", -0.2)):
        values[:, CHANNELS.index(name)] = np.linspace(0, most, 3)
    return Motion(values, frame_rate=25.0, start=0.4)


@pytest.fixture(scope="module")
def stages(rig, motion, tmp_path_factory):
    from pxr import Usd

    from utterface.clip import Clip

    folder = tmp_path_factory.mktemp("usd")
    write_usda(Clip.from_motion(motion), folder / "a.usda", rig)
    write_usdc(Clip.from_motion(motion), folder / "a.usdc", rig)
    return [Usd.Stage.Open(str(folder / name)) for name in ("a.usda", "a.usdc")]


def test_the_validators_find_no_fault(stages):
    from pxr import UsdValidation

    validators = UsdValidation.ValidationRegistry().GetOrLoadAllValidators()
    assert len(validators) > 10
    for stage in stages:
        errors = UsdValidation.ValidationContext(validators).Validate(stage)
        assert not [error.GetMessage() for error in errors]


def test_units_and_clock(stages):
    from pxr import UsdGeom

    for stage in stages:
        assert stage.GetDefaultPrim().GetName() == ROOT
        assert UsdGeom.GetStageMetersPerUnit(stage) == 1 and UsdGeom.GetStageUpAxis(stage) == "Y"
        assert (stage.GetStartTimeCode(), stage.GetEndTimeCode(), stage.GetTimeCodesPerSecond()) == (0, 12, 25)


def test_openusd_moves_the_points_where_the_rig_does(stages, rig, motion):
    from pxr import Gf, UsdSkel

    stage = stages[1]
    root = UsdSkel.Root(stage.GetPrimAtPath(f"/{ROOT}"))
    assert UsdSkel.BakeSkinning(root, Gf.Interval(0, 12))
    wanted = rig.vertices(motion.select(rig.channels))
    for part in rig.parts:
        points = stage.GetPrimAtPath(f"/{ROOT}/{part.name}").GetAttribute("points")
        own = np.unique(rig.triangles[part.triangles])
        for frame in range(3):
            got = np.array(points.Get(10 + frame))
            assert np.abs(got - wanted[frame, own]).max() < 1e-4, part.name


def test_weights_are_named_and_shapes_are_sparse(stages, rig):
    stage = stages[0]
    animation = stage.GetPrimAtPath(f"/{ROOT}/Animation")
    names = list(animation.GetAttribute("blendShapes").Get())
    assert names == list(linear_shapes(rig)[0])
    weights = animation.GetAttribute("blendShapeWeights").Get(12)
    assert weights[names.index("jawOpen")] == pytest.approx(0.8, abs=1e-5)
    skin = rig.parts[0]
    blink = stage.GetPrimAtPath(f"/{ROOT}/{skin.name}/eyeBlinkLeft").GetAttribute("pointIndices").Get()
    assert 10 < len(blink) < 0.5 * len(np.unique(rig.triangles[skin.triangles]))


def test_names_that_usd_does_not_allow_are_changed():
    assert [usd._name(text) for text in ("skin", "left eye.001", "1", "Körper")] == [
        "skin",
        "left_eye_001",
        "_1",
        "K_rper",
    ]


def test_an_avatar_is_written_too(assets, clip, tmp_path):
    from pxr import Usd, UsdValidation

    from utterface.avatars.avatar import Avatar

    short = replace(clip, motion=replace(clip.motion, values=clip.motion.values[:2]))
    short.save(tmp_path / "a.usdc", avatar=Avatar.read(assets / "avatars" / "Godette_v4.vrm"))
    stage = Usd.Stage.Open(str(tmp_path / "a.usdc"))
    validators = UsdValidation.ValidationRegistry().GetOrLoadAllValidators()
    assert not [error.GetMessage() for error in UsdValidation.ValidationContext(validators).Validate(stage)]


def test_text_needs_no_library_and_the_packed_form_names_its_extra(clip, rig, tmp_path, monkeypatch):
    monkeypatch.setattr("utterface.formats.contract.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"pip install 'utterface\[usd\]'"):
        check(tmp_path / "a.usdc")
    monkeypatch.setitem(sys.modules, "pxr", None)
    short = replace(clip, motion=replace(clip.motion, values=clip.motion.values[:1]))
    few = TopologyRig("flat", rig.template[:3], np.array([[0, 1, 2]], np.int32))
    with pytest.raises(RigError, match="no shape"):
        short.save(tmp_path / "b.usda", rig=few)
    write_usda(
        short,
        tmp_path / "a.usda",
        ShapesRig("flat", few.template, ("jawOpen",), np.ones((1, 3, 3), np.float32), few.triangles),
    )
    assert (tmp_path / "a.usda").read_text().startswith("#usda 1.0")
