import pytest

from utterface.cli import main
from utterface.cli.bench import Recordings
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


def test_recordings_come_with_their_transcripts(tmp_path):
    assert Recordings().spoken() is None
    with pytest.raises(ConfigError, match="--audio and --text go together"):
        Recordings(audio=tmp_path).spoken()
    found = Recordings(tmp_path, tmp_path, strict=True).spoken()
    assert (found.audio, found.text, found.strict, found.lexicon) == (tmp_path, tmp_path, True, None)
