import pytest

from utterface.cli import main


def test_every_benchmark_explains_itself(capsys):
    assert main(["bench", "animator", "--help"]) in (0, None)
    assert "--seeds" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong", [["nosuch"], ["animator"], ["animator", "--audio", "a", "--text", "b", "--sneeds", "1"]]
)
def test_a_wrong_call_is_one_line_and_exit_2(wrong, capsys):
    assert main(["bench", *wrong]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
