import shutil
from pathlib import Path

import numpy as np
import pytest

from utterface import animate, motion, speech
from utterface.engines import open_animator
from utterface.engines.contract import Animator, Request
from utterface.engines.phones import PhonesAnimator
from utterface.errors import ModelError, UtterfaceWarning
from utterface.lab.corpora.nonspeech import nonspeech
from utterface.phones import inventory
from utterface.recognise.phones import default_folder, is_installed

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello.flac"

pytestmark = pytest.mark.skipif(not is_installed(), reason="the phone recogniser is not built here; pip install . does")


def run(animator: Animator, samples: np.ndarray, size: int) -> motion.Motion:
    parts = [animator.push(samples[i : i + size]) for i in range(0, len(samples), size)]
    return motion.join([*parts, animator.flush()])


def test_any_chunking_gives_the_same_motion() -> None:
    samples = speech.read(EXAMPLE).samples
    animator = PhonesAnimator(Request(frame_rate=30.0))
    assert isinstance(animator, Animator) and animator.about.look_ahead is None
    whole = run(animator, samples, len(samples))
    assert len(whole) == int(np.ceil(len(samples) / 16000 * 30))
    alignment = animator.alignment
    animator.reset()
    assert animator.alignment is None
    assert np.array_equal(run(animator, samples, 777).values, whole.values) and animator.alignment == alignment


def test_lips_close_for_recognised_bilabials_and_open_for_vowels() -> None:
    clip = animate(EXAMPLE, model="phones", life=False)
    assert clip.engine == "phones" and clip.words == () and clip.text == "" and clip.confidence > 0.7
    closed, bilabials = clip.closures()
    assert bilabials >= 10 and closed >= 0.9 * bilabials
    jaw = clip.motion.select(("jawOpen",))[:, 0]
    middles = [(p.label, round((p.start + p.end) / 2 * clip.motion.frame_rate)) for p in clip.phones]
    heights = {label: inventory()[label].height for label, _ in middles if inventory()[label].is_vowel}
    low = [jaw[frame] for label, frame in middles if heights.get(label, 1) < 0.2]
    high = [jaw[frame] for label, frame in middles if label in heights and heights[label] > 0.8]
    assert np.mean(low) > np.mean(high) + 0.1


@pytest.mark.parametrize("kind", ["room", "noise", "hum", "clicks"])
def test_a_recording_without_speech_rests(kind) -> None:
    rng = np.random.default_rng([7, 0])
    sound = 0.2 * nonspeech(kind, 16_000 * 4, rng) + 1e-4 * rng.standard_normal(16_000 * 4)
    moved = run(PhonesAnimator(), sound.astype(np.float32), 5_000)
    assert moved.values.max() < 0.02


def test_a_missing_recogniser_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not installed"):
        PhonesAnimator(folder=tmp_path)


def test_phones_are_recognised_where_nothing_else_is_asked_for() -> None:
    clip = animate(EXAMPLE, life=False)
    assert (clip.engine, clip.recogniser) == ("phones", "hama 1.7.0")
    assert animate(EXAMPLE, model="animator", life=False).recogniser == ""


@pytest.mark.parametrize("damage", ["missing", "no network"])
def test_without_a_whole_recogniser_the_animator_takes_its_place(tmp_path, monkeypatch, damage) -> None:
    if damage == "no network":
        shutil.copytree(default_folder(), tmp_path, dirs_exist_ok=True)
        (tmp_path / "model.onnx").write_bytes(b"no network")
    monkeypatch.setattr("utterface.recognise.phones.default_folder", lambda: tmp_path)
    with pytest.warns(UtterfaceWarning, match="the animator takes its place"):
        assert open_animator(None, Request()).about.name == "animator"
    with pytest.raises(ModelError):
        open_animator("phones", Request())
