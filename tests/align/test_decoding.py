from pathlib import Path

import numpy as np
import pytest

from utterface import speech
from utterface.align import decoding, to_pcm
from utterface.phones import ARPABET_TO_IPA, inventory

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello.flac"
WORDS = "hello i move my lips for every word and i keep them shut for maps pubs and bumblebees".split()


@pytest.fixture(scope="module")
def pcm() -> np.ndarray:
    return to_pcm(speech.read(EXAMPLE).samples)


def test_an_open_end_stops_where_the_sound_does(pcm: np.ndarray) -> None:
    closed = decoding.follow(pcm, WORDS)
    opened = decoding.follow(pcm, [*WORDS, "and", "then", "they", "lived", "happily"], open_end=True)
    assert closed is not None
    assert opened is not None
    assert [i for i, *_ in closed] == list(range(len(WORDS)))
    assert abs(len(opened) - len(WORDS)) <= 1
    assert abs(opened[10][1] - closed[10][1]) <= 0.02


def test_the_score_tells_right_from_wrong(pcm: np.ndarray) -> None:
    right = decoding.phones_along(pcm, WORDS, check=True)
    wrong = decoding.phones_along(pcm, WORDS[::-1], check=True)
    assert right is not None
    assert right[1] is not None
    assert wrong is None or wrong[1] < right[1] - 2


def test_the_same_phones_whether_checked_or_not(pcm: np.ndarray) -> None:
    plain, checked = (decoding.phones_along(pcm, WORDS, check) for check in (False, True))
    assert plain is not None
    assert checked is not None
    spans = [[p for word in found[0] for p in word.phones] for found in (plain, checked)]
    assert [p.label for p in spans[0]] == [p.label for p in spans[1]]
    assert np.mean([abs(a.start - b.start) <= 0.01 for a, b in zip(*spans, strict=True)]) > 0.95


def test_a_phone_loop_needs_no_words(pcm: np.ndarray) -> None:
    heard = [ARPABET_TO_IPA[p.label] for p in decoding.hear_phones(pcm)]
    assert sum(inventory()[label].is_bilabial for label in heard) >= 6


def test_new_words() -> None:
    assert decoding.lookup("zzyzxian") is None
    decoding.add_word("zzyzxian", ("Z", "AY", "Z", "IH", "K"))
    assert decoding.lookup("zzyzxian") == ("Z", "AY", "Z", "IH", "K")


def test_what_was_heard_before_does_not_matter(pcm: np.ndarray) -> None:
    """Not even noise in between: every sound is heard as the first one."""
    hiss = to_pcm(0.2 * np.random.default_rng(0).standard_normal(4 * 16000).astype(np.float32))
    heard = []
    for _ in range(2):
        heard.append((decoding.hear_phones(pcm), decoding.hear(pcm), decoding.phones_along(pcm, WORDS)))
        decoding.hear_phones(hiss)
        decoding.hear(hiss)
        decoding.phones_along(hiss, WORDS)
    assert heard[0] == heard[1]
