import json
from dataclasses import replace

import numpy as np
import pytest

from utterface.errors import MotionError
from utterface.formats.npz import read, write
from utterface.phones import Span


def test_round_trip_of_everything_but_the_sound(clip, tmp_path):
    said = replace(
        clip,
        words=(Span("hé", 0.1, 0.5),),
        phones=(Span("h", 0.1, 0.2), Span("eɪ", 0.2, 0.5, stress=2)),
        emotions={"joy": 0.5},
        seed=7,
        confidence=0.25,
    )
    write(said, tmp_path / "a.npz")
    back = read(tmp_path / "a.npz")
    np.testing.assert_array_equal(back.motion.values, said.motion.values)
    assert (back.motion.channels, back.motion.frame_rate) == (said.motion.channels, said.motion.frame_rate)
    assert replace(back, motion=said.motion) == said


def test_nothing_in_it_is_a_pickle(clip, tmp_path):
    write(clip, tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as archive:
        assert all(archive[name].dtype != object for name in archive.files)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not really", b"Timecode,BlendShapeCount"])
def test_something_else_is_refused_in_one_line(content, tmp_path):
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(MotionError, match="is no utterface motion file"):
        read(tmp_path / "a.npz")


def test_other_arrays_and_missing_files_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros(3))
    with pytest.raises(MotionError, match="is no utterface motion file"):
        read(tmp_path / "a.npz")
    with pytest.raises(MotionError, match="no such file"):
        read(tmp_path / "b.npz")


@pytest.mark.parametrize("place", range(200, 2000, 300))
def test_a_flipped_bit_is_no_traceback(clip, tmp_path, place):
    path = tmp_path / "a.npz"
    write(replace(clip, unspoken=((1.0, 2.5),)), path)
    assert read(path).unspoken == ((1.0, 2.5),)
    raw = bytearray(path.read_bytes())
    raw[place] ^= 255
    path.write_bytes(raw)
    with pytest.raises(MotionError):
        read(path)


def test_an_array_alone_is_no_motion(tmp_path):
    with (tmp_path / "a.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(MotionError):
        read(tmp_path / "a.npz")


def with_facts(clip, path, **changed) -> None:
    """A file whose facts say something else."""
    write(clip, path)
    with np.load(path) as archive:
        arrays = dict(archive)
    arrays["facts"] = np.array(json.dumps(json.loads(str(arrays["facts"])) | changed))
    np.savez(path, **arrays)


@pytest.mark.parametrize(
    "changed",
    [{"audio": 5}, {"audio": {}}, {"duration": "x"}, {"duration": -1}, {"duration": 1e6}, {"words": ["a"]},
     {"words": [{"label": 1, "start": 0, "end": 1, "stress": 0}]}, {"phones": 3}, {"emotions": []}, {"seed": 0.5},
     {"unspoken": [1]}, {"text": None}, {"confidence": "sure"}, {"version": 99}],
    ids=str,
)  # fmt: skip
def test_facts_of_other_kinds_are_refused(clip, tmp_path, changed):
    with_facts(clip, tmp_path / "a.npz", **changed)
    with pytest.raises(MotionError):
        read(tmp_path / "a.npz")


@pytest.mark.parametrize(
    ("name", "value"),
    [("frame_rate", 1e9), ("frame_rate", np.nan), ("start", np.inf), ("values", np.full((3, 61), np.nan))],
)
def test_arrays_beyond_the_limits_are_refused(clip, tmp_path, name, value):
    write(clip, tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as archive:
        arrays = dict(archive)
    np.savez(tmp_path / "a.npz", **arrays | {name: value})
    with pytest.raises(MotionError):
        read(tmp_path / "a.npz")
