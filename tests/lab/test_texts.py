"""Word vectors: by name, repeated over the frames of their words, smoothed as the paper says."""

import numpy as np
import pytest

from utterface.errors import ConfigError, ModelError
from utterface.lab.texts import AHEAD, BACK, TextTracks, laid_out, open_text_encoder
from utterface.phones import Span


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A BERT of two layers with random weights and words as tokens."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    place = tmp_path_factory.mktemp("bert")
    torch.manual_seed(0)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "you", "did", "##n", "it", ".", "?"]
    (place / "vocab.txt").write_text("\n".join(words))
    BertTokenizerFast(str(place / "vocab.txt")).save_pretrained(place)
    size = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32
    )
    BertModel(size).save_pretrained(place)
    return place


def test_a_language_model_reads_the_words_around_and_a_static_one_does_not(folder):
    contextual = open_text_encoder(f"folder:{folder}@1")
    static = open_text_encoder(f"static:folder:{folder}@1")
    one, other = ["you", "did", "it."], ["did", "you", "it?"]
    assert contextual.encode(one).shape == (3, 16) and contextual.size == 16
    assert not np.allclose(contextual.encode(one)[1], contextual.encode(other)[0], atol=1e-4)
    np.testing.assert_allclose(static.encode(one)[1], static.encode(other)[0], atol=1e-5)


def test_random_vectors_are_the_same_for_a_word_and_differ_between_words():
    encoder = open_text_encoder("random:32")
    one, other = encoder.encode(["Never,", "it"]), encoder.encode(["it", "never"])
    np.testing.assert_array_equal(one[0], other[1])
    assert abs(np.corrcoef(one)[0, 1]) < 0.6


def test_the_lexicon_names_kinds():
    vectors = open_text_encoder("lexicon").encode(["Never", "table", "awful!"])
    assert vectors.sum(1).tolist() == [1, 0, 1] and not np.array_equal(vectors[0], vectors[2])


def test_vectors_hold_for_their_words_and_are_averaged_over_16_frames():
    laid = laid_out(np.array([[1.0], [3.0]]), [Span("a", 1.0, 2.0), Span("b", 2.5, 3.0)], 4.0, 30.0)
    assert laid.shape == (120, 1)
    assert laid[30 + BACK : 60 - AHEAD, 0] == pytest.approx(1)
    assert laid[30 - AHEAD - 1, 0] == 0 and laid[30 - AHEAD, 0] == pytest.approx(1 / 16)
    assert laid[60 + BACK - 1, 0] == pytest.approx(1 / 16 + 0 * 3) and laid[115, 0] == 0


@pytest.mark.parametrize("name", ["", "gpt2", "random:", "random:x", "hub:", "static:", "static:nothing"])
def test_a_name_of_no_kind_is_refused(name):
    with pytest.raises(ConfigError, match="no text encoder"):
        open_text_encoder(name)


def test_a_layer_that_is_not_there_and_a_folder_without_a_model_are_refused(folder, tmp_path):
    with pytest.raises(ConfigError, match="0 to 2"):
        open_text_encoder(f"folder:{folder}@3")
    with pytest.raises(ModelError, match="cannot be opened"):
        open_text_encoder(f"folder:{tmp_path / 'none'}")


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
