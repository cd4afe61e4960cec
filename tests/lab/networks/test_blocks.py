import numpy as np
import pytest
import torch

from utterface import speech
from utterface.lab.networks.blocks import Depthwise, MelStack, Transformer, rotate, seanet_encoder


@pytest.mark.parametrize("stack", [1, 2, 3, 4])
def test_stacked_mel_is_the_log_mel(stack):
    sound = np.random.default_rng(0).normal(0, 0.2, 5000).astype(np.float32)
    module = MelStack(stack)
    said = module(torch.from_numpy(sound)[None])[0] * 4 - 5
    mel = speech.log_mel(np.pad(sound, (0, 2000)))[: len(said) * stack].reshape(len(said), -1)
    assert len(said) == -(-5000 // (160 * stack))
    np.testing.assert_allclose(said.numpy(), mel, atol=2e-3)
    assert module.frame_rate == 100 / stack
    assert module.start == (stack - 1) * 0.005


def test_half_precision_leaves_the_log_mel_alone():
    sound, module = torch.randn(1, 4000), MelStack(2)
    with torch.autocast("cpu", torch.bfloat16):
        half = module(sound)
    assert torch.equal(half, module(sound))


def test_a_band_limits_what_a_frame_depends_on():
    torch.manual_seed(0)
    network = Transformer(16, 2, 32, layers=3, past=4, future=1).eval()
    x = torch.randn(1, 40, 16)
    other = x.clone()
    other[0, 20, 0] += 1
    with torch.inference_mode():
        changed = (network(x) != network(other)).any(2)[0]
    assert network.future_frames == 3
    assert np.flatnonzero(changed).tolist() == list(range(17, 33))


def test_attention_knows_distance_and_not_place():
    torch.manual_seed(0)
    network = Transformer(16, 2, 32, layers=2, past=5, future=5).eval()
    x = torch.randn(1, 40, 16)
    with torch.inference_mode():
        whole, later = network(x), network(x[:, 8:])
    torch.testing.assert_close(whole[:, 20:30], later[:, 12:22], atol=1e-4, rtol=1e-4)
    assert not torch.allclose(network(x.flip(1)).flip(1), whole, atol=1e-2)


def test_rotation_keeps_lengths_and_depends_on_the_frame():
    x = torch.randn(1, 1, 5, 8)
    turned = rotate(x)
    torch.testing.assert_close(turned.norm(dim=-1), x.norm(dim=-1))
    torch.testing.assert_close(turned[:, :, 0], x[:, :, 0])
    one = rotate(torch.tensor([1.0, 0.0]).expand(1, 1, 3, 2))[0, 0]
    torch.testing.assert_close(one, torch.tensor([[1.0, 0.0], [np.cos(1), np.sin(1)], [np.cos(2), np.sin(2)]]).float())


def test_depthwise_is_the_convolution_that_it_hastens():
    layer, x = Depthwise(6, 5), torch.randn(2, 6, 9, requires_grad=True)
    plain = torch.nn.Conv1d.forward(layer, x)
    torch.testing.assert_close(layer(x), plain)
    pulls = [torch.autograd.grad(y.square().sum(), [x, layer.weight]) for y in (layer(x), plain)]
    torch.testing.assert_close(*pulls)


def test_a_codecs_encoder_is_causal_frame_by_frame():
    torch.manual_seed(0)
    encode = seanet_encoder(4, (2, 5), 6).eval()
    sound = torch.randn(1, 1, 400)
    other = sound.clone()
    other[..., 200:] = 0
    with torch.inference_mode():
        latent, changed = encode(sound), encode(other)
        assert latent.shape == (1, 6, 40)
        assert torch.equal(latent[..., :20], changed[..., :20])
        assert (latent[..., 20] != changed[..., 20]).any()
