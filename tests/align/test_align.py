"""The aligner on the project's own example, made by a TTS voice, and on real recordings where they are."""

import json
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from utterface import align, speech
from utterface.align import graph
from utterface.errors import TextError
from utterface.formats.spans import read_textgrid
from utterface.phones import ARPABET_TO_IPA, SILENCE, inventory

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello.flac"
SAID = "Hello! I move my lips for every word, and I keep them shut for maps, pubs and bumblebees."


@pytest.fixture(scope="module")
def hello() -> np.ndarray:
    return speech.read(EXAMPLE).samples


@pytest.fixture(scope="module")
def aligned(hello: np.ndarray) -> align.Alignment:
    return align.align(hello, SAID)


def test_phones_tile_the_time(aligned: align.Alignment, hello: np.ndarray) -> None:
    phones = aligned.phones
    assert phones[0].start == 0
    assert phones[-1].end == aligned.duration == len(hello) / 16000
    assert all(a.end == b.start for a, b in pairwise(phones))
    assert all(p.end > p.start and p.label in inventory() for p in phones)
    assert not any(a.label == b.label == SILENCE for a, b in pairwise(phones))


def test_every_word_is_there_in_order(aligned: align.Alignment) -> None:
    assert [w.label for w in aligned.words] == SAID.lower().replace("!", "").replace(",", "").replace(".", "").split()
    assert all(a.end <= b.start + 1e-9 for a, b in pairwise(aligned.words))
    bilabials = [p.label for p in aligned.phones if inventory()[p.label].is_bilabial]
    assert bilabials == list("mmppmmppbbmbb"[:13])
    assert aligned.confidence > 0.9


def test_closures_are_where_the_sound_is_quiet(aligned: align.Alignment, hello: np.ndarray) -> None:
    """A stop's closure is quieter than the vowels around it."""
    energy = speech.prosody(hello).energy
    phones = aligned.phones
    for i, phone in enumerate(phones[1:-1], 1):
        if phone.label in "pb" and inventory()[phones[i - 1].label].is_vowel:
            here = energy[round(100 * phone.start) : round(100 * phone.end)].min()
            assert here < energy[round(100 * phones[i - 1].start) : round(100 * phones[i - 1].end)].max() - 10


def test_a_wrong_transcript_is_refused(hello: np.ndarray) -> None:
    for wrong in ("The quick brown fox jumps over the lazy dog while nobody at all is watching it.", "yes", SAID * 4):
        with pytest.raises(TextError, match=r"does not fit the sound \(confidence 0\.\d\d, 0\.5 is needed\)"):
            align.align(hello, wrong)
    with pytest.raises(TextError, match="no words"):
        align.align(hello, "...!")


def test_far_too_many_words_are_refused_at_once(hello: np.ndarray) -> None:
    begun = time.process_time()
    with pytest.raises(TextError, match=r"has 2000 words, and 12[45] at most fit"):
        align.align(hello, "word " * 2000)
    assert time.process_time() - begun < 3


def test_words_in_no_dictionary_get_a_pronunciation(hello: np.ndarray) -> None:
    found = align.align(hello, SAID.replace("bumblebees", "bumbleebeez").replace("maps", "mapps"))
    assert [w.label for w in found.words][-1] == "bumbleebeez"
    assert [p.label for p in found.phones if p.label in "bm"][-4:] == ["b", "m", "b", "b"]


def test_silence_fits_no_transcript() -> None:
    with pytest.raises(TextError):
        align.align(np.zeros(32000, np.float32), SAID)


