import numpy as np
import pytest
import torch

from utterface.lab.networks.tokenizer import TokenizerConfig, TokenizerNetwork, collapse


def test_paths_collapse():
    assert collapse([0, 3, 3, 0, 3, 1, 1, 0]) == [2, 2, 0]
    assert collapse([]) == []


def test_tokens_depend_on_no_more_than_they_say():
    torch.manual_seed(0)
    config = TokenizerConfig(width=16, heads=2, inner=32, below=2, above=1, levels=(5, 5), past=8, future=1)
    network = TokenizerNetwork(config).eval()
    sound = torch.randn(1, 32000) * 0.1
    other = sound.clone()
    other[0, 16000:] = 0
    assert network.look_ahead == pytest.approx(2 / 25 + 0.0275)
    times = network.mel.start + np.arange(50) / 25
    with torch.inference_mode():
        below = [network.squeeze(network.below(network.enter(network.mel(s))))[0] for s in (sound, other)]
    changed = (below[0] != below[1]).any(1).numpy()
    assert not changed[times + network.look_ahead <= 1].any()
    assert changed[times + network.look_ahead > 1.001].all()
