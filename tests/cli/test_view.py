from pathlib import Path

import numpy as np
import pytest

from utterface.cli import main
from utterface.cli.progress import Progress
from utterface.cli.view import clip_of
from utterface.errors import MotionError


def test_motion_is_taken_as_it_stands(clip, tmp_path):
    clip.save(tmp_path / "a.npz", tmp_path / "a.csv")
    for name in ("a.npz", "a.csv"):
        back = clip_of(tmp_path / name, tmp_path / "a.wav", None, Progress(name))
        np.testing.assert_allclose(back.motion.values, clip.motion.values, atol=2e-3)
        assert back.audio == tmp_path / "a.wav"
    assert clip_of(tmp_path / "a.npz", None, None, Progress("a")).text == clip.text


def test_a_page_is_made_where_it_was_asked_for(clip, tmp_path, capsys):
    clip.save(tmp_path / "a.npz")
    code = main(["view", str(tmp_path / "a.npz"), "-o", str(tmp_path / "b.html"), "--no-browser"])
    out, err = capsys.readouterr()
    if "not built" in err:
        pytest.skip(err)
    assert code == 0 and Path(out.strip()) == tmp_path / "b.html" and (tmp_path / "b.html").stat().st_size > 100_000


def test_a_missing_page_or_motion_is_told(tmp_path, capsys):
    assert main(["view", str(tmp_path / "a.html"), "--no-browser"]) == 2
    assert "no such page" in capsys.readouterr().err
    with pytest.raises(MotionError):
        clip_of(tmp_path / "a.csv", None, None, Progress("a"))
