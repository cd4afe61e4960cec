from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from utterface.align import pieces


def test_sound_is_cut_where_it_is_quiet() -> None:
    rng = np.random.default_rng(0)
    pcm = rng.normal(0, 3000, 16000 * 40).astype(np.int16)
    for at in (11.0, 23.0, 35.0):
        pcm[int(16000 * at) : int(16000 * (at + 0.3))] = 0
    cuts = list(pieces.at_pauses(pcm))
    assert cuts[0][0] == 0
    assert cuts[-1][1] == len(pcm)
    assert all(a[1] == b[0] for a, b in pairwise(cuts))
    assert [round(end / 16000 - 0.15) for _, end in cuts[:-1]] == [11, 23, 35]
    assert list(pieces.at_pauses(pcm[:1000])) == [(0, 1000)]
    assert list(pieces.at_pauses(pcm[:0])) == []


@given(st.lists(st.tuples(st.floats(0.05, 2), st.floats(0, 3)), min_size=1, max_size=80))
def test_words_are_grouped_without_loss(lengths: list[tuple[float, float]]) -> None:
    words, at = [], 0.0
    for i, (length, pause) in enumerate(lengths):
        words.append((i, at, at + length))
        at += length + pause
    groups = pieces.between_words(words, at)
    assert groups[0][0] == 0
    assert groups[-1][1] == len(words)
    for a, b in pairwise(groups):
        assert a[1] == b[0]
        assert a[3] <= b[2]
    for first, last, start, end in groups:
        assert last > first
        assert 0 <= words[first][1] - start <= 1 + 1e-9
        assert 0 <= end - words[last - 1][2] <= 1 + 1e-9
        assert end - start <= pieces.LONGEST + 1e-6 or last - first == 1


def test_pieces_end_in_real_pauses() -> None:
    words = [(i, 0.5 * i + (1.0 if i >= 25 else 0.0), 0.5 * i + 0.48 + (1.0 if i >= 25 else 0.0)) for i in range(50)]
    assert pieces.between_words(words, 26.0)[0][1] == 25


def test_minutes_without_words_are_in_no_piece() -> None:
    assert pieces.between_words([(0, 100.0, 100.5), (1, 300.0, 300.4)], 900.0) == [
        (0, 1, 99.0, 101.5), (1, 2, 299.0, 301.4),
    ]  # fmt: skip
