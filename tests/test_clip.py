import os
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from utterface.clip import Clip
from utterface.errors import OutputError
from utterface.motion import Motion, rest
from utterface.phones import Span


def test_saves_one_file_a_path_and_chains(clip, tmp_path):
    paths = tmp_path / "a.csv", tmp_path / "b.json", tmp_path / "c.npz"
    assert clip.save(*paths) is clip
    assert all(path.stat().st_size > 1000 for path in paths)


def test_every_suffix_is_checked_before_the_first_file_is_written(clip, tmp_path):
    with pytest.raises(OutputError, match=r"\.html \.glb \.csv \.json \.npz"):
        clip.save(tmp_path / "a.csv", tmp_path / "b.fbx")
    assert list(tmp_path.iterdir()) == []


def test_a_clip_around_motion_is_named_after_its_sound(tmp_path):
    soundfile.write(tmp_path / "line.wav", np.zeros(12_000), 16_000)
    named = Clip.from_motion(rest(30), tmp_path / "line.wav")
    assert (named.name, named.duration) == ("line", 0.75)
    assert Clip.from_motion(rest(30, start=5.0)).duration == 5.5  # on the clock of a sound that nobody named
    assert Clip.from_motion(rest(30)).name == "clip"
    assert Clip.from_motion(rest(30), np.zeros(8000, np.float32)).duration == 0.5


def test_closures_are_counted_on_the_clock_of_the_sound():
    jaw = np.full((60, 2), (0.5, 0.0), np.float32)
    jaw[30:36] = (0.0, 0.0)  # lips closed from 0.5 to 0.6 s
    motion = Motion(jaw, ("jawOpen", "mouthClose"), 60.0)
    clip = Clip(motion, duration=1.0, phones=(Span("m", 0.3, 0.36),), offset=0.2)  # moved 0.2 s later on purpose
    assert clip.closures() == (1, 1)
    assert Clip(motion, duration=1.0, phones=(Span("m", 0.3, 0.36),)).closures() == (0, 1)
    assert Clip(motion, duration=1.0, phones=(Span("m", 0.7, 0.8),), offset=-0.2).closures() == (1, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="names are Unicode here")
@pytest.mark.parametrize("suffix", ["html", "glb", "csv", "json", "npz"])
def test_a_recording_whose_name_is_no_text_is_named_in_every_format(tmp_path, suffix):
    place = Path(os.fsdecode(os.fsencode(tmp_path) + b"/gr\xfc\xdfe.wav"))
    soundfile.write(os.fsencode(place), np.zeros(1600), 16000)
    clip = Clip.from_motion(rest(6), audio=place)
    clip.save(tmp_path / f"a.{suffix}")
    assert clip.name == r"gr\xfc\xdfe" and (tmp_path / f"a.{suffix}").stat().st_size > 0


def test_only_bilabials_need_closed_lips():
    lips = np.full((60, 2), (0.5, 0.0), np.float32)
    lips[30:36] = 0.0  # lips closed from 0.5 to 0.6 s
    phones = (Span("b", 0.5, 0.6), Span("ɑ", 0.6, 0.7), Span("click", 0.7, 0.8), Span("t", 0.8, 0.9))
    assert Clip(Motion(lips, ("jawOpen", "mouthClose"), 60.0), duration=1.0, phones=phones).closures() == (1, 1)


@pytest.mark.parametrize(("seconds", "count"), [(0.3, 1), (0.45, 0)])
def test_without_phones_short_closures_count_and_rests_do_not(seconds, count):
    lips = np.full((120, 2), (0.5, 0.0), np.float32)
    lips[30 : 30 + round(60 * seconds)] = 0.0
    assert Clip(Motion(lips, ("jawOpen", "mouthClose"), 60.0), duration=2.0).closures() == (count, 0)


@pytest.mark.parametrize(("end", "made"), [(0.485, 1), (0.475, 0)])
def test_a_closure_may_miss_its_phone_by_20_ms(end, made):
    lips = np.full((100, 2), (0.5, 0.0), np.float32)
    lips[50:60] = 0.0
    clip = Clip(Motion(lips, ("jawOpen", "mouthClose"), 100.0), duration=1.0, phones=(Span("b", 0.4, end),))
    assert clip.closures() == (made, 1)
