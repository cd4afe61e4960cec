import pytest
import torch

from utterface.lab.networks.fusion import FUSIONS, CartesianAttention, Hifb, make_fusion

WIDTH = 32


def pairs_attention(module: CartesianAttention, tokens, emotion, motion):
    """The same over the T² pairs themselves, as the released code has it."""
    batch, frames, _ = emotion.shape
    pairs = torch.cat([
        emotion[:, :, None].expand(-1, -1, frames, -1), motion[:, None].expand(-1, frames, -1, -1)
    ], -1).reshape(batch, frames * frames, -1)  # fmt: skip
    key, value = module.pair(pairs).chunk(2, -1)
    query, key, value = (x.unflatten(2, (8, 8)).transpose(1, 2) for x in (module.query(tokens), key, value))
    weights = (query @ key.transpose(2, 3) * 32**-0.5).softmax(-1)
    return module.gather((weights @ value).transpose(1, 2).flatten(2))


def test_linear_time_equals_attention_over_all_pairs():
    torch.manual_seed(0)
    module = CartesianAttention(WIDTH).double()
    tokens, emotion, motion = (3 * torch.randn(2, n, WIDTH, dtype=torch.double) for n in (4, 9, 9))
    known = torch.ones(2, 9, dtype=torch.bool)
    wanted = pairs_attention(module, tokens, emotion, motion)
    assert torch.allclose(module(tokens, emotion, motion, known), wanted, atol=1e-12)


def test_padding_changes_nothing():
    torch.manual_seed(0)
    module = Hifb(WIDTH, 2, 4, 16).eval()
    motion, emotion = torch.randn(2, 1, 7, WIDTH)
    known = torch.ones(1, 7, dtype=torch.bool)
    padded = [torch.cat([x, torch.randn(1, 3, WIDTH)], 1) for x in (motion, emotion)]
    longer = torch.cat([known, torch.zeros(1, 3, dtype=torch.bool)], 1)
    assert torch.allclose(module(*padded, longer)[:, :7], module(motion, emotion, known), atol=1e-5)


def test_the_last_emotion_block_and_tokens_learn_nothing():
    module = Hifb(WIDTH, 2, 4, 16)
    module(*torch.randn(2, 1, 5, WIDTH), torch.ones(1, 5, dtype=torch.bool)).sum().backward()
    last, first = module.layers[1], module.layers[0]
    assert all(p.grad is None for p in last.emotion.parameters())
    assert all(p.grad is None for p in last.attention.parameters())
    assert all(p.grad is not None for p in first.attention.parameters())


@pytest.mark.parametrize("kind", FUSIONS)
def test_fusions_have_as_many_weights_and_read_both_streams(kind):
    counts = {k: sum(p.numel() for p in make_fusion(k, WIDTH, 2, 4, 48).parameters()) for k in ("hifb", kind)}
    assert counts[kind] == pytest.approx(counts["hifb"], rel=0.05)
    torch.manual_seed(0)
    module = make_fusion(kind, WIDTH, 2, 4, 48)
    motion, emotion, other = torch.randn(3, 1, 5, WIDTH)
    known = torch.ones(1, 5, dtype=torch.bool)
    assert not torch.allclose(module(motion, emotion, known), module(motion, other, known), atol=1e-6)
