"""Formats of frames, each against the numbers of the motion."""

import json

import numpy as np
import pytest

from utterface.errors import ConfigError
from utterface.live.wire import FORMATS, HEADER, format_named, read_binary
from utterface.motion import ARKIT, CHANNELS, Motion


@pytest.fixture
def motion() -> Motion:
    values = np.random.default_rng(0).uniform(0, 1, (4, len(CHANNELS))).astype(np.float32)
    return Motion(values, frame_rate=50.0, start=0.5)


def test_binary_is_read_back(motion):
    data = FORMATS["binary"][0](motion)
    assert len(data) == HEADER.size + 4 * 61 * 2 == 24 + 488 and data[:4] == b"UTF1"
    back = read_binary(data)
    assert (back.start, back.frame_rate) == (0.5, 50.0) and np.abs(back.values - motion.values).max() < 5e-4
    with pytest.raises(ValueError):
        read_binary(data[:-1])


def test_text_says_the_same(motion):
    said = {name: json.loads(encode(motion)) for name, (encode, _) in FORMATS.items() if name != "binary"}
    assert all((s["start"], s["count"], s["frame_rate"]) == (0.5, 4, 50.0) for s in said.values())
    assert np.allclose(said["json"]["weights"], motion.values, atol=1e-4)
    (anim,) = said["talkinghead"]["anims"]
    assert anim["dt"] == [20.0] * 4 and np.allclose(anim["vs"]["jawOpen"], motion["jawOpen"], atol=1e-4)
    rows = said["audio2face"]["animation"]
    assert [row["time_code"] for row in rows] == [0.5, 0.52, 0.54, 0.56]
    assert np.allclose([row["values"] for row in rows], motion.select(ARKIT), atol=1e-4)
    assert np.shape(said["visemes"]["weights"]) == (4, 15)


def test_an_unknown_format():
    with pytest.raises(ConfigError, match="binary, json, talkinghead, audio2face, visemes"):
        format_named("mp4")
