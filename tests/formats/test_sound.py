"""The sound of a motion file lies beside it, has its name and its bytes; no path out of a file is opened."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from utterface.formats import read
from utterface.formats.sound import beside, digest_of


@pytest.fixture
def recording(tmp_path) -> Path:
    soundfile.write(tmp_path / "line.wav", np.zeros(32_000), 16_000)
    return tmp_path / "line.wav"


def test_a_name_finds_the_file_beside_with_its_bytes(recording):
    motion = recording.with_name("face.npz")
    assert beside(motion, "line.wav", digest_of(recording)) == recording
    assert beside(motion, "line.wav", None) == recording


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "//server/share/line.wav", r"\\server\share\line.wav", r"C:\line.wav", "../line.wav"]
)
def test_of_a_path_its_last_part_counts(recording, name):
    place = beside(recording.with_name("face.npz"), name, None)
    assert place in (recording, recording.parent / "face.npz" / "passwd")


def test_another_recording_of_that_name_is_not_taken(recording):
    place = beside(recording.with_name("face.npz"), "line.wav", "0" * 64)
    assert place is not None and place.name == "line.wav" and not place.exists()


@pytest.mark.parametrize("name", ["", "..", "/", "a\0b"])
def test_what_is_no_name_has_no_sound(tmp_path, name):
    assert beside(tmp_path / "face.npz", name, None) is None


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_files_hold_a_name_and_find_it_where_they_are(clip, recording, tmp_path, suffix):
    face = tmp_path / f"face{suffix}"
    clip.with_audio(recording).save(face)
    assert str(tmp_path).encode() not in face.read_bytes()
    assert read(face).audio == recording
    (tmp_path / "moved").mkdir()
    face.rename(tmp_path / "moved" / face.name)
    assert not read(tmp_path / "moved" / face.name).audio.exists()
    recording.rename(tmp_path / "moved" / "line.wav")
    assert read(tmp_path / "moved" / face.name).audio == tmp_path / "moved" / "line.wav"
    soundfile.write(tmp_path / "moved" / "line.wav", np.ones(100), 16_000)
    assert not read(tmp_path / "moved" / face.name).audio.exists()


def test_files_of_version_1_hold_a_path_that_is_not_opened(clip, recording, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    clip.with_audio(recording).save(elsewhere / "face.npz")
    with np.load(elsewhere / "face.npz") as archive:
        arrays = dict(archive)
    facts = json.loads(str(arrays["facts"]))
    arrays["facts"] = np.array(json.dumps(facts | {"version": 1, "audio": str(recording)}))
    np.savez(elsewhere / "face.npz", **arrays)
    assert not read(elsewhere / "face.npz").audio.exists()
    recording.rename(elsewhere / "line.wav")
    assert read(elsewhere / "face.npz").audio == elsewhere / "line.wav"
