"""Settings of an avatar: what is written reads the same, and mistakes are named."""

import pytest

from utterface.avatars.settings import BoneSetting, Settings
from utterface.errors import ConfigError

WHOLE = Settings(
    {"jawOpen": [("Mouth \"open\"", 1.0)], "mouthClose": [("あ", 0.6), ("b.c", -0.5)], "tongueOut": []},
    {"head": BoneSetting("Kopf"), "jaw": BoneSetting("Jaw", (0.0, 0.0, 1.0), 24.0), "neck": BoneSetting("")},
    {"mouthPucker": 0.8}, {"eyeWideLeft": 0.1}, {"mouth_left": 12},
)  # fmt: skip


def test_what_is_written_reads_the_same(tmp_path):
    (tmp_path / "me.toml").write_text(WHOLE.to_toml({"map": "two\nlines"}), encoding="utf-8")
    assert Settings.read(tmp_path / "me.toml") == WHOLE
    assert "# two\n# lines\n[map]" in (tmp_path / "me.toml").read_text(encoding="utf-8")


def test_a_stem_stands_for_both_sides():
    given = Settings.from_content({"tune": {"gain": {"eyeWide": 2, "jawOpen": 0.5}, "offset": {"mouthLeft": 0.1}}})
    assert given.gains == {"eyeWideLeft": 2, "eyeWideRight": 2, "jawOpen": 0.5} and given.offsets == {"mouthLeft": 0.1}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[map\n", "no TOML"),
        ("[maps]\n", "no table is called 'maps'; did you mean map"),
        ("[map]\njawopen = 'a'\n", "did you mean jawOpen"),
        ("[map]\njawOpen = [['a', 'b']]\n", "no name and no"),
        ("[map]\njawOpen = 3\n", "3 is no name"),
        ("[bones]\nhead = 3\n", "head takes the name of a node"),
        ("[bones]\njaw = { node = 'a', axis = [0, 0, 0] }\n", "no direction"),
        ("[bones]\njaw = { node = 'a', turn = 3 }\n", "no setting is called 'turn'"),
        ("[tune]\ngain.jawOpen = 'much'\n", "not a number"),
        ("[tune]\ngain.chin = nan\n", "no channel is called 'chin'"),
        ("[landmarks]\nchin = -1\n", "not the number of a vertex"),
        ("map = 3\n", r"write \[map\]"),
    ],
)
def test_mistakes_are_named(text, words, tmp_path):
    (tmp_path / "me.toml").write_text(text)
    with pytest.raises(ConfigError, match=words) as error:
        Settings.read(tmp_path / "me.toml")
    assert "\n" not in str(error.value)


def test_no_file_and_bytes_that_are_no_text(tmp_path):
    with pytest.raises(ConfigError, match="cannot read"):
        Settings.read(tmp_path / "none.toml")
    (tmp_path / "me.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="no TOML"):
        Settings.read(tmp_path / "me.toml")
