from pathlib import Path

import numpy as np
import pytest

from utterface import speech
from utterface.align import Alignment, align
from utterface.lab.corpora.nonspeech import nonspeech
from utterface.phones import SILENCE, Span
from utterface.recognise.phones import PhoneRecogniser, is_installed
from utterface.recognise.words import WordRecogniser, WordStream, agreement, joined, paced
from utterface.text import Transcript

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello.flac"
WORDS = "Hello! I move my lips for every word, and I keep them shut for maps, pubs and bumblebees."
OTHER = "Whoever feeds seven geese daily risks losing the whole farm to foxes."

pytestmark = pytest.mark.skipif(not is_installed(), reason="the phone recogniser is not built here; pip install . does")


class Dictation:
    """Recogniser of words: the same sentence for every stretch, and how many stretches there were."""

    name = "dictation"

    def __init__(self, text: str) -> None:
        self.text, self.count = text, 0

    def recognise(self, samples: np.ndarray, language: str = "en") -> Transcript:
        self.count += 1
        return Transcript(self.text, language, source=self.name)


@pytest.fixture
def recogniser(monkeypatch) -> WordRecogniser:
    monkeypatch.setattr("utterface.recognise.words.open_words", Dictation)
    return WordRecogniser(WORDS)


@pytest.fixture(scope="module")
def samples() -> np.ndarray:
    return speech.read(EXAMPLE).samples


def test_words_that_fit_are_aligned(recogniser, samples):
    result = recogniser.recognise(samples)
    expected = align(samples, WORDS)
    assert (result.words, result.phones, result.confidence) == (expected.words, expected.phones, expected.confidence)
    assert result.sources == (Span("dictation", 0.0, result.duration),) and result.engine == "dictation"


def test_words_that_were_not_said_give_way_to_phones(recogniser, samples):
    recogniser.words = Dictation(OTHER)
    result = recogniser.recognise(samples)
    assert result.phones == PhoneRecogniser().recognise(samples).phones
    assert [source.label for source in result.sources] == ["hama 1.7.0"] and result.engine == "hama 1.7.0"


@pytest.mark.parametrize("kind", ["silence", "noise", "chord"])
def test_words_are_not_asked_for_where_nobody_speaks(recogniser, kind):
    t = np.arange(16_000 * 4) / 16_000
    sounds = {
        "silence": 0 * t,
        "noise": np.random.default_rng(0).normal(0, 0.05, len(t)),
        "chord": 0.1 * np.sin(2 * np.pi * 220 * t) + 0.1 * np.sin(2 * np.pi * 277 * t),
    }
    result = recogniser.recognise(sounds[kind].astype(np.float32))
    assert recogniser.words.count == 0 and result.words == () and result.sources == ()
    assert {phone.label for phone in result.phones} == {SILENCE} and result.engine == "dictation"


@pytest.mark.parametrize("kind", ["music", "tones", "breath", "laughter"])
def test_words_in_what_is_no_speech_are_dropped(recogniser, kind):
    sound = 0.2 * nonspeech(kind, 16_000 * 4, np.random.default_rng([7, 0]))
    result = recogniser.recognise(sound.astype(np.float32))
    assert result.words == () and sum(phone.label != SILENCE for phone in result.phones) < 8


def test_speech_that_the_words_leave_out_has_recognised_phones(recogniser, samples):
    both = np.concatenate([samples, np.zeros(12_000, np.float32), samples])
    result = recogniser.recognise(both)
    assert len(result.words) == 18 and result.sources[0].label == "dictation"
    ends = [[p for p in result.phones if p.label != SILENCE and a < p.start < b] for a, b in ((0, 6.2), (7, 13.2))]
    assert len(ends[0]) > 50 and len(ends[1]) > 50 and result.unspoken == ()


def test_any_pieces_of_a_long_sound_give_the_same_words_in_flat_memory(recogniser, samples):
    long = np.tile(np.pad(samples, (0, 8_000)), 7)
    recogniser.words = Dictation("")
    whole = recogniser.recognise(long)
    stream, most = WordStream(recogniser), 0
    for start in range(0, len(long), 7_777):
        stream.push(long[start : start + 7_777])
        most = max(most, len(stream._waiting))
    assert stream.finish() == whole and whole.duration == len(long) / 16_000
    assert most <= 16_000 * 30 and len(stream._stretches) == 2
    assert whole.phones[0].start == 0 and whole.phones[-1].end == whole.duration
    assert all(a.end == b.start for a, b in zip(whole.phones, whole.phones[1:], strict=False))


def test_stretches_keep_their_places_and_their_recognisers():
    phones = (Span("m", 0, 0.5), Span(SILENCE, 0.5, 1.0))
    spoken = Alignment((Span("hm", 0, 0.5),), phones, 1.0, 0.9, engine="words")
    silent = Alignment((), (Span(SILENCE, 0, 2.0),), 2.0, None, engine="phones")
    result = joined([spoken, spoken, silent, Alignment((), phones, 1.0, 0.5, engine="phones")], "words")
    assert [word.start for word in result.words] == [0, 1] and result.duration == 5.0
    assert result.sources == (Span("words", 0, 2), Span("phones", 4, 5)) and result.engine == "words, phones"
    assert result.confidence == pytest.approx(2.3 / 3) and result.phones[-1] == Span(SILENCE, 4.5, 5.0)
    assert joined([], "words") == Alignment((), (), 0.0, engine="words")


def test_words_are_paced_by_phones():
    phones = [
        Span(SILENCE, 0, 1),
        Span("a", 1, 2),
        Span("b", 2, 3),
        Span(SILENCE, 3, 5),
        Span("c", 5, 6),
        Span("d", 6, 7),
    ]
    assert paced("ab cd", phones) == (Span("ab", 1, 3), Span("cd", 5, 7))
    assert [span.label for span in paced("a longer text than phones", phones)] == "a longer text than phones".split()


def test_agreement_counts_phones_in_order():
    one = [Span(label, i, i + 1) for i, label in enumerate("abcd")]
    assert agreement(one, one) == 1 and agreement(one, one[::-1]) == 0.25
    assert agreement(one, [Span(SILENCE, 0, 9)]) == 0
