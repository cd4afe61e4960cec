"""What a page is given to show: read back by a reader of its own, and compared with what went in."""

import numpy as np
import pytest

from support.payloads import unpack
from utterface import rigs
from utterface.clip import Clip
from utterface.motion import CHANNELS, Motion
from utterface.pages import payload
from utterface.phones import Span


@pytest.fixture(scope="module")
def rig():
    return rigs.head()


@pytest.fixture(scope="module")
def packed(rig):
    t = np.arange(90)[:, None] / 60
    values = 0.5 + 0.5 * np.sin(7 * t + np.arange(len(CHANNELS)))
    values[:, CHANNELS.index("headYaw")] -= 1
    clip = Clip(Motion(values), duration=1.5, words=(Span("pa", 0.25, 0.75),), phones=(Span("p", 0.25, 0.35),))
    return clip, *unpack(payload.pack(clip, rig, np.zeros(0, np.float32), "Grüße"))


def test_motion_comes_back_to_half_a_step(packed):
    clip, header, arrays = packed
    about = header["motion"]
    values = np.cumsum(arrays["motion"].reshape(len(CHANNELS), -1), axis=1, dtype=np.int16).T * about["step"]
    assert np.abs(values - clip.motion.values).max() <= about["step"] / 2 + 1e-6
    assert about["channels"] == list(CHANNELS) and about["frameRate"] == 60
    assert header["words"] == [["pa", 0.25, 0.75]] and header["title"] == "Grüße"


def test_a_sentence_has_every_row_and_a_waveform_for_those_that_are_heard():
    fast = Motion(np.linspace(0, 1, 30)[:, None], ("jawOpen",), 60.0)
    slow = Motion(np.linspace(1, 0, 10)[:, None], ("jawOpen",), 30.0, start=0.1)
    sound, own = np.zeros(8_000, np.float32), np.full(8_000, 0.5, np.float32)
    packed = payload.pack_sentence(0.5, "pub", sound, {0: fast, 7: slow}, {7: own}, phones=[Span("p", 0.1, 0.2)])
    header, arrays = unpack(packed)
    assert [(row["row"], row["heard"]) for row in header["rows"]] == [(0, False), (7, True)]
    assert (header["duration"], header["text"], header["phones"]) == (0.5, "pub", [["p", 0.1, 0.2]])
    for row, motion in zip(header["rows"], (fast, slow), strict=True):
        about = row["motion"]
        values = np.cumsum(arrays[f"motion {row['row']}"], dtype=np.int16) * about["step"]
        assert np.abs(values - motion.values[:, 0]).max() <= about["step"] / 2 + 1e-6
        assert (about["frameRate"], about["start"]) == (motion.frame_rate, motion.start)
    assert not arrays["waveform"].any() and arrays["waveform 7"].max() == 127


def test_the_waveform_fills_its_range_and_silence_stays_flat():
    samples = np.zeros(16_000, np.float32)
    samples[4_000:8_000] = 0.25 * np.sin(np.arange(4_000))
    peaks = payload.waveform(samples)
    assert peaks.shape == (100, 2) and peaks.max() == 127 and not peaks[:24].any() and not peaks[51:].any()
    assert payload.waveform(np.zeros(0, np.float32)).shape == (0, 2)


def test_what_is_quieter_than_a_thousandth_does_not_fill_the_waveform():
    for level, height in ((0.001, 127), (0.0005, 64)):
        assert payload.waveform(np.full(1_600, level, np.float32)).max() == height
