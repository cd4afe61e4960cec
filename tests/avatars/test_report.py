"""What inspect says: every fact of a file, and settings that read as the same face."""

from avatars.conftest import read
from utterface.avatars import report
from utterface.avatars.avatar import Avatar, found
from utterface.avatars.settings import Settings
from utterface.gltf import Gltf


def test_a_service_avatar(service):
    facts = report.facts(service)
    assert facts["mouth"] == "face" and facts["missing"] == [] and facts["bones"] == {"neck": "Neck", "head": "Head"}
    assert [(mesh["shapes"], mesh["driven"]) for mesh in facts["meshes"]] == [(67, 52)] * 4
    assert len(facts["not_driven"]) == 14 and facts["unknown"] == []
    text = "\n".join(report.lines(service))
    assert "52 of ARKit's 52 channels" in text and "Wolf3D_Teeth (52 of 67)" in text


def test_what_is_saved_reads_as_the_same_face(real):
    avatar = Avatar.read(real)
    again = Avatar.read(real, report.settings_of(avatar))
    assert {c: set(d) for c, d in again.drives.items()} == {c: set(d) for c, d in avatar.drives.items()}
    assert [(b.role, b.node) for b in again.bones] == [(b.role, b.node) for b in avatar.bones]
    assert len(report.lines(again)) >= 5


def test_a_figure_without_shapes_still_says_what_it_has(assets):
    rocketbox = found(Gltf.read(assets / "avatars" / "rocketbox_nomorph_Female_Adult_01.glb"), Settings())
    facts = report.facts(rocketbox)
    assert facts["mouth"] is None and facts["bones"]["jaw"] == "Bip01 MJaw" and len(facts["animations"]) == 2
    assert report.settings_of(rocketbox).bones["leftEye"].node == "Bip01 LEye"


def test_names_that_no_table_has_are_listed(service):
    data = service.gltf.to_bytes().replace(b'"tongueOut"', b'"tongueWag"')
    facts = report.facts(read(data))
    assert facts["unknown"] == ["tongueWag"] and facts["missing"] == ["tongueOut"]
