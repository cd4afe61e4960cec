"""One contract, every decoder."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from torch import nn

from support import recipes
from utterface.errors import ConfigError
from utterface.lab.decoders import DECODERS, Decoder, DecoderInput, Kind, make_decoder
from utterface.lab.decoders.contract import sinusoids
from utterface.lab.losses.motion import MotionLossConfig, motion_losses
from utterface.lab.systems.registry import make_system

FEATURES, CHANNELS = 6, 5
SMALL = {
    "transformer": {"width": 16, "layers": 2, "heads": 2, "inner": 32, "dropout": 0.0},
    "gru_diffusion": {"width": 16, "token": 8, "levels": 20, "dropout": 0.0},
    "diffusion_transformer": {
        "width": 16, "layers": 2, "heads": 2, "inner": 32, "dropout": 0.0, "levels": 20, "convolutions": 1,
    },
    "animator": {"width": 16, "bottleneck": 8, "taps": [[-1, 0, 1], [-2, 0]], "pooled": 4, "pool_frames": 5},
}  # fmt: skip
RATE, SPEECH_RATE = 30.0, 50.0


@pytest.fixture(params=DECODERS)
def decoder(request) -> Decoder:
    torch.manual_seed(0)
    return make_decoder({"kind": request.param, **SMALL[request.param]}, FEATURES, CHANNELS).eval()


def inputs(decoder: Decoder, lengths: list[int], seed: int = 0) -> DecoderInput:
    """Clips of so many frames, padded to the longest."""
    rng = np.random.default_rng(seed)
    clips = [rng.standard_normal((int(n * SPEECH_RATE / RATE) + 1, FEATURES)) for n in lengths]
    frames = torch.arange(max(lengths)) / RATE
    frame_known = torch.stack([torch.arange(max(lengths)) < n for n in lengths])
    if decoder.moments:
        rows = [np.pad(c[:n].repeat(decoder.moments, 1), ((0, max(lengths) - n), (0, 0)), constant_values=7.0)
                for c, n in zip(clips, lengths, strict=True)]  # fmt: skip
        times, known = frames, frame_known
    else:
        longest = max(map(len, clips))
        rows = [np.pad(c, ((0, longest - len(c)), (0, 0)), constant_values=7.0) for c in clips]
        times, known = torch.arange(longest) / SPEECH_RATE, torch.stack([torch.arange(longest) < len(c) for c in clips])
    vectors = torch.tensor(np.stack(rows), dtype=torch.float32)
    count = len(lengths)
    dropped = {"speech": torch.zeros(count, dtype=torch.bool)}
    return DecoderInput(vectors, times.expand(count, -1), known, frames.expand(count, -1), frame_known, {}, dropped)


def answer(decoder: Decoder, given: DecoderInput) -> torch.Tensor:
    """The decoder's motion; a denoiser is shown the same noise at level 3 whatever the batch."""
    if decoder.schedule is None:
        return decoder(given)
    count, frames = given.frame_known.shape
    noisy = torch.randn(300, CHANNELS, generator=torch.Generator().manual_seed(1))[:frames].expand(count, -1, -1)
    return decoder(given, noisy, torch.full((count,), 3))


@pytest.mark.parametrize("frames", [1, 7, 40])
def test_motion_has_a_frame_for_every_moment_given(decoder, frames):
    result = answer(decoder, inputs(decoder, [frames, frames]))
    assert result.shape == (2, frames, CHANNELS)
    assert torch.isfinite(result).all()


def test_company_changes_nothing(decoder):
    """A clip's motion is the same alone, in a batch, and filled up beside a longer one."""
    alone = answer(decoder, inputs(decoder, [20]))
    beside = answer(decoder, inputs(decoder, [20, 33]))
    assert torch.allclose(alone[0], beside[0, :20], atol=1e-5)


def test_the_speech_matters(decoder):
    assert not torch.allclose(answer(decoder, inputs(decoder, [20])), answer(decoder, inputs(decoder, [20], seed=1)))


def test_gradients_are_finite_and_reach_every_weight(decoder):
    decoder.train()
    answer(decoder, inputs(decoder, [20, 12])).square().mean().backward()
    for name, weight in decoder.named_parameters():
        assert weight.grad is not None, name
        assert torch.isfinite(weight.grad).all(), name


