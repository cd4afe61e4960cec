from pathlib import Path

import numpy as np
import pytest

from support.tiny_whisper import VOCABULARY, tiny_weights, write_model
from utterface import speech
from utterface.errors import ConfigError, ModelError
from utterface.recognise import Recogniser
from utterface.recognise.whisper import Decoded, Whisper
from utterface.recognise.whisper.networks import has_words

EXAMPLE = Path(__file__).parents[3] / "examples" / "hello.flac"
NOISE = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)


@pytest.fixture
def folder(tmp_path) -> Path:
    return write_model(tmp_path / "tiny", tiny_weights())


@pytest.fixture(scope="module")
def real() -> Whisper:
    if not has_words():
        pytest.skip("the extra `words` is not installed")
    return Whisper()


def test_any_size_of_model_is_converted_and_answers(folder):
    recogniser = Whisper(folder)
    decoded = recogniser.decode(NOISE)
    assert isinstance(recogniser, Recogniser) and recogniser.name == "Whisper tiny"
    assert decoded == Whisper(folder).decode(NOISE)
    assert decoded.logprob < 0 < decoded.no_speech < 1
    assert len(decoded.text) <= 20  # a letter a token, ten tokens a second and ten more
    assert recogniser.recognise(NOISE).text == ""  # random words are unlikely


def test_what_is_suppressed_is_never_written(folder):
    recogniser = Whisper(folder)
    for seed in range(4):
        sound = np.random.default_rng(seed).normal(0, 0.1, 8_000).astype(np.float32)
        assert VOCABULARY[5] not in recogniser.decode(sound).text


def test_files_that_are_missing_or_damaged_are_told_in_one_line(folder, tmp_path, monkeypatch):
    (folder / "model.bin").write_bytes((folder / "model.bin").read_bytes()[:5000])
    with pytest.raises(ModelError, match="damaged") as refused:
        Whisper(folder)
    assert len(str(refused.value).splitlines()) == 1
    (folder / "model.bin").unlink()
    with pytest.raises(ModelError, match=r"there is no .*model\.bin; give another folder"):
        Whisper(folder)
    small = {name: array for name, array in tiny_weights().items() if "ffn" not in name}
    with pytest.raises(ModelError, match="lacks a part of a Whisper model"):
        Whisper(write_model(tmp_path / "part", small))
    with pytest.raises(ModelError, match=r"vocabulary .* does not fit"):
        Whisper(write_model(tmp_path / "long", tiny_weights(vocabulary=50)))
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("UTTERFACE_CACHE", str(tmp_path / "file"))
    with pytest.raises(ModelError, match="let UTTERFACE_CACHE name a folder"):
        Whisper(write_model(tmp_path / "other", tiny_weights()))


@pytest.mark.parametrize(
    ("decoded", "credible"),
    [
        (Decoded("Put the kettle on.", -0.3, 0.05), True),
        (Decoded("", -0.1, 0.1), False),
        (Decoded("You", -0.42, 0.95), False),  # silence
        (Decoded("Their hint of this", -0.8, 0.1), False),  # another language
        (Decoded("thank you very much and " * 9, -0.1, 0.1), False),  # a loop
        (Decoded("Whispered, yet clear.", -0.2, 0.7), True),
    ],
)
def test_only_credible_text_is_kept(decoded, credible):
    assert decoded.is_credible == credible


def test_english_is_written(real):
    words = real.recognise(speech.read(EXAMPLE).samples).text.lower()
    assert real.name == "Whisper tiny.en"
    assert all(word in words for word in ("hello", "i move my lips", "and i keep them shut", "bumblebees"))
    with pytest.raises(ConfigError, match="knows English alone"):
        real.recognise(NOISE, "de")


def test_nothing_is_written_where_nobody_speaks(real):
    rng, t = np.random.default_rng(0), np.arange(16_000 * 8) / 16_000
    chord = sum(0.1 * np.sin(2 * np.pi * hertz * t) for hertz in (220, 277, 330))
    for sound in (0 * t, rng.normal(0, 0.03, len(t)), chord, 0.2 * np.sin(2 * np.pi * 100 * t)):
        assert real.recognise(sound.astype(np.float32)).text == ""
