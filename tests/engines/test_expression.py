"""Expression that follows the words, over every way by which words are known."""

import numpy as np
import pytest

import utterface
from utterface import speech
from utterface.engines.expression import expression_strength, expressive, timed_words
from utterface.errors import ConfigError, MissingExtra
from utterface.motion import CHANNELS, MOUTH, rest
from utterface.phones import Span
from utterface.speak import voices
from utterface.text import Transcript

SAID = "I never said that. Did you?"
mouth = [channel.startswith(MOUTH) for channel in CHANNELS]


@pytest.fixture(scope="module")
def spoken():
    """Samples at 16 kHz and timed words of a voice."""
    from utterface.speak import find_voice
    from utterface.speak.contract import to_16k
    from utterface.speaking import spoken_by

    if not any(voice.engine == "flite" for voice in voices()):
        pytest.skip("Flite is not installed")
    part = spoken_by(find_voice("flite:slt"), SAID)
    return to_16k(part.samples, part.sample_rate), part


@pytest.fixture(scope="module", params=["aligned", "animator"])
def takes(request, spoken):
    """A recording with its transcript, without and with the expression, by an engine with and one without words."""
    make = lambda name: utterface.animate(spoken[0], SAID, model=request.param, seed=2, expression=name)  # noqa: E731
    return make(None), make("words")


def test_the_upper_face_follows_the_words_and_the_mouth_stays(takes):
    plain, moved = takes
    assert np.array_equal(plain.motion.values[:, mouth], moved.motion.values[:, mouth])
    assert plain.closures() == moved.closures()
    never = moved.motion.times < 1.0
    assert (moved.motion["browDownLeft"] - plain.motion["browDownLeft"])[never].max() > 0.2
    last = moved.motion.times > moved.duration - 0.8
    assert (moved.motion["browInnerUp"] - plain.motion["browInnerUp"])[last].max() > 0.2
    assert not moved.warnings


def test_words_of_a_voice_are_used_as_they_are(spoken):
    samples, part = spoken
    transcript = Transcript(SAID, words=part.words)
    words, warnings = timed_words(samples, transcript)
    assert [word.label for word in words] == SAID.split() and not warnings
    assert words[1].start == part.words[1].start


def test_without_any_words_one_warning_says_so_and_nothing_moves(spoken, monkeypatch):
    def missing(*_):
        raise MissingExtra("words are recognised with utterface[words]")

    monkeypatch.setattr("utterface.recognise.words.WordRecogniser", missing)
    plain = utterface.animate(spoken[0], model="animator", seed=2)
    moved = utterface.animate(spoken[0], model="animator", seed=2, expression="words")
    assert len(moved.warnings) == 1 and "--text" in moved.warnings[0]
    assert np.array_equal(plain.motion.values, moved.motion.values)


def test_a_transcript_that_does_not_fit_moves_nothing_and_says_so():
    quiet = np.zeros(speech.SAMPLE_RATE, np.float32)
    words, warnings = timed_words(quiet, Transcript("Did you?"))
    assert words == () and len(warnings) == 1


def test_a_language_without_a_lexicon_is_named(spoken):
    words, warnings = timed_words(spoken[0], Transcript("Nej.", "sv", words=(Span("Nej.", 0.0, 0.5),)), language="sv")
    assert len(words) == 1 and len(warnings) == 1 and "sv" in warnings[0]


def test_a_wrinkled_nose_gives_way_to_sealed_lips_without_a_twitch():
    """Lips part but for 0.1 s in the middle of the word."""
    apart = np.ones(240)
    apart[74:80] = 0
    motion = rest(240).with_values(np.where(np.array(CHANNELS) == "jawOpen", 0.3 * apart[:, None], 0))
    moved = expressive(motion, [Span("horrible", 1.0, 1.6)], seed=2, strength=1.5)
    nose = moved["noseSneerLeft"]
    assert nose.max() > 0.3 and nose[74:80].max() < 1e-3 and np.abs(np.diff(nose)).max() < 0.15
    assert moved["browDownLeft"].max() > 0.2
    assert np.array_equal(moved.values[:, mouth], motion.values[:, mouth])


@pytest.mark.parametrize("given", ["", "word", "words:much", "words:nan", "words:3", "words:-1", 1, True])
def test_what_is_no_expression_is_refused(given):
    with pytest.raises(ConfigError, match="expression"):
        expression_strength(given)


def test_strengths():
    assert [expression_strength(given) for given in (None, "off", "words", "words:0.25")] == [0, 0, 1, 0.25]