def test_a_few_steps_lower_the_loss(decoder):
    decoder.train()
    given = inputs(decoder, [20, 12])
    wanted = torch.rand(2, 20, CHANNELS, generator=torch.Generator().manual_seed(2))
    config = DECODERS[kind_of(decoder)].losses
    optimiser = torch.optim.Adam(decoder.parameters(), 5e-3)
    result = []
    for _ in range(3):
        loss = torch.stack(
            list(motion_losses(answer(decoder, given), wanted, given.frame_known, config).values())
        ).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        result.append(float(loss.detach()))
    assert result[0] > result[1] > result[2]


def kind_of(decoder: Decoder) -> str:
    return next(name for name, kind in DECODERS.items() if isinstance(decoder, kind.decoder))


def test_the_gru_knows_no_future_and_the_transformer_does():
    for name, knows in (("gru_diffusion", False), ("transformer", True), ("diffusion_transformer", True)):
        decoder = make_decoder({"kind": name, **SMALL[name]}, FEATURES, CHANNELS).eval()
        given = inputs(decoder, [20])
        before = answer(decoder, given)[:, :10]
        given.speech[:, -3:] += 1.0
        assert torch.equal(before, answer(decoder, given)[:, :10]) != knows


def test_a_reach_bounds_the_attention_of_one_layer():
    table = {**SMALL["transformer"], "layers": 1, "reach": 0.25}
    decoder = make_decoder(table, FEATURES, CHANNELS).eval()
    given = inputs(decoder, [60])
    before = answer(decoder, given)
    given.speech[:, -10:] += 1.0  # the last 0.2 s
    later = int((given.times[0, -10] - 0.25) * RATE)
    assert torch.equal(before[:, :later], answer(decoder, given)[:, :later])
    assert not torch.equal(before[:, -1], answer(decoder, given)[:, -1])


def test_nearness_turns_attention_to_what_is_near():
    table = {**SMALL["transformer"], "layers": 1}
    plain, near = (make_decoder({**table, "nearness": n}, FEATURES, CHANNELS).eval() for n in (0.0, 5000.0))
    near.load_state_dict(plain.state_dict())
    given = inputs(plain, [60, 30])
    before = answer(near, given)
    given.speech[:, 20:] += 1.0  # 0.4 s and later
    after = answer(near, given)
    assert torch.allclose(before[:, :8], after[:, :8], atol=1e-6)
    assert not torch.allclose(before[:, 20:], after[:, 20:], atol=1e-3)
    assert not torch.allclose(answer(plain, given), after, atol=1e-3)
    given.speech[1, given.known[1].logical_not()] = 9.0  # filling
    assert torch.allclose(after[1, :30], answer(near, given)[1, :30], atol=1e-6)


@pytest.mark.parametrize("kind", ["gru_diffusion", "diffusion_transformer"])
def test_a_denoiser_tells_levels_apart(kind):
    decoder = make_decoder({"kind": kind, **SMALL[kind]}, FEATURES, CHANNELS).eval()
    given, noisy = inputs(decoder, [8]), torch.zeros(1, 8, CHANNELS)
    low, high = (decoder(given, noisy, torch.tensor([level])) for level in (0, 19))
    assert not torch.allclose(low, high)


def test_the_sizes_of_facediffuser():
    """HuBERT's two stacked frames, 51 weights: LayerNorm, GRU, token, output, counted by hand."""
    decoder = make_decoder({"kind": "gru_diffusion"}, 768, 51)
    inside = 1536 + 51 + 256
    gru = 3 * 256 * (inside + 256 + 2) + 3 * 256 * (256 + 256 + 2)
    assert sum(p.numel() for p in decoder.parameters()) == 2 * inside + gru + 1001 * 256 + 257 * 51


def test_positions_are_unit_circles():
    places = sinusoids(torch.tensor([0.0, 3.0]), 8)
    assert places[0].tolist() == [0, 1] * 4
    assert torch.allclose(places[1, :2], torch.tensor([3.0]).sin().new_tensor([np.sin(3), np.cos(3)]))
    assert torch.allclose(places.unflatten(1, (4, 2)).norm(dim=2), torch.ones(2, 4))


