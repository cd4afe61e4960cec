"""`utterface inspect`: what an avatar has, as lines, as JSON and as settings."""

import json

from support.avatar_files import service_avatar
from utterface.cli import main


def test_what_an_avatar_has(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "me.glb").write_bytes(service_avatar())
    assert main(["inspect", "me.glb", "--save", "me.toml"]) == 0
    text = capsys.readouterr().out
    assert "driven by ARKit's channels" in text and "wrote me.toml" in text
    assert main(["inspect", "me.glb", "--settings", "me.toml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["channels"]["jawOpen"] == {"jawOpen": 1.0}
