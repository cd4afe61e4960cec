"""The page of a face of the user's own holds its file, what moves it, and a policy that lets nothing in."""

import base64
import re
import zlib

import pytest

from avatars.conftest import read, with_shapes
from support.avatar_files import service_avatar
from support.compressed import by_draco, by_meshopt
from utterface.avatars.avatar import Avatar
from utterface.errors import OutputError
from utterface.gltf import Gltf
from utterface.pages import avatar as page


def embedded(text: str, name: str) -> bytes:
    return base64.b64decode(re.search(rf'id="{name}"[^>]*>([^<]*)<', text)[1])


def written(clip, avatar: Avatar, tmp_path) -> str:
    page.write(clip, tmp_path / "me.html", avatar)
    return (tmp_path / "me.html").read_text(encoding="utf-8")


def test_the_file_is_in_the_page_as_it_is_unless_pages_cannot_decode_it(clip, tmp_path):
    for pack in (bytes, by_meshopt):
        data = pack(service_avatar())
        assert embedded(written(clip, read(data), tmp_path), "utterface-avatar") == data
    plain = Gltf.from_bytes(embedded(written(clip, read(by_draco(service_avatar())), tmp_path), "utterface-avatar"))
    assert "draco" not in plain.text and len(plain.items("meshes")) == 4


def test_the_policy_lets_nothing_in_but_decoders_and_textures(clip, tmp_path):
    text = written(clip, read(with_shapes("jawOpen")), tmp_path)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'" and rules["connect-src"] == "blob:"
    assert re.fullmatch(r"'sha256-[\w+/=]+'( 'sha256-[\w+/=]+')* 'wasm-unsafe-eval'", rules["script-src"])


def test_the_payload_has_the_avatars_own_channels(clip, tmp_path):
    avatar = read(with_shapes("Fcl_MTH_A", "Fcl_MTH_I", "Fcl_MTH_U", "Fcl_MTH_E", "Fcl_MTH_O"))
    unpacked = zlib.decompress(embedded(written(clip, avatar, tmp_path), "utterface-clip"))
    assert b'"channels":["aa","ih","ou","ee","oh"]' in unpacked
    described = page.description(avatar)
    assert described["nodes"][0]["drives"] == [[c, i, 1.0] for i, c in enumerate(avatar.channels)]


def test_textures_that_need_a_fetched_decoder_are_refused(clip, tmp_path):
    gltf = Gltf.from_bytes(with_shapes("jawOpen"))
    text = gltf.text.rstrip()[:-1] + ',"extensionsRequired":["KHR_texture_basisu"]}'
    data = Gltf("", text, {}, gltf.binary).to_bytes()
    with pytest.raises(OutputError, match="KTX2"):
        page.write(clip, tmp_path / "me.html", read(data))
