"""Codecs of others, on tiny models with random weights that the test saves to disk."""

import numpy as np
import pytest
import torch
import transformers as hf

from utterface.errors import ConfigError, ModelError
from utterface.lab.representations import open_representation


def encodec(rate=16000, **more):
    config = hf.EncodecConfig(
        sampling_rate=rate, upsampling_ratios=[4, 4], num_filters=4, hidden_size=8, codebook_size=16, num_lstm_layers=1,
        target_bandwidths=[24.0], **more,
    )  # fmt: skip
    model = hf.EncodecModel(config)
    for layer in model.quantizer.layers:
        layer.codebook.embed.normal_()  # saved with the weights; zeros else
    return model


def dac():
    config = hf.DacConfig(
        encoder_hidden_size=4, downsampling_ratios=[2, 5], decoder_hidden_size=16, upsampling_ratios=[5, 2],
        n_codebooks=3, codebook_size=16, codebook_dim=2, sampling_rate=16000,
    )  # fmt: skip
    return hf.DacModel(config)


def mimi():
    config = hf.MimiConfig(
        sampling_rate=16000, hidden_size=16, num_filters=4, upsampling_ratios=[4, 4], codebook_size=16, codebook_dim=4,
        vector_quantization_hidden_dimension=4, num_quantizers=4, num_hidden_layers=1, intermediate_size=16,
        num_attention_heads=2, num_key_value_heads=2, head_dim=8, upsample_groups=16, sliding_window=10,
    )  # fmt: skip
    model = hf.MimiModel(config)
    for layer in (*model.quantizer.semantic_residual_vector_quantizer.layers,
                  *model.quantizer.acoustic_residual_vector_quantizer.layers):  # fmt: skip
        layer.codebook.embed_sum.normal_()
        layer.codebook.cluster_usage.fill_(1)
    return model


KINDS = {"encodec": (encodec, 16), "dac": (dac, 10), "mimi": (mimi, 32)}  # maker, samples a frame


@pytest.fixture(params=KINDS)
def codec(request, tmp_path):
    torch.manual_seed(0)
    maker, hop = KINDS[request.param]
    model = maker().eval()
    model.save_pretrained(tmp_path)
    return model, f"folder:{tmp_path}", hop


@pytest.fixture
def sound():
    return np.random.default_rng(0).normal(0, 0.3, 4000).astype(np.float32)


def test_units_and_vectors_are_the_codecs_own(codec, sound):
    model, place, hop = codec
    representation = open_representation(f"{place}@3")
    units, vectors = representation.units(sound), representation.encode(sound)
    about = representation.about
    assert units.values.shape == (-(-4000 // hop), 3)
    assert about.frame_rate == pytest.approx(16000 / hop)
    assert about.start == units.start == pytest.approx(hop / 2 / 16000)
    assert about.codebooks == (16, 16, 16)
    assert about.bitrate == pytest.approx(about.frame_rate * 12)
    assert vectors.values.shape == (len(units), about.dimension)
    assert 0 < about.parameters < sum(p.numel() for p in model.parameters())
    assert len(np.unique(units.values)) > 3
    if hasattr(model.quantizer, "from_codes"):
        expected = model.quantizer.from_codes(torch.tensor(units.values.T[None]))[0][0].T
    elif "mimi" in type(model).__name__.lower():
        expected = model.quantizer.decode(torch.tensor(units.values.T[None]))[0].T
    else:
        expected = model.quantizer.decode(torch.tensor(units.values.T[:, None]))[0].T
    np.testing.assert_allclose(vectors.values, expected.detach().numpy(), atol=1e-5)


def test_fewer_codebooks_are_the_first_ones(codec, sound):
    _, place, _ = codec
    three, one = open_representation(f"{place}@3"), open_representation(f"{place}@1")
    assert one.units(sound).values.ndim == 1
    np.testing.assert_array_equal(one.units(sound).values, three.units(sound).values[:, 0])


def test_vectors_side_by_side(codec, sound):
    _, place, _ = codec
    apart = open_representation(f"{place}@2,concat")
    units, vectors = apart.units(sound).values, apart.encode(sound).values
    half = vectors.shape[1] // 2
    same = units[:, 0] == units[0, 0]
    np.testing.assert_allclose(vectors[same, :half], np.tile(vectors[0, :half], (same.sum(), 1)), atol=1e-6)
    assert len(np.unique(vectors[:, half:], axis=0)) == len(np.unique(units[:, 1]))


def test_nothing_beyond_the_look_ahead_matters(codec, sound):
    model, place, _ = codec
    representation = open_representation(place)
    other = sound.copy()
    other[2000:] = -1
    times = representation.encode(sound).times
    early = times + representation.about.look_ahead < 2000 / 16000
    changed = (representation.units(sound).values != representation.units(other).values).any(1)
    assert early.sum() > 20
    assert not changed[early].any()
    if not isinstance(model, hf.MimiModel):  # before quantisation every later frame shows the change
        with torch.inference_mode():
            latent = [model.encoder(torch.tensor(s)[None, None])[0].numpy() for s in (sound, other)]
        assert (latent[0] != latent[1]).any(0)[np.flatnonzero(~early)[2:]].all()


def test_other_rates_are_resampled(tmp_path):
    torch.manual_seed(0)
    encodec(24000).save_pretrained(tmp_path)
    representation = open_representation(f"folder:{tmp_path}@2")
    units = representation.units(np.random.default_rng(0).normal(0, 0.3, 4000).astype(np.float32))
    assert representation.about.frame_rate == 1500
    assert len(units) == 375


def test_what_a_codec_cannot_do_is_said(codec, tmp_path):
    _, place, _ = codec
    for option in ("0", "999", "x", "2,mean"):
        with pytest.raises(ConfigError, match="codebooks"):
            open_representation(f"{place}@{option}")
    encodec(chunk_length_s=1.0, overlap=0.01).save_pretrained(tmp_path / "music")
    with pytest.raises(ModelError, match="encodec_24khz"):
        open_representation(f"folder:{tmp_path / 'music'}")
