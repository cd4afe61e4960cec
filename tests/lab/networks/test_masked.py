import numpy as np
import torch

from utterface.lab.networks.masked import MaskedConfig, MaskedNetwork, draw_mask


def test_masks_are_stretches():
    config = MaskedConfig(mask_share=0.05, mask_frames=10)
    mask = draw_mask((8, 200), config, (0, 1)).numpy()
    assert 0.2 < mask.mean() < 0.6
    inner = mask[:, :-10]
    starts = np.argwhere(inner[:, 1:] & ~inner[:, :-1])
    assert all(mask[row, at + 1 : at + 11].all() for row, at in starts)
    assert mask.any(1).all()
    assert (draw_mask((8, 200), config, (0, 1)).numpy() == mask).all()
    assert (draw_mask((8, 200), config, (0, 2)).numpy() != mask).any()


def test_hidden_frames_show_nothing():
    torch.manual_seed(0)
    network = MaskedNetwork(MaskedConfig(width=16, heads=2, inner=32, layers=2, clusters=5)).eval()
    sound = torch.randn(1, 16000) * 0.1
    other = sound.clone()
    other[0, 6400:9600] = torch.randn(3200)  # frames 20 to 29
    mask = torch.zeros(1, 50, dtype=torch.bool)
    mask[0, 18:32] = True
    with torch.inference_mode():
        assert torch.equal(network(sound, mask), network(other, mask))
        assert not torch.equal(network(sound), network(other))


def test_features_tell_nothing_of_what_stays_the_same():
    torch.manual_seed(0)
    network = MaskedNetwork(MaskedConfig(width=16, heads=2, inner=32, layers=2, clusters=5)).eval()
    sound = torch.randn(2, 16000) * 0.1
    with torch.inference_mode():
        said, plain = network.features(sound, 1), network(sound, layer=1)
    assert torch.allclose(said.mean(1), torch.zeros(2, 16), atol=1e-5)
    assert torch.allclose(said.std(1, correction=0), torch.ones(2, 16), atol=1e-3)
    moved, kept = plain - plain.mean(1, keepdim=True), said * plain.std(1, correction=0, keepdim=True)
    torch.testing.assert_close(moved, kept, atol=1e-3, rtol=1e-3)
