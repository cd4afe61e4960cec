"""Any pieces of a motion give the same sound, and bundles that break their config are refused."""

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.voice_bundle import HEARD, write_bundle
from utterface.engines import Request, open_animator
from utterface.engines.bundle import shipped
from utterface.engines.mesh_to_speech import MeshToSpeechEngine
from utterface.errors import ConfigError, ModelError, MotionError
from utterface.motion import Motion

CHANNELS = ("browInnerUp", *HEARD[::-1])


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return write_bundle(tmp_path_factory.mktemp("voices") / "toy")


def face(count: int, frame_rate: float = 60.0, start: float = 0.0) -> Motion:
    t = start + np.arange(count)[:, None] / frame_rate
    values = 0.5 + 0.5 * np.sin(2 * np.pi * t * np.array([3.1, 2.3, 4.7, 1.1]))
    return Motion(values, CHANNELS, frame_rate, start)


def pieces(motion: Motion, cuts: list[int]) -> list[Motion]:
    edges = [0, *sorted(cuts), len(motion)]
    return [
        Motion(motion.values[a:b], motion.channels, motion.frame_rate, motion.start + a / motion.frame_rate)
        for a, b in pairwise(edges)
    ]


def heard(bundle, parts) -> np.ndarray:
    voice = MeshToSpeechEngine(bundle)
    return np.concatenate([*(voice.push(part) for part in parts), voice.flush()])


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.integers(0, 200), max_size=8),
    st.sampled_from([24.0, 29.97, 30.0, 50.0, 60.0, 120.0]),
    st.sampled_from([0.0, -0.25, 0.01]),
)
def test_any_pieces_give_the_same_sound(bundle, cuts, frame_rate, start):
    motion = face(200, frame_rate, start)
    whole = heard(bundle, [motion])
    assert len(whole) == round(16000 * (start + 200 / frame_rate))
    assert np.array_equal(heard(bundle, pieces(motion, cuts)), whole)


def test_memory_stays_flat(bundle):
    voice, sizes = MeshToSpeechEngine(bundle), []
    for part in pieces(face(3000), list(range(60, 3000, 60))):
        voice.push(part)
        sizes.append(len(voice._raw) + len(voice._window) + len(voice._mel))
    assert max(sizes) < 300


def test_the_sound_is_seamless_and_in_time(bundle):
    """A still face sounds the same in every block; a jaw that opens is heard when it opens."""
    still = Motion(np.full((300, 1), 0.4), ("jawOpen",), 60.0)
    sound = heard(bundle, [still]).reshape(-1, 320)  # a frame at 50 Hz each
    inside = sound[60:140]  # neither edge is within a window's reach
    assert np.allclose(inside, inside[0], atol=1e-6)
    moving = Motion(np.concatenate([np.zeros((180, 1)), np.ones((120, 1))]), ("jawOpen",), 60.0)
    change = np.abs(np.diff(heard(bundle, [moving]).reshape(-1, 320), axis=0)).mean(1)
    assert abs(int(change[5:-5].argmax()) + 6 - 150) <= 3  # frames of 20 ms; it opens at 3 s, silence is at both ends


def test_whose_voice_it_is_can_be_chosen(bundle):
    voice = MeshToSpeechEngine(bundle)
    own = voice.speaker_of(np.random.default_rng(0).standard_normal(16000).astype(np.float32))
    assert own.shape == (4,)
    other = MeshToSpeechEngine(bundle, own)
    motion = face(60)
    one, two = (np.concatenate([v.push(motion), v.flush()]) for v in (voice, other))
    assert not np.allclose(one, two)
    voice.reset()
    assert np.array_equal(np.concatenate([voice.push(motion), voice.flush()]), one)


def test_motion_that_cannot_be_heard_is_refused(bundle):
    with pytest.raises(MotionError, match="no mouth"):
        MeshToSpeechEngine(bundle).push(Motion(np.zeros((3, 1)), ("browInnerUp",)))
    with pytest.raises(MotionError, match="NaN"):
        MeshToSpeechEngine(bundle).push(Motion(np.full((3, 1), np.nan), ("jawOpen",)))
    voice = MeshToSpeechEngine(bundle)
    voice.push(face(5))
    with pytest.raises(MotionError, match="differ"):
        voice.push(face(5, 30.0))


def test_no_motion_is_no_sound(bundle):
    assert not len(MeshToSpeechEngine(bundle).flush())
    assert not len(heard(bundle, [face(0)]))


@pytest.mark.parametrize("changed", [{"reach": 4}, {"block": 0.6}, {"speaker": [1.0]}, {"channels": HEARD[:2]}])
def test_graphs_that_do_not_fit_are_refused(tmp_path, changed):
    with pytest.raises(ModelError, match="does not fit"):
        MeshToSpeechEngine(write_bundle(tmp_path / "odd", **changed))


@pytest.mark.parametrize("changed", [{"channels": ["headYaw"]}, {"frame_rate": 33}, {"block": 0.3}, {"reach": "far"}])
def test_configs_that_make_no_sense_are_refused(tmp_path, changed):
    with pytest.raises(ModelError, match=r"odd|damaged"):
        MeshToSpeechEngine(write_bundle(tmp_path / "odd", **changed))


def test_neither_kind_runs_as_the_other(bundle, tmp_path):
    with pytest.raises(ConfigError, match="utterface mesh-to-speech"):
        open_animator(str(bundle), Request())
    config = json.loads((bundle / "config.json").read_text())
    folder = tmp_path / "animator"
    folder.mkdir()
    (folder / "model.onnx").write_bytes((bundle / "model.onnx").read_bytes())
    noise = {"kind": "motion", "look_ahead": 0.8, "noise": None}
    (folder / "config.json").write_text(json.dumps(config | noise))
    with pytest.raises(ModelError, match="animates faces"):
        MeshToSpeechEngine(folder)


def test_those_that_ship_open():
    for folder in shipped("voice").values():
        assert len(MeshToSpeechEngine(folder).speaker)
