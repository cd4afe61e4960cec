"""Word vectors by the name of their encoder."""

import numpy as np
import pytest

from utterface.errors import ConfigError, ModelError
from utterface.lab.texts import open_text_encoder


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


@pytest.mark.parametrize("name", ["", "gpt2", "random:", "random:x", "hub:", "static:", "static:nothing"])
def test_a_name_of_no_kind_is_refused(name):
    with pytest.raises(ConfigError, match="no text encoder"):
        open_text_encoder(name)


def test_a_layer_that_is_not_there_and_a_folder_without_a_model_are_refused(folder, tmp_path):
    with pytest.raises(ConfigError, match="0 to 2"):
        open_text_encoder(f"folder:{folder}@3")
    with pytest.raises(ModelError, match="cannot be opened"):
        open_text_encoder(f"folder:{tmp_path / 'none'}")
