from dataclasses import replace

import numpy as np
import pytest
import torch

from utterface.articulation import ARTICULATORS
from utterface.errors import ConfigError
from utterface.lab.networks.animator import (
    CARRIED,
    HOP,
    LEAD,
    AnimatorConfig,
    AnimatorNetwork,
    AnimatorState,
    phone_labels,
)
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
    result = network.log_mel(torch.from_numpy(stream)[None])[0].numpy()
    assert np.abs(result[1:] - expected[: len(result) - 1]).max() < 1e-4


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


def test_exactly_the_look_ahead_matters(network):
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
    config = AnimatorConfig(ARTICULATORS)
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
    assert isinstance(state, AnimatorState)
    with torch.inference_mode():
        first, state = made.step(samples[:, : 4 * HOP], state)
        second, _ = made.step(samples[:, 4 * HOP :], state)
    assert torch.allclose(torch.cat([first.closure, second.closure], 1), whole(made, samples)[..., -2], atol=1e-5)


@pytest.fixture
def directed(network) -> AnimatorNetwork:
    """The network with three controls, whose weights are not zero any more."""
    torch.manual_seed(1)
    made = AnimatorNetwork(replace(network.config, controls=("joy", "strength", "disgust")))
    made.load_state_dict(network.state_dict(), strict=False)
    for linear in made.asked:
        torch.nn.init.normal_(linear.weight, std=0.3)
    return made.eval()


def test_without_any_control_it_is_the_network_without_controls(network, directed):
    samples = noise(20)
    neutral = torch.tensor([[0.0, 1.0, 0.0]])
    with torch.inference_mode():
        plain, _ = network.step(samples, network.zero_state(1))
        for controls in (None, neutral):
            output, _ = directed.step(samples, directed.zero_state(1), controls)
            assert torch.equal(output.articulators, plain.articulators) and torch.equal(output.closure, plain.closure)
            assert not output.expression.any()
        bare, _ = directed.undirected().step(samples, network.zero_state(1))
    assert torch.equal(bare.articulators, plain.articulators) and bare.expression.shape == (1, 20, 0)


def test_controls_begin_without_effect(network):
    fresh = AnimatorNetwork(replace(network.config, controls=("strength",))).eval()
    samples, asked = noise(10), torch.tensor([[1.5]])
    with torch.inference_mode():
        plain, _ = fresh.step(samples, fresh.zero_state(1))
        strong, _ = fresh.step(samples, fresh.zero_state(1), asked)
    assert torch.equal(plain.closure, strong.closure)


def test_controls_move_it_and_emotions_add_no_more_than_their_face(directed):
    samples, joy = noise(20), torch.tensor([[0.5, 1.0, 0.0]])
    with torch.inference_mode():
        plain, _ = directed.step(samples, directed.zero_state(1))
        glad, _ = directed.step(samples, directed.zero_state(1), joy)
    assert (glad.articulators - plain.articulators).abs().max() > 1e-3
    whole = 0.5 * directed.faces[0]
    assert (glad.expression <= whole).all() and (glad.expression >= 0).all()
    smile = directed.config.expression.index("mouthSmileLeft")
    assert glad.expression[..., smile].min() > 0


@pytest.mark.parametrize("size", [1, 3])
def test_a_stream_with_controls_gives_what_the_whole_gives(directed, size):
    samples, asked = noise(24), torch.tensor([[0.7, 0.6, 0.2]])
    with torch.inference_mode():
        expected, _ = directed.step(samples, directed.zero_state(1), asked)
        state, parts = directed.zero_state(1), []
        for start in range(0, 24, size):
            output, state = directed.step(samples[:, start * HOP : (start + size) * HOP], state, asked)
            parts.append(torch.cat([output.articulators, output.expression], 2))
    assert torch.allclose(torch.cat(parts, 1), torch.cat([expected.articulators, expected.expression], 2), atol=1e-5)


def test_likely_phones_are_articulated_at_the_given_strength(network):
    labels = list(phone_labels())
    likely = torch.full((1, 1, len(labels)), -20.0)
    likely[0, 0, labels.index("ɑ")] = 20.0
    said, jaw = torch.full((1, 1, len(ARTICULATORS)), 0.4), ARTICULATORS.index("jaw")
    weak, strong = (network.informed(said, likely, torch.tensor([[s]]))[0, 0, jaw] for s in (0.5, 1.5))
    assert strong - weak > 0.8


def test_controls_that_are_unknown_are_refused(network):
    with pytest.raises(ConfigError, match="glee"):
        replace(network.config, controls=("glee",))
