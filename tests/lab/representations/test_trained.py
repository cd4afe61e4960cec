"""An encoder that learns with the decoder: as good as the frozen one at the start, and reached by gradients."""

import numpy as np
import pytest
import torch
import transformers as hf

from utterface.errors import ConfigError
from utterface.lab.representations import open_representation
from utterface.lab.representations.trained import SoundHops, TrainedEncoder


@pytest.fixture
def hubert(tmp_path) -> str:
    config = hf.HubertConfig(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, conv_dim=(8, 8),
        conv_stride=(16, 20), conv_kernel=(20, 20), num_conv_pos_embeddings=4, num_conv_pos_embedding_groups=2,
    )  # fmt: skip
    torch.manual_seed(0)
    hf.HubertModel(config).eval().save_pretrained(tmp_path)
    hf.Wav2Vec2FeatureExtractor(do_normalize=True).save_pretrained(tmp_path)
    return f"folder:{tmp_path}"


@pytest.fixture
def sound() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)


@pytest.mark.parametrize("name", ["hubert", "ours:masked"])
def test_its_first_vectors_are_the_frozen_ones(name, hubert, sound):
    frozen = open_representation(hubert if name == "hubert" else name)
    hops = SoundHops(frozen.about).encode(sound)
    expected = frozen.encode(sound)
    assert (hops.frame_rate, hops.start) == (expected.frame_rate, expected.start)
    encoder = TrainedEncoder(frozen).eval()
    with torch.no_grad():
        vectors = encoder(torch.from_numpy(hops.values)[None], torch.ones(1, len(hops), dtype=torch.bool))[0].numpy()
    inner = slice(0, len(expected) - 2)  # HuBERT attends to one frame more, of the last hop
    np.testing.assert_allclose(vectors[inner], expected.values[inner], atol=1e-2)


def test_gradients_reach_it_and_the_frozen_one_stays(hubert, sound):
    frozen = open_representation(hubert)
    before = frozen.encode(sound).values
    encoder = TrainedEncoder(frozen)
    hops = torch.from_numpy(SoundHops(frozen.about).encode(sound).values)[None]
    optimiser = torch.optim.SGD(encoder.parameters(), 1.0)
    encoder(hops, torch.ones(1, hops.shape[1], dtype=torch.bool)).square().mean().backward()
    assert sum(float(p.grad.abs().sum()) for p in encoder.parameters() if p.grad is not None) > 0
    optimiser.step()
    np.testing.assert_array_equal(frozen.encode(sound).values, before)


def test_vectors_are_read_between_neighbours_at_the_frames_moments():
    encoder = TrainedEncoder(open_representation("ours:masked"))
    times = 0.5 + torch.arange(20)[None] / encoder.rate
    vectors = times[..., None].clone()  # a vector that is its own time
    frames = 0.55 + torch.arange(3)[None] / 30
    read = encoder.at_frames(vectors, times, frames, 30.0, 2)
    np.testing.assert_allclose(read[0, :, 0], frames[0], atol=1e-6)
    np.testing.assert_allclose(read[0, :, 1], frames[0] + 1 / 60, atol=1e-6)
    assert encoder.at_frames(vectors, times, frames + 9, 30.0, 1).max() == times.max()  # beyond the end the last


def test_what_has_nothing_to_learn_is_refused():
    with pytest.raises(ConfigError, match="mel has no weights to train"):
        TrainedEncoder(open_representation("mel"))
    with pytest.raises(ConfigError, match="has units, through which nothing is learned"):
        TrainedEncoder(open_representation("ours:tokenizer"))
