import pytest
import torch

from utterface import speech
from utterface.lab.networks.vocoder import VocoderConfig, VocoderNetwork


@pytest.fixture
def network() -> VocoderNetwork:
    torch.manual_seed(0)
    return VocoderNetwork(VocoderConfig(width=16, inner=16, blocks=2)).eval()


def test_every_frame_becomes_its_hop(network):
    assert network(torch.randn(2, 13, 80)).shape == (2, 13 * speech.HOP)


def test_nothing_beyond_its_reach_matters(network):
    mel = torch.randn(1, 60, 80)
    other = mel.clone()
    other[:, 30 + network.reach + 1 :] = 0
    other[:, : 30 - network.reach] = 0
    here = slice(30 * speech.HOP, 31 * speech.HOP)
    assert torch.equal(network(mel)[:, here], network(other)[:, here])
    near = mel.clone()
    near[:, 30 + network.reach // 2] += 1
    assert not torch.equal(network(mel)[:, here], network(near)[:, here])
