from importlib import import_module

import numpy as np
import pytest

from utterface.clip import Clip
from utterface.errors import MotionError, OutputError
from utterface.formats import FORMATS, READERS, check, read, save, writer
from utterface.motion import Motion


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_has_its_module(suffix):
    assert writer(f"face{suffix}") is import_module(FORMATS[suffix][0]).write
    assert writer(f"FACE{suffix.upper()}") is writer(f"face{suffix}")


@pytest.mark.parametrize(("path", "words"), [("face.fbx", r"no format is called \.fbx"), ("face", "it has no suffix")])
def test_an_unknown_suffix_names_the_known_ones(path, words):
    with pytest.raises(OutputError, match=words + r".*\.html \.glb \.csv \.json \.npz"):
        writer(path)


def test_saving_twice_replaces(clip, tmp_path):
    path = tmp_path / "face.csv"
    path.write_text("something else")
    save(clip, path)
    assert path.read_text().startswith("Timecode,") and list(tmp_path.iterdir()) == [path]


def test_a_page_of_an_hour_is_refused_before_the_work(tmp_path):
    check(tmp_path / "face.csv", tmp_path / "face.html", duration=1799)
    with pytest.raises(OutputError, match=r"60 minutes are too long for one \.html page"):
        check(tmp_path / "face.html", duration=3600)


def test_a_place_that_cannot_be_written_is_told_before_the_work(tmp_path):
    with pytest.raises(OutputError, match="there is no folder"):
        check(tmp_path / "face.csv", tmp_path / "no" / "face.glb")


@pytest.mark.parametrize("suffix", READERS)
def test_what_was_written_is_read_back(clip, tmp_path, suffix):
    path = tmp_path / f"face{suffix}"
    save(clip, path)
    shared = ("jawOpen", "mouthPucker", "mouthClose")
    back = read(path).motion
    assert back.frame_rate == clip.motion.frame_rate and abs(len(back) - len(clip.motion)) <= 1
    count = min(len(back), len(clip.motion))
    assert abs(back.select(shared)[:count] - clip.motion.select(shared)[:count]).max() < 2e-3


def test_what_holds_no_motion_is_told(tmp_path):
    with pytest.raises(MotionError, match=r"no file of motion; give one of \.npz \.glb \.csv"):
        read(tmp_path / "face.html")
    with pytest.raises(MotionError, match="no such file"):
        read(tmp_path / "face.glb")


@pytest.mark.parametrize(("values", "words"), [(np.full((3, 61), np.nan), "NaN"), (np.zeros((0, 61)), "no frame")])
def test_motion_that_is_none_is_not_written(tmp_path, values, words):
    with pytest.raises(MotionError, match=words):
        Clip.from_motion(Motion(values)).save(tmp_path / "a.csv")
    assert not list(tmp_path.iterdir())