def test_long_sound_is_followed_a_stretch_at_a_time(hello: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    long, text = np.tile(hello, 3), " ".join([SAID] * 3)
    whole = align.align(long, text)
    monkeypatch.setattr(graph, "STRETCH", 9.0)
    parts = align.align(long, text)
    assert [w.label for w in parts.words] == [w.label for w in whole.words]
    gaps = np.array([a.start - b.start for a, b in zip(parts.words, whole.words, strict=True)])
    assert np.median(np.abs(gaps)) <= 0.01
    assert np.abs(gaps).max() < 0.3


def test_sixteen_bit_samples_are_the_same(hello: np.ndarray, aligned: align.Alignment) -> None:
    assert align.align(align.to_pcm(hello), SAID) == aligned


def test_agrees_with_the_phone_times_of_speech_engines(takes: Path) -> None:
    for line in (takes / "takes.tsv").read_text("utf-8").splitlines():
        name, text = line.split("\t")
        exact = [p for p in read_textgrid((takes / name).with_suffix(".TextGrid"))["phones"] if p.label != SILENCE]
        alignment = align.align(speech.read(takes / name).samples, text)
        phones = [p for p in alignment.phones if p.label != SILENCE]
        apart = [abs(a.start - b.start) for a, b in zip(phones, exact, strict=True)]
        assert np.median(apart) <= 0.02 and max(apart) <= 0.1 and alignment.confidence > 0.99


def test_agrees_with_published_phone_times(assets: Path) -> None:
    for path in sorted((assets / "audio/librivox_pocketsphinx").glob("*.phone.json"))[:3]:
        name = path.name.removesuffix(".phone.json")
        words = json.loads(path.read_text("utf-8"))["w"]
        theirs = [(ARPABET_TO_IPA[p["t"]], p["b"]) for word in words for p in word["w"] if p["t"] != "SIL"]
        text = path.with_name(f"{name}.txt").read_text("utf-8")
        found = align.align(speech.read(path.with_name(f"{name}.wav")).samples, text)
        ours = [(p.label.replace("ə", "ʌ"), p.start) for p in found.phones if p.label != SILENCE]
        assert len(ours) == len(theirs)
        assert np.median([abs(a[1] - b[1]) for a, b in zip(ours, theirs, strict=True)]) <= 0.02


def test_german_borrows_the_nearest_phones(assets: Path) -> None:
    pytest.importorskip("espeakng_loader")
    rows = (assets / "audio/kerstin_de/metadata.csv").read_text("utf-8").splitlines()
    texts = dict(row.split("|")[:2] for row in rows)
    samples = speech.read(assets / "audio/kerstin_de/de_rhasspy-0007.opus").samples
    found = align.align(samples, texts["de_rhasspy-0007"], "de")
    assert {"ursprünglich", "bellflower", "milchbauern"} <= {w.label for w in found.words}
    assert {"ç", "ʏ"} <= {p.label for p in found.phones}
    with pytest.raises(TextError):
        align.align(samples, texts["de_rhasspy-0008"], "de")


@pytest.mark.parametrize("level", [0.0, 0.003])
def test_long_pauses_and_endings_without_words_are_passed_over(hello: np.ndarray, level: float) -> None:
    def quiet(seconds: int) -> np.ndarray:
        return (level * np.random.default_rng(0).standard_normal(16_000 * seconds)).astype(np.float32)

    once = align.align(np.concatenate([hello, quiet(75)]), SAID)
    assert once.confidence > 0.9 and once.words[-1].end < len(hello) / 16_000
    twice = align.align(np.concatenate([hello, quiet(75), hello]), f"{SAID} {SAID}")
    words, back = [w.label for w in twice.words], 75 + len(hello) / 16_000
    assert words == 2 * words[: len(words) // 2] and twice.confidence > 0.9
    assert twice.words[len(words) // 2].start == pytest.approx(once.words[0].start + back, abs=0.1)
    with pytest.raises(TextError, match="does not fit"):
        align.align(np.concatenate([hello, quiet(20)]), "The quick brown fox jumps over the lazy dog.")


def test_what_the_transcript_lacks_is_recognised(hello: np.ndarray) -> None:
    found = align.align(hello, "Hello! I move my lips. I keep them shut for maps, pubs and bumblebees.")
    assert [w.label for w in found.words[:7]] == ["hello", "i", "move", "my", "lips", "i", "keep"]
    assert found.recognised == ((pytest.approx(1.9, abs=0.15), pytest.approx(2.9, abs=0.15)),)
    start, end = found.recognised[0]
    inside = [p for p in found.phones if start <= p.start and p.end <= end and p.label != SILENCE]
    assert len(inside) > 5 and max(p.end - p.start for p in inside) < 0.3
    assert found.confidence > 0.9


ADVERT = "Please remember to subscribe to our channel."
FOX = "The quick brown fox jumps over the lazy dog while purple elephants wander quietly down the street."


@pytest.mark.parametrize(
    ("text", "extra"),
    [
        (SAID.replace("and I", f"{ADVERT} and I"), ADVERT),
        (SAID.replace("I move", f"{FOX} I move"), FOX),
        (f"{SAID} {FOX}", FOX),
    ],
)
def test_what_is_not_spoken_is_passed_over(hello: np.ndarray, aligned: align.Alignment, text: str, extra: str) -> None:
    found = align.align(hello, text)
    assert found.passed_over == (extra.lower().rstrip("."),) and found.recognised == ()
    assert [w.label for w in found.words] == [w.label for w in aligned.words]
    assert np.abs([a.start - b.start for a, b in zip(found.words, aligned.words, strict=True)]).max() < 0.1


@pytest.mark.parametrize(
    "text",
    [
        SAID.replace("lips", "lips (and teeth)"),
        SAID.replace("for every word", "(for every word)"),
        f"(Narrator) {SAID}",
    ],
)
def test_asides_are_spoken_or_not_as_the_sound_has_it(hello: np.ndarray, aligned: align.Alignment, text: str) -> None:
    found = align.align(hello, text)
    assert [w.label for w in found.words] == [w.label for w in aligned.words]
    assert found.passed_over == ()


def test_of_several_readings_the_one_that_fits_is_taken(hello: np.ndarray) -> None:
    """IV may be four, fourth, the fourth, i v; the voice says "for"."""
    found = align.align(hello, SAID.replace("for every", "IV every"))
    assert [w.label for w in found.words][4:7] == ["lips", "four", "every"]


def test_words_in_another_script_are_recognised(hello: np.ndarray) -> None:
    found = align.align(hello, SAID.replace("bumblebees", "שלום"))
    assert found.unread == ("שלום.",)
    assert found.recognised == ((pytest.approx(5.05, abs=0.15), pytest.approx(5.9, abs=0.15)),)
    with pytest.raises(TextError, match=r"cannot be read in this language \(en\): 你好"):
        align.align(hello, "你好")
