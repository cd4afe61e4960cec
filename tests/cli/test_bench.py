import pytest

from utterface.cli import main
from utterface.cli.bench import RecordingOptions
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
    assert RecordingOptions().paths() is None
    with pytest.raises(ConfigError, match="--audio and --text go together"):
        RecordingOptions(audio=tmp_path).paths()
    with pytest.raises(ConfigError, match="--audio and --text are required"):
        RecordingOptions(audio=tmp_path).required()
    found = RecordingOptions(tmp_path, tmp_path).paths()
    assert (found.audio, found.text) == RecordingOptions(tmp_path, tmp_path).required() == (tmp_path, tmp_path)
