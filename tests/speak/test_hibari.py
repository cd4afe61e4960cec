"""hibari's network tells its durations: closures lie where the sound is shut."""

import numpy as np
import pytest

from utterface.phones import inventory
from utterface.speak import hibari
from utterface.speak.contract import SpeakingManner

pytest.importorskip("hibari")
TEXT = "My mama bought pepper, maybe a big apple."


def test_phones_stand_where_their_sounds_are():
    (said,) = hibari.speak(hibari.voices()[0], [(TEXT, SpeakingManner())])
    labels = [p.label for p in said.phones]
    assert labels[:3] == ["sil", "m", "aɪ"] and sum(inventory()[x].is_bilabial for x in labels) == 10
    level = lambda p: np.sqrt(np.mean(said.samples[int(p.start * 16_000) : int(p.end * 16_000)] ** 2))  # noqa: E731
    shut = np.median([level(p) for p in said.phones if p.label in ("p", "b")])
    open_ = np.median([level(p) for p in said.phones if inventory()[p.label].is_vowel])
    assert shut < 0.45 * open_
    assert said.sample_rate == 24_000 and abs(len(said.sound) / 24_000 - said.duration) < 1e-3


def test_a_faster_manner_is_shorter_and_the_sound_is_the_same_again():
    slow, fast = hibari.speak(hibari.voices()[0], [(TEXT, SpeakingManner()), (TEXT, SpeakingManner(rate=1.5))])
    assert fast.duration < 0.85 * slow.duration
    assert np.array_equal(slow.samples, hibari.speak(hibari.voices()[0], [(TEXT, SpeakingManner())])[0].samples)
