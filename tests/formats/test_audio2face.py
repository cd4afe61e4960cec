import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from utterface.errors import MotionError
from utterface.formats.audio2face import BLOCK_FRAMES, read, write
from utterface.motion import ARKIT, Motion, rest


def test_layout_and_values(clip, tmp_path):
    write(replace(clip, audio=Path('take "one".wav')), tmp_path / "a.json")
    told = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert list(told) == ["exportFps", "trackPath", "numPoses", "numFrames", "facsNames", "weightMat"]
    assert (told["exportFps"], told["numPoses"], told["numFrames"]) == (60.0, 52, 120)
    assert told["trackPath"] == 'take "one".wav'
    assert told["facsNames"] == list(ARKIT)
    np.testing.assert_allclose(told["weightMat"], clip.motion.select(ARKIT), atol=1e-6)


def test_blocks_meet_without_a_seam(clip, tmp_path):
    write(replace(clip, motion=rest(BLOCK_FRAMES + 1, 30.0)), tmp_path / "a.json")
    told = json.loads((tmp_path / "a.json").read_text())
    assert len(told["weightMat"]) == told["numFrames"] == BLOCK_FRAMES + 1


def test_channels_that_the_motion_lacks_are_zero(clip, tmp_path):
    jaw = Motion(np.ones((3, 1)), ("jawOpen",))
    write(replace(clip, motion=jaw), tmp_path / "a.json")
    weights = np.array(json.loads((tmp_path / "a.json").read_text())["weightMat"])
    assert weights.sum() == 3 and (weights[:, ARKIT.index("jawOpen")] == 1).all()


@pytest.mark.parametrize(("start", "shift"), [(0.3 / 60, 0), (0.6 / 60, 1), (0.5, 30)])
def test_a_late_start_moves_the_frames(clip, tmp_path, start, shift):
    write(replace(clip, motion=replace(clip.motion, start=start)), tmp_path / "a.json")
    rows = np.array(json.loads((tmp_path / "a.json").read_text())["weightMat"])
    own = clip.motion.select(ARKIT)
    assert len(rows) == json.loads((tmp_path / "a.json").read_text())["numFrames"] >= len(own) + shift - 1
    np.testing.assert_allclose(rows[shift : len(own) - 1 + shift], own[:-1], atol=1e-6)
    np.testing.assert_allclose(rows[:shift], np.repeat(own[:1], shift, 0), atol=1e-6)


def test_exports_of_others_are_read_by_name(tmp_path):
    content = {"exportFps": 24, "facsNames": ["JawOpen", "mine", "mouthPucker"], "weightMat": [[0.5, 9, 0.25]] * 3}
    (tmp_path / "a.json").write_text(json.dumps(content))
    motion = read(tmp_path / "a.json").motion
    assert motion.channels == ("jawOpen", "mouthPucker") and motion.frame_rate == 24
    np.testing.assert_array_equal(motion.values, [[0.5, 0.25]] * 3)


@pytest.mark.parametrize(
    "changed",
    [{"exportFps": 0}, {"exportFps": None}, {"facsNames": ["a", "b"]}, {"facsNames": ["jawOpen"]}, {"weightMat": []},
     {"weightMat": [[1, 2], [3]]}, {"weightMat": [["x", 1]]}, {"weightMat": [[float("nan"), 1]]}],
    ids=str,
)  # fmt: skip
def test_damaged_exports_are_refused(tmp_path, changed):
    content = {"exportFps": 30, "facsNames": ["jawOpen", "tongueOut"], "weightMat": [[0, 1]]} | changed
    (tmp_path / "a.json").write_text(json.dumps(content))
    with pytest.raises(MotionError):
        read(tmp_path / "a.json")
