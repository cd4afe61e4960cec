"""Kokoro from a folder: voices by their files, symbols with their durations, other files refused."""

import numpy as np
import pytest

from support.voice_models import flat_voice
from utterface.errors import ModelError
from utterface.phones import SILENCE
from utterface.speak import find_voice, kokoro
from utterface.speak.contract import SpeakingManner

INPUTS = {"tokens": ("int64", [1, None]), "style": ("float", [1, 256]), "speed": ("float", [1])}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    flat_voice(tmp_path / "model.onnx", INPUTS, "/encoder/Clip_output_0", hop=600)
    (tmp_path / "voices").mkdir()
    for name in ("af_heart", "ff_siwis", "zf_xiaoyi"):
        np.zeros((510, 256), np.float32).tofile(tmp_path / "voices" / f"{name}.bin")
    monkeypatch.setenv("UTTERFACE_KOKORO", str(tmp_path))
    return tmp_path


def test_voices_are_those_whose_language_has_pronunciations(folder, monkeypatch):
    assert [(v.name, v.language) for v in kokoro.voices()] == [("af_heart", "en-us"), ("ff_siwis", "fr")]
    assert find_voice().title == "kokoro:af_heart"  # the best that is there
    monkeypatch.setenv("UTTERFACE_KOKORO", str(folder / "elsewhere"))
    assert kokoro.voices() == ()


@pytest.mark.parametrize(("name", "text", "labels"), [("af_heart", "My mama, Bob.", "m aɪ m ɑ m ə b ɑ b"),
                                                      ("ff_siwis", "Papa.", "p a p a")])  # fmt: skip
def test_each_symbol_lasts_as_long_as_the_network_says(folder, name, text, labels):
    voice = next(v for v in kokoro.voices() if v.name == name)
    (said,) = kokoro.speak(voice, [(text, SpeakingManner())])
    spoken = [p for p in said.phones if p.label != SILENCE]
    assert " ".join(p.label for p in spoken) == labels
    assert spoken[0].start == pytest.approx(0.1 - 0.06) and said.sample_rate == 24_000  # a pad of 4 frames of 25 ms
    assert 0.09 < np.median([p.end - p.start for p in spoken]) < 0.21


def test_a_damaged_voice_and_a_network_without_durations_are_refused(folder):
    voice = kokoro.voices()[0]
    (folder / "voices" / "af_heart.bin").write_bytes(b"x" * 100)
    kokoro._styles.cache_clear()
    with pytest.raises(ModelError, match="no voice of Kokoro"):
        kokoro.speak(voice, [("Hi.", SpeakingManner())])
    np.zeros((510, 256), np.float32).tofile(folder / "voices" / "af_heart.bin")
    flat_voice(folder / "model.onnx", INPUTS, "elsewhere", hop=600)
    with pytest.raises(ModelError, match="cannot be opened"):
        kokoro.speak(voice, [("Hi.", SpeakingManner())])
