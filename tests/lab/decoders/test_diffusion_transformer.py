"""THUNDER's denoiser: its short cuts equal what the paper writes."""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from utterface.errors import ConfigError
from utterface.lab.decoders import DecoderInput, make_decoder
from utterface.lab.decoders.diffusion_transformer import (
    DiffusionTransformerConfig,
    DiffusionTransformerDecoder,
    alibi,
)

SMALL = {"width": 16, "layers": 2, "heads": 2, "inner": 32, "dropout": 0.0, "levels": 20}


def inputs(batch: int = 2, frames: int = 12, seed: int = 0) -> DecoderInput:
    vectors = torch.randn(batch, frames, 6, generator=torch.Generator().manual_seed(seed))
    times, known = torch.arange(frames).expand(batch, -1) / 30, torch.ones(batch, frames, dtype=torch.bool)
    return DecoderInput(vectors, times, known, times, known)


def denoiser(**changes) -> DiffusionTransformerDecoder:
    torch.manual_seed(0)
    return DiffusionTransformerDecoder(DiffusionTransformerConfig(**{**SMALL, **changes}), 3, 5, {})


def test_two_tokens_are_the_diagonal_mask():
    """Attention over [speech of all frames, level token] with all but the own frame and the token masked."""
    layer, frames, heads = denoiser().layers[0], 7, 2
    x, speech, token = torch.randn(1, frames, 16), torch.randn(1, frames, 16), torch.randn(1, 1, 16)
    key, value = layer.speech_in(torch.cat([speech, token], 1)).chunk(2, -1)
    query, key, value = (t.unflatten(-1, (heads, -1)).transpose(1, 2) for t in (layer.query(x), key, value))
    seen = torch.cat([torch.eye(frames, dtype=torch.bool), torch.ones(frames, 1, dtype=torch.bool)], 1)
    expected = layer.speech_out(F.scaled_dot_product_attention(query, key, value, seen).transpose(1, 2).flatten(2))
    assert torch.allclose(layer._to_speech(x, speech, token), expected, atol=1e-6)


def test_alibi_takes_more_the_farther_on_either_side():
    bias = alibi(4, 2)
    assert bias[0, 1].tolist() == [-1 / 16, 0, -1 / 16, -2 / 16]  # head 1 of 2 loses 2^−4 a frame
    assert bias[1, 0].tolist() == [0, -1 / 256, -2 / 256, -3 / 256]


def test_a_frame_reads_its_own_moment_only():
    """With one layer the speech at a frame changes that frame; the others see it through frames alone."""
    decoder = denoiser(layers=1).eval()
    given, noisy, level = inputs(1), torch.randn(1, 12, 5), torch.tensor([3])
    before = decoder(given, noisy, level)
    given.speech[:, 5] += 1
    changed = (decoder(given, noisy, level) - before).abs().amax(-1)[0] > 0
    assert changed.tolist() == [t == 5 for t in range(12)]


def test_speech_of_the_chosen_clips_is_dropped():
    decoder = denoiser()
    given = inputs(3, 4)
    dropped = replace(given, dropped={"speech": torch.tensor([False, True, False])})
    whole, part = decoder.encode(given).speech, decoder.encode(dropped).speech
    assert torch.equal(part[[0, 2]], whole[[0, 2]])
    assert torch.equal(part[1], decoder.encode(given.without_speech()).speech[1])
    assert not torch.equal(part[1], whole[1])


def test_without_speech_the_motion_does_not_depend_on_it():
    decoder = denoiser().eval()
    noisy, level = torch.randn(1, 12, 5), torch.tensor([3])
    free = [decoder(inputs(1, seed=seed).without_speech(), noisy, level) for seed in (0, 1)]
    assert torch.equal(*free)


def test_the_papers_size():
    """8 layers of 128, counted by hand: two attentions and a feed-forward of 512 a layer, the affine layers."""
    features, channels, width = 768, 55, 128
    decoder = make_decoder({"kind": "diffusion_transformer", "moments": 1}, features, channels)
    layer = 4 * (width + 1) * width * 2 + (width + 1) * 512 + 513 * width + 3 * 2 * width
    enter = (features + 1) * width + (channels + 1) * width + (width + 1) * width
    leave = 2 * width + (width + 1) * channels + width
    assert sum(p.numel() for p in decoder.parameters()) == 8 * layer + enter + leave


def test_sizes_that_do_not_fit_are_refused():
    with pytest.raises(ConfigError, match="multiple of 4 heads"):
        DiffusionTransformerConfig(width=126)
    with pytest.raises(ConfigError, match="once at least"):
        DiffusionTransformerConfig(moments=0)
