"""Performers: the same voice, many faces; whatever the face does, the lips close where the phones say so."""

import numpy as np
import pytest

from utterface import rigs
from utterface.articulation import EMOTIONS
from utterface.lab.corpora.performers import HOWS, Performance, Performer, act
from utterface.metrics.lips import observe, summarise
from utterface.motion import ARKIT, CHANNELS
from utterface.phones import Span
from utterface.rigs.lips import LipRig
from utterface.speech import Prosody

UPPER = tuple(c for c in CHANNELS if c.startswith(("brow", "eyeSquint", "eyeBlink", "cheekSquint", "head")))
SECONDS = 6.0


def sentence() -> list[Span]:
    """Six seconds in which bilabials stand among wide vowels; every other vowel is stressed."""
    spans, now = [Span("sil", 0.0, 0.3)], 0.3
    for k, (consonant, vowel) in enumerate(zip("bstmpfkb" * 3, "ɑiuæɑoɛɑ" * 3, strict=True)):
        spans += [Span(consonant, now, now + 0.09), Span(vowel, now + 0.09, now + 0.22, 2 * (k % 2))]
        now = round(now + 0.22, 6)
    return [*spans, Span("sil", now, SECONDS)]


def voice() -> Prosody:
    t = np.arange(round(SECONDS * 100)) / 100
    energy = -20 + 6 * np.sin(2 * np.pi * 4 * t)
    pitch = 160 * 2 ** (0.4 * np.sin(2 * np.pi * 0.8 * t))
    return Prosody(energy.astype(np.float32), pitch.astype(np.float32), np.ones(len(t), np.float32))


def performed(number: int, draw: int = 0, **changes):
    performer = Performer.drawn(3, "train", number)
    take = Performance.drawn(performer, np.random.default_rng(draw))
    if changes:
        take = Performance(**{**vars(take), **changes})
    return act(performer, take, sentence(), voice(), SECONDS, 30.0)


@pytest.fixture(scope="module")
def lips() -> LipRig:
    return LipRig.from_rig(rigs.head())


def test_a_performer_is_a_function_of_seed_split_and_number():
    one, again = Performer.drawn(0, "train", 5), Performer.drawn(0, "train", 5)
    assert one.name == again.name == "train-0-5"
    assert one.strength == again.strength and one.habits == again.habits
    for other in (Performer.drawn(1, "train", 5), Performer.drawn(0, "valid", 5), Performer.drawn(0, "train", 6)):
        assert one.strength != other.strength
        assert other.manner != one.manner


@pytest.mark.parametrize("number", range(6))
def test_lips_close_with_the_phones_in_every_take(lips, number):
    motion = performed(number, number)
    result = summarise([observe(sentence(), motion.times, lips.gap_mm(motion), np.zeros(len(motion)), SECONDS)])
    assert result["closure_recall"] == 1
    assert result["closure_precision"] > 0.9
    assert result["vowel_closed"] == 0


@pytest.mark.parametrize("emotion", [e for e in EMOTIONS if e != "neutral"])
@pytest.mark.parametrize("how", HOWS)
def test_no_mood_parts_closed_lips_however_it_comes(lips, emotion, how):
    motion = performed(1, emotion=emotion, intensity=1.0, how=how)
    result = summarise([observe(sentence(), motion.times, lips.gap_mm(motion), np.zeros(len(motion)), SECONDS)])
    assert result["closure_recall"] == 1


def test_the_same_voice_goes_with_many_faces():
    takes = np.stack([performed(n, n).select(UPPER) for n in range(8)])
    apart = takes.std(0).mean(0)
    assert (apart > 0.005).all()  # no channel of them is the same in every take
    assert apart[[c.startswith(("brow", "eyeBlink")) for c in UPPER]].mean() > 0.03
    jaws = np.stack([performed(n, n)["jawOpen"] for n in range(8)])
    assert jaws.max(1).std() > 0.02  # several strengths …
    together = np.corrcoef(jaws)[np.triu_indices(8, 1)]
    assert together.min() > 0.8  # … of the same sentence


def test_takes_differ_and_are_reproducible():
    a, again, b = performed(0, 1), performed(0, 1), performed(0, 2)
    assert np.array_equal(a.values, again.values)
    assert not np.allclose(a.select(UPPER), b.select(UPPER), atol=0.02)


def test_weights_stay_in_their_range():
    for number in range(8):
        weights = performed(number, number, emotion="surprise", intensity=1.0).select(ARKIT)
        assert np.isfinite(weights).all()
        assert weights.min() >= 0 and weights.max() <= 1


def test_a_mood_swells_fades_or_is_held():
    at = {how: performed(2, emotion="joy", intensity=1.0, how=how)["mouthSmileLeft"] for how in HOWS}
    start, end = slice(0, 20), slice(-20, None)
    assert at["swelling"][end].mean() > 2 * at["swelling"][start].mean()
    assert at["fading"][start].mean() > 2 * at["fading"][end].mean()
    assert at["held"][start].mean() == pytest.approx(at["held"][end].mean(), rel=0.1)


def test_the_voices_own_emotion_goes_before_a_mood():
    performer = Performer.drawn(0, "train", 0)
    take = Performance.drawn(performer, np.random.default_rng(0), "anger", 0.8)
    assert (take.emotion, take.intensity) == ("anger", 0.8)
    untold = [Performance.drawn(performer, np.random.default_rng(k), "anger") for k in range(20)]
    assert {t.emotion for t in untold} == {"anger"} and min(t.intensity for t in untold) > 0.1
    calm = [Performance.drawn(performer, np.random.default_rng(k), "neutral") for k in range(20)]
    assert {(t.emotion, t.intensity) for t in calm} == {("neutral", 0.0)}
    moods = {Performance.drawn(performer, np.random.default_rng(k)).emotion for k in range(60)}
    assert len(moods) > 2
