from dataclasses import replace

import numpy as np
import pytest
import torch

from utterface.articulation import ARTICULATORS
from utterface.lab.animator.network import CARRIED, HOP, LEAD, AnimatorNetwork, NetworkConfig, State, phone_labels
from utterface.speech import log_mel


def whole(network: AnimatorNetwork, samples: torch.Tensor) -> torch.Tensor:
    with torch.inference_mode():
        output, _ = network.step(samples, network.zero_state(len(samples)))
    return torch.cat([output.articulators, output.closure[..., None], output.silence[..., None]], 2)


def noise(frames: int, seed: int = 0) -> torch.Tensor:
    return 0.1 * torch.randn(1, frames * HOP, generator=torch.Generator().manual_seed(seed))


def test_its_log_mel_is_that_of_the_project(network):
    samples = noise(20)[0].numpy()
    expected = log_mel(samples)
    # two mel frames a network frame; the newest window ends with the hop, the oldest is a frame before time 0
    stream = np.concatenate([np.zeros(CARRIED + LEAD, np.float32), samples])[: CARRIED + 20 * HOP]
    found = network.log_mel(torch.from_numpy(stream)[None])[0].numpy()
    assert np.abs(found[1:] - expected[: len(found) - 1]).max() < 1e-4


@pytest.mark.parametrize("size", [1, 2, 7])
def test_a_stream_gives_what_the_whole_gives(network, size):
    samples = noise(40)
    expected = whole(network, samples)
    state, parts = network.zero_state(1), []
    with torch.inference_mode():
        for start in range(0, 40, size):
            output, state = network.step(samples[:, start * HOP : (start + size) * HOP], state)
            parts.append(output.closure)
    assert torch.allclose(torch.cat(parts, 1), expected[..., -2], atol=1e-5)


def test_nothing_beyond_the_look_ahead_matters_and_everything_before_it_does(network):
    config = network.config
    assert config.delay == 2
    assert config.look_ahead == pytest.approx(2 / 50 + 0.0125)
    samples = noise(60)
    moment = 30  # frame of network time; its answer comes `delay` later
    last = LEAD + moment * HOP + round(config.look_ahead * 16000)  # one past the last sample it may hear
    changed = samples.clone()
    changed[:, last:] = 1.0
    answer = moment + config.delay
    assert torch.equal(whole(network, samples)[:, answer], whole(network, changed)[:, answer])
    changed[:, last - 30] = 1.0
    assert not torch.equal(whole(network, samples)[:, answer], whole(network, changed)[:, answer])


def test_what_is_long_past_is_forgotten(network):
    samples = noise(80)
    changed = samples.clone()
    changed[:, : 20 * HOP] = noise(20, seed=1)
    later = 20 + network.config.past_frames
    assert torch.equal(whole(network, samples)[:, later:], whole(network, changed)[:, later:])


def test_the_shipped_size_stays_within_its_promises():
    config = NetworkConfig(ARTICULATORS)
    assert config.look_ahead + 1 / 50 <= 0.160
    assert config.past_frames / 50 < 4
    assert sum(p.numel() for p in AnimatorNetwork(config).parameters()) < 8e6


def test_jaw_and_rounding_lean_on_the_likely_phones(network):
    labels = list(phone_labels())
    likely = torch.full((1, 4, len(labels)), -20.0)
    for moment, symbol in enumerate(("ɑ", "i", "u", "s")):
        likely[0, moment, labels.index(symbol)] = 20.0
    said = torch.full((1, 4, len(ARTICULATORS)), 0.4)
    informed = network.informed(said, likely)[0]
    jaw, rounding = informed[:, ARTICULATORS.index("jaw")], informed[:, ARTICULATORS.index("rounding")]
    assert jaw[0] > 0.7 and jaw[1] < 0.3
    assert jaw[3] == pytest.approx(0.4)  # no vowel: as it was
    assert rounding[2] > 0.7 and rounding[1] < 0.3
    others = [i for i, name in enumerate(ARTICULATORS) if name not in ("jaw", "rounding")]
    assert torch.equal(informed[:, others], said[0][:, others])


def test_without_a_running_mean_it_still_streams(network):
    made = AnimatorNetwork(replace(network.config, pooled=0)).eval()
    samples = noise(10)
    state = made.zero_state(1)
    assert isinstance(state, State)
    with torch.inference_mode():
        first, state = made.step(samples[:, : 4 * HOP], state)
        second, _ = made.step(samples[:, 4 * HOP :], state)
    assert torch.allclose(torch.cat([first.closure, second.closure], 1), whole(made, samples)[..., -2], atol=1e-5)
