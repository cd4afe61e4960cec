"""Vectors are repeated over the frames of their words and smoothed as the paper says; sentences are kept on disk."""

import numpy as np
import pytest

from utterface.errors import ConfigError
from utterface.lab.texts import TextTracks, laid_out, open_text_encoder
from utterface.lab.texts.tracks import AHEAD, BACK
from utterface.phones import Span


def test_vectors_hold_for_their_words_and_are_averaged_over_16_frames():
    laid = laid_out(np.array([[1.0], [3.0]]), [Span("a", 1.0, 2.0), Span("b", 2.5, 3.0)], 4.0, 30.0)
    assert laid.shape == (120, 1)
    assert laid[30 + BACK : 60 - AHEAD, 0] == pytest.approx(1)
    assert laid[30 - AHEAD - 1, 0] == 0 and laid[30 - AHEAD, 0] == pytest.approx(1 / 16)
    assert laid[60 + BACK - 1, 0] == pytest.approx(1 / 16 + 0 * 3) and laid[115, 0] == 0


class _Clip:
    """What `TextTracks` reads of a corpus clip."""

    def __init__(self, name: str, *labels: str) -> None:
        self.id, self.duration, self._labels = name, 1.0, labels

    def words(self) -> tuple[Span, ...]:
        return tuple(Span(word, 0.3 * i, 0.3 * i + 0.3) for i, word in enumerate(self._labels))


def test_sentences_are_kept_on_disk_and_may_be_those_of_another_clip(tmp_path):
    tracks = TextTracks(open_text_encoder("random:4"), 30.0, tmp_path)
    one, other = _Clip("one", "it", "rained"), _Clip("other", "never")
    own, mixed = tracks.track(one), tracks.track(one, other)
    assert own.values.shape == mixed.values.shape == (30, 4) and not np.allclose(own.values, mixed.values)
    assert len(list(tmp_path.rglob("*.npy"))) == 2
    again = TextTracks(open_text_encoder("random:4"), 30.0, tmp_path)
    np.testing.assert_array_equal(again.track(one).values, own.values)
    with pytest.raises(ConfigError, match="no timed words"):
        tracks.track(_Clip("silent"))
