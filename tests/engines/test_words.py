import shutil
from pathlib import Path

import numpy as np
import pytest

from support.tiny_whisper import tiny_weights, write_model
from utterface import animate, speech
from utterface.engines import open_animator
from utterface.engines.contract import Animator, Request
from utterface.engines.words import WordsAnimator
from utterface.errors import ConfigError, ModelError, UtterfaceWarning
from utterface.motion import join
from utterface.phones import Span
from utterface.recognise.phones import default_folder, is_installed
from utterface.recognise.whisper.networks import has_words

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello.flac"

pytestmark = pytest.mark.skipif(not is_installed(), reason="the phone recogniser is not built here; pip install . does")


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    return str(write_model(tmp_path_factory.mktemp("whisper") / "tiny", tiny_weights()))


def test_any_chunking_gives_the_same_motion(model):
    samples = speech.read(EXAMPLE).samples
    animator = WordsAnimator(Request(frame_rate=30.0, words_model=model))
    assert isinstance(animator, Animator) and animator.about.look_ahead is None
    whole = join([animator.push(samples), animator.flush()])
    alignment = animator.alignment
    animator.reset()
    parts = [animator.push(samples[i : i + 7_777]) for i in range(0, len(samples), 7_777)]
    assert np.array_equal(join([*parts, animator.flush()]).values, whole.values) and animator.alignment == alignment
    assert alignment.engine == "hama 1.7.0" and alignment.words == ()  # random words are not credible


@pytest.mark.skipif(not has_words(), reason="the extra `words` is not installed")
def test_whispers_words_are_captions_and_move_the_lips():
    clip = animate(EXAMPLE, listen="words", life=False)
    assert (clip.engine, clip.recogniser) == ("words", "Whisper tiny.en")
    assert clip.sources == (Span("Whisper tiny.en", 0.0, clip.duration),)
    assert clip.text.startswith("hello i move my lips") and len(clip.words) == len(clip.text.split())
    closed, bilabials = clip.closures()
    assert clip.confidence > 0.9 and closed == bilabials >= 12


def test_phones_take_the_place_of_damaged_words_and_the_animator_that_of_damaged_phones(tmp_path, monkeypatch):
    request = Request(listen="words", words_model=str(write_model(tmp_path / "cut", tiny_weights())))
    weights = tmp_path / "cut" / "model.bin"
    weights.write_bytes(weights.read_bytes()[:3000])
    with pytest.warns(UtterfaceWarning, match="is damaged .*; the recogniser of phones takes its place"):
        assert open_animator(None, request).about.name == "phones"
    with pytest.raises(ModelError, match="is damaged"):
        open_animator("words", request)
    shutil.copytree(default_folder(), tmp_path / "hama")
    (tmp_path / "hama" / "model.onnx").unlink()
    monkeypatch.setattr("utterface.recognise.phones.default_folder", lambda: tmp_path / "hama")
    with pytest.warns(UtterfaceWarning, match="the animator takes its place"):
        assert open_animator(None, request).about.name == "animator"


def test_what_listens_is_checked():
    with pytest.raises(ConfigError, match="no recogniser is called 'ears'; there are words, phones, animator"):
        Request(listen="ears")
    assert open_animator(None, Request(listen="animator")).about.name == "animator"
