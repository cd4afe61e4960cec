from pathlib import Path

import pytest

from utterface.cli.lines import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [("grüße 你好.wav", "grüße 你好.wav"), ("a\nb", r"a\nb"), ("\x1b[31m", r"\x1b[31m"), (Path("a\tb"), r"a\tb"),
     ("a\u2028b\u202e", r"a\u2028b\u202e")],
)  # fmt: skip
def test_control_characters_are_escaped(text, shown):
    assert printable(text) == shown
