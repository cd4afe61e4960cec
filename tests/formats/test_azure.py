import json
from dataclasses import replace

import numpy as np
import pytest

from utterface import formats
from utterface.errors import MotionError
from utterface.formats.azure import CHANNELS, read, write


def rows(count: int, first: float = 0.0) -> list[list[float]]:
    return [[first + number] + [0.0] * 54 for number in range(count)]


def test_a_frame_has_55_values_at_60_a_second(clip, tmp_path):
    slow = replace(clip, motion=clip.motion.at_rate(30))
    write(slow, tmp_path / "a.json")
    content = json.loads((tmp_path / "a.json").read_text())
    assert content["FrameIndex"] == 0 and np.shape(content["BlendShapes"]) == (120, 55)
    assert CHANNELS[17] == "jawOpen" and CHANNELS[-3:] == ("headRoll", "leftEyeRoll", "rightEyeRoll")
    np.testing.assert_allclose(content["BlendShapes"][::2], slow.motion.select(CHANNELS), atol=1e-5)


def test_a_json_file_is_read_by_what_it_holds(clip, tmp_path):
    clip.save(f"azure:{tmp_path / 'a.json'}", f"audio2face:{tmp_path / 'b.json'}")
    assert len(formats.read(tmp_path / "a.json").motion.channels) == 55
    assert len(formats.read(tmp_path / "b.json").motion.channels) == 52


@pytest.mark.parametrize("form", ["list", "lines"])
def test_animations_of_one_utterance_are_put_in_order(tmp_path, form):
    chunks = [{"FrameIndex": 2, "BlendShapes": rows(3, 2)}, {"FrameIndex": 0, "BlendShapes": rows(2)}]
    text = json.dumps(chunks) if form == "list" else "\n".join(map(json.dumps, chunks))
    (tmp_path / "a.json").write_text(text)
    motion = read(tmp_path / "a.json").motion
    assert motion["eyeBlinkLeft"].tolist() == [0, 1, 2, 3, 4] and motion.frame_rate == 60


def test_animations_that_begin_later_keep_their_time(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"FrameIndex": 90, "BlendShapes": rows(3)}))
    assert read(tmp_path / "a.json").motion.start == 1.5


@pytest.mark.parametrize(
    "content",
    ["", "[]", "[1]", '{"FrameIndex": 0}', '{"FrameIndex": -1, "BlendShapes": [[0]]}', "{}{",
     json.dumps({"FrameIndex": 0, "BlendShapes": [[0.0] * 54]}),
     json.dumps({"FrameIndex": "a", "BlendShapes": rows(1)}),
     json.dumps({"FrameIndex": 10**9, "BlendShapes": rows(1)}), json.dumps({"FrameIndex": 0, "BlendShapes": []}),
     json.dumps([{"FrameIndex": 0, "BlendShapes": rows(2)}, {"FrameIndex": 3, "BlendShapes": rows(1)}]),
     json.dumps({"FrameIndex": 0, "BlendShapes": [[float("nan")] * 55]})],
    ids=lambda text: text[:40],
)  # fmt: skip
def test_damaged_animations_are_refused_in_one_line(tmp_path, content):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(MotionError) as error:
        read(tmp_path / "a.json")
    assert "\n" not in str(error.value) and "a.json" in str(error.value)
