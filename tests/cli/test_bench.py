import inspect

import pytest

from utterface.cli import main
from utterface.cli.bench import Recordings, animator
from utterface.engines import Request, open_animator
from utterface.errors import ConfigError


def test_every_benchmark_explains_itself(capsys):
    assert main(["bench", "animator", "--help"]) in (0, None)
    assert "--seeds" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong", [["nosuch"], ["animator"], ["animator", "--audio", "a", "--text", "b", "--sneeds", "1"]]
)
def test_a_wrong_call_is_one_line_and_exit_2(wrong, capsys):
    assert main(["bench", *wrong]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_the_engine_judged_where_none_is_named_is_the_one_that_animates_then():
    named = inspect.signature(animator).parameters["model"].default
    assert open_animator(named, Request()).about.name == open_animator(None, Request()).about.name


def test_recordings_come_with_their_transcripts(tmp_path):
    assert Recordings().spoken() is None
    with pytest.raises(ConfigError, match="--audio and --text go together"):
        Recordings(audio=tmp_path).spoken()
    found = Recordings(tmp_path, tmp_path, strict=True).spoken()
    assert (found.audio, found.text, found.strict, found.lexicon) == (tmp_path, tmp_path, True, None)