def test_what_does_not_exist_is_refused():
    with pytest.raises(
        ConfigError, match=r"no decoder 'rnn'; there are transformer, gru_diffusion, diffusion_transformer, animator"
    ):
        make_decoder({"kind": "rnn"}, FEATURES, CHANNELS)
    with pytest.raises(ConfigError, match=r"\[decoder\] has no key 'depth'"):
        make_decoder({"kind": "transformer", "depth": 3}, FEATURES, CHANNELS)
    with pytest.raises(ConfigError, match="no noise schedule 'square'; there are linear, cosine"):
        make_decoder({"kind": "gru_diffusion", "schedule": "square"}, FEATURES, CHANNELS)
    with pytest.raises(ConfigError, match="multiple of 8 heads"):
        make_decoder({"kind": "transformer", "width": 20}, FEATURES, CHANNELS)
    with pytest.raises(ConfigError, match=r"at least 0\.2 s"):
        make_decoder({"kind": "transformer", "reach": 0.1}, FEATURES, CHANNELS)
    with pytest.raises(ConfigError, match="nearness must be 0 or more, got -1"):
        make_decoder({"kind": "transformer", "nearness": -1}, FEATURES, CHANNELS)


CONDITIONS = {"emotion": 3, "time": 1}


@pytest.fixture(params=DECODERS)
def conditioned(request) -> Decoder:
    torch.manual_seed(0)
    return make_decoder({"kind": request.param, **SMALL[request.param]}, FEATURES, CHANNELS, CONDITIONS).eval()


def emotions(given: DecoderInput) -> dict[str, torch.Tensor]:
    return {"emotion": torch.eye(3)[: len(given.speech)], "time": given.frame_times[..., None]}


def test_conditions_move_the_face_and_a_dropped_one_does_not(conditioned):
    """Of two clips one is dropped: it has the motion of a clip without that condition, the other its own."""
    given = inputs(conditioned, [20, 20])
    both = replace(given, conditions=emotions(given))
    half = replace(both, dropped={**given.dropped, "emotion": torch.tensor([True, False])})
    without = replace(both, conditions={"time": both.conditions["time"]})
    whole, part, none = (answer(conditioned, each) for each in (both, half, without))
    assert not torch.allclose(whole[0], none[0], atol=1e-4)
    assert torch.allclose(part[0], none[0], atol=1e-6) and torch.allclose(part[1], whole[1], atol=1e-6)
    other = replace(both, conditions={**both.conditions, "emotion": both.conditions["emotion"].flip(0)})
    assert not torch.allclose(answer(conditioned, other), whole, atol=1e-4)


def test_gradients_reach_conditions_and_their_nulls(conditioned):
    given = inputs(conditioned, [20, 12])
    dropped = {name: torch.tensor([True, False]) for name in CONDITIONS}
    answer(conditioned, replace(given, conditions=emotions(given), dropped=dropped)).square().mean().backward()
    for name in CONDITIONS:
        assert conditioned.fusion.enter[name].weight.grad.any() and conditioned.fusion.null[name].grad.any()


def test_without_conditions_there_are_no_further_weights(decoder):
    assert not list(decoder.fusion.parameters())


# ------------------------------------------------------------------------------------------------- one that is added


@dataclass(frozen=True)
class PlainConfig:
    """Sizes of a decoder that maps the speech of each frame to its motion."""

    width: int = 8


class PlainDecoder(Decoder):
    moments = 1

    def __init__(self, config: PlainConfig, features: int, channels: int, conditions) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(features, config.width), nn.Tanh(), nn.Linear(config.width, channels))

    def decode(self, inputs, noisy=None, level=None):
        return self.layers(inputs.speech)


def test_a_decoder_is_one_class_and_one_record(tokens_recipe, monkeypatch):
    monkeypatch.setitem(DECODERS, "plain", Kind(PlainConfig, PlainDecoder, MotionLossConfig(velocity=0.0)))
    monkeypatch.setitem(recipes.DECODERS, "plain", {"width": 16})
    system = make_system(tokens_recipe("plain"))
    optimiser, batches, losses = torch.optim.Adam(system.network.parameters(), 1e-2), system.batches(0, 1), []
    for step in range(30):
        losses.append(torch.stack(list(system.losses(system.network, next(batches), (0, step)).values())).sum())
        optimiser.zero_grad()
        losses[-1].backward()
        optimiser.step()
    assert sum(losses[-5:]) < 0.5 * sum(losses[:5])
    samples = np.zeros(16_000, np.float32)
    assert len(system.face.animate(system.network.eval(), system.face.tracks.encode(samples), 1.0)) == 30
