"""`utterface score`, on the example sentence with a still face for its prediction."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from utterface import motion
from utterface.cli import main
from utterface.clip import Clip

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def given(tmp_path) -> list[str]:
    """Whatever the phones, a still face is closed in all of them."""
    said = re.search(r'`hello.flac`: "([^"]+)"', " ".join((EXAMPLES / "README.md").read_text().split())).group(1)
    Clip.from_motion(motion.rest(400)).save(tmp_path / "hello.npz")
    np.savez(tmp_path / "lips.npz", names=np.array(["jawOpen"]), dpairs=np.full((1, 1, 2, 3), 13.0))
    given = [str(tmp_path / "hello.npz"), "--audio", str(EXAMPLES / "hello.flac"), "--text", said]
    return ["score", *given, "--rig", str(tmp_path / "lips.npz")]


def test_figures_for_people_and_for_machines(given, capsys):
    assert main(given) == 0
    out = capsys.readouterr().out
    assert (
        out.startswith("1 clip, ") and "↑ closure f1 " in out and "↓ closure timing " in out and "timing ms" not in out
    )
    assert main([*given, "--json", "--against", given[1]]) == 0
    figures = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)  # no NaN, which is no JSON
    assert figures["vowel_height_rho"] is None
    assert figures["clips"] == 1 and figures["closure_recall"] == 1
    assert figures["difference"]["closure_recall"] == [0, 0, 0]


def test_nothing_to_judge_is_one_clear_line(given, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert main(["score", str(tmp_path / "empty"), *given[2:]]) == 2
    error = capsys.readouterr().err
    assert "have no prediction" in error and len(error.strip().splitlines()) == 1


def test_a_broken_rig_is_one_clear_line(given, tmp_path, capsys):
    (tmp_path / "lips.npz").write_bytes(b"no rig")
    assert main(given) == 2
    assert "cannot read the lips" in capsys.readouterr().err
