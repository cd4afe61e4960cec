import pytest
import torch

from utterface.errors import ConfigError
from utterface.lab.networks.lsf import LsfConfig, LsfNetwork, MotionRange
from utterface.lab.networks.motion_prior import MotionPrior, MotionPriorConfig
from utterface.motion import ARKIT
from utterface.rigs.flame import face_channels

PRIOR = {"width": 16, "layers": 1, "heads": 2, "inner": 16, "codes": 8, "code": 8, "dropout": 0.5}


def network(channels=("jawOpen", "browInnerUp", "mouthClose"), **changes) -> LsfNetwork:
    torch.manual_seed(0)
    config = LsfConfig(**{"layers": 1, "heads": 2, "inner": 16, "hidden": (8, 8), "classes": 4, **changes})
    return LsfNetwork(config, MotionPrior(MotionPriorConfig(**PRIOR), len(channels)), channels, 5, 6, 7)


def inputs(frames=9):
    return torch.randn(2, frames, 5), torch.randn(2, frames, 6), torch.randn(2, 7), torch.ones(2, frames).bool()


def test_frozen_is_frozen():
    model = network(layers=2).train()
    before = {k: v.clone() for k, v in model.prior.state_dict().items()}
    assert not any(module.training for module in model.prior.modules())
    optimiser = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], 1.0)
    motion, _ = model(*inputs())
    motion.sum().backward()
    optimiser.step()
    assert all(p.grad is None for p in model.prior.parameters())
    assert all(torch.equal(v, before[k]) for k, v in model.prior.state_dict().items())
    assert model.enter[1].weight.grad is not None


@pytest.mark.parametrize("identity", ["mlp", "softmax", "none"])
def test_an_identity_scales_the_streams(identity):
    model = network(identity=identity, norm="layer").eval()
    speech, emotion, shape, known = inputs()
    with torch.no_grad():
        codes = [model(speech, emotion, s, known)[1] for s in (shape, 5 * torch.randn_like(shape))]
        z = [model.prior.book.flat(c.vectors) for c in codes]
    scales = None if model.identity is None else model.identity(torch.cat([shape, -shape]))
    assert (scales is None) == (identity == "none")
    assert identity == "none" or scales.std(0).max() > 0
    assert identity != "none" or torch.equal(z[0], z[1])


def test_takes_are_drawn_and_repeat_with_their_seed():
    model = network(temperature=5.0).eval()
    given = inputs(40)
    takes = [model(*given, torch.Generator().manual_seed(seed), sampled=True)[1].units for seed in (1, 1, 2)]
    assert torch.equal(takes[0], takes[1])
    assert not torch.equal(takes[0], takes[2])


@pytest.mark.parametrize("channels", [face_channels(50), ARKIT[:-1]])
def test_flame_and_arkit_go_through_the_same_code(channels):
    scale = MotionRange(channels)
    motion = torch.rand(1, 4, len(channels))
    assert torch.allclose(scale.undo(scale(motion)), motion, atol=1e-6)
    assert network(channels).eval()(*inputs())[0].shape == (2, 9, len(channels))
    wide = scale(torch.full((len(channels),), 3.0))
    assert wide[0] == pytest.approx(1.0 if channels[0] == "expression0" else 3.0)


def test_unknown_kinds_are_refused():
    with pytest.raises(ConfigError, match=r"network\.fusion is one of"):
        LsfConfig(fusion="sum")
