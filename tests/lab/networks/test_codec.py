import torch

from utterface.lab.networks.codec import CodecConfig, CodecNetwork


def test_frames_decode_to_the_samples_they_stand_for():
    torch.manual_seed(0)
    network = CodecNetwork(CodecConfig(channels=2, features=8, codebooks=2, size=16, width=8, blocks=1)).eval()
    assert (network.frame_rate, network.start) == (50, 0.01)
    sound = torch.randn(1, 6400) * 0.1
    other = sound.clone()
    other[0, 4800:] = 0
    with torch.inference_mode():
        latent, changed = network.latent(sound), network.latent(other)
        assert latent.shape == (1, 20, 8)
        early = network.start + torch.arange(20) / 50 + network.look_ahead <= 0.3
        assert early.sum() == 14
        assert torch.equal(latent[:, early], changed[:, early])
        said, now = network.decode(latent), network.decode(changed)
    reach = network.decoder.reach * network.decoder.config.hop
    torch.testing.assert_close(said[:, : 4800 - reach], now[:, : 4800 - reach], atol=1e-6, rtol=1e-5)
    assert not torch.allclose(said[:, 4800:], now[:, 4800:], atol=1e-4)
    assert network(sound[:, :3000]).samples.shape == (1, 3000)


def test_half_precision_hears_the_same():
    torch.manual_seed(0)
    network = CodecNetwork(CodecConfig(codebooks=1, size=16, width=16, blocks=1)).eval()
    sound = torch.randn(2, 6400) * 0.1
    with torch.inference_mode():
        plain = network.latent(sound)
        with torch.autocast("cpu", torch.bfloat16):
            half = network.latent(sound)
            said = network.decode(plain)
        wanted = network.decode(plain)
    torch.testing.assert_close(half, plain)
    assert (said - wanted).norm() < 0.05 * wanted.norm()
