from pathlib import Path

import numpy as np
import pytest
import soundfile

from utterface.cli import main
from utterface.cli.progress import Progress
from utterface.cli.view import clip_of
from utterface.errors import MotionError
from utterface.formats import FORMATS
from utterface.formats.contract import Format


def test_motion_is_taken_as_it_stands(clip, tmp_path):
    clip.save(tmp_path / "a.npz", tmp_path / "a.csv")
    soundfile.write(tmp_path / "a.wav", np.zeros(40_000), 16_000)
    for name in ("a.npz", "a.csv"):
        back = clip_of(tmp_path / name, tmp_path / "a.wav", None, Progress(name))
        np.testing.assert_allclose(back.motion.values, clip.motion.values, atol=2e-3)
        assert back.audio == tmp_path / "a.wav" and back.duration == 2.5
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


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["a.toy"], "a.toy cannot be viewed: give a recording, or one of .html"),
        (["a.npz", "-o", "b.csv"], "view makes pages, e.g. -o b.html"),
        (["a.npz", "-o", "none/b.html"], "there is no folder none"),
    ],
)
def test_what_cannot_be_viewed_is_told_before_the_work(clip, tmp_path, monkeypatch, capsys, given, words):
    clip.save(tmp_path / "a.npz")
    monkeypatch.setitem(FORMATS, "toy", Format("toy", ".toy", "written alone", writes="toy:write"))
    monkeypatch.chdir(tmp_path)
    assert main(["view", *given, "--no-browser"]) == 2
    assert words in capsys.readouterr().err


def test_sound_of_another_length_and_sound_that_is_gone_are_told(clip, tmp_path, capsys):
    soundfile.write(tmp_path / "a.wav", np.zeros(16_000), 16_000)
    clip.with_audio(tmp_path / "a.wav").save(tmp_path / "a.npz")
    page = ["-o", str(tmp_path / "a.html"), "--no-browser"]
    assert main(["view", str(tmp_path / "a.npz"), *page]) == 0
    assert "the motion is 1.0 s longer; do they belong together?" in capsys.readouterr().err
    (tmp_path / "moved").mkdir()
    for name in ("a.npz", "a.wav"):
        (tmp_path / name).rename(tmp_path / "moved" / name)
    assert main(["view", str(tmp_path / "moved" / "a.npz"), *page]) == 0  # found beside it
    (tmp_path / "moved" / "a.wav").unlink()
    assert main(["view", str(tmp_path / "moved" / "a.npz"), *page]) == 2
    assert "name it with --audio" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["texts", "table.tsv", "line.txt", "hello there"])
def test_a_recording_finds_its_words_wherever_they_stand(tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "line.txt").write_text("hello\n there")
    (tmp_path / "line.txt").write_text("hello there")
    (tmp_path / "table.tsv").write_text("other.wav\tyou\nline.wav\thello there\n")
    heard = []
    monkeypatch.setattr("utterface.engines.animate.animate", lambda file, text, **_: heard.append(text.text))
    clip_of(tmp_path / "line.wav", None, place, Progress("line"))
    assert heard == ["hello there"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["p.html", "-o", "q.html"], "p.html is a page, which opens as it is: leave --output out"),
        (["a.npz", "--text", "hello"], "a.npz is motion: leave --text out"),
        (["a.wav", "--audio", "b.wav"], "a.wav is its own sound: leave --audio out"),
    ],
)
def test_options_that_would_do_nothing_are_refused(tmp_path, monkeypatch, capsys, arguments, words):
    monkeypatch.chdir(tmp_path)
    for name in ("p.html", "a.npz", "a.wav", "b.wav"):
        Path(name).touch()
    assert main(["view", *arguments, "--no-browser"]) == 2
    assert words in capsys.readouterr().err
