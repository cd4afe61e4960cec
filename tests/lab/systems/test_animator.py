from pathlib import Path

import pytest
import torch

from utterface.articulation import ARTICULATORS
from utterface.engines.bundle import CONTROLS
from utterface.errors import ConfigError
from utterface.lab.bundles.articulators import export
from utterface.lab.networks.animator import animator_config
from utterface.lab.systems.animator import make
from utterface.lab.systems.registry import train
from utterface.lab.training.recipe import read_recipe


def test_a_recipe_describes_the_network(recipe):
    config = animator_config(read_recipe(recipe))
    assert config.articulators == ARTICULATORS
    assert config.taps == ((-1, 0, 1), (-2, -1, 0))
    with pytest.raises(ConfigError, match=r"\[network\] has no key 'wide'"):
        animator_config(read_recipe(recipe, ["network.wide=3"]))


def test_losses_are_a_function_of_batch_and_seed(recipe):
    system = make(read_recipe(recipe, ["network.dropout=0.0"]))
    batch = next(system.batches(0, 1))
    first, again, other = (system.losses(system.network, batch, (0, step)) for step in (3, 3, 4))
    assert first.keys() == {"articulators", "velocity", "closure", "silence", "phones"}
    assert torch.equal(first["phones"], again["phones"])
    assert not torch.equal(first["phones"], other["phones"])


def test_a_worker_makes_the_same_batches(recipe):
    plain = make(read_recipe(recipe)).batches(2, 1)
    worked = make(read_recipe(recipe, ["data.workers=1"])).batches(2, 1)
    for _ in range(3):
        assert torch.equal(next(plain).samples, next(worked).samples)


def test_validation_needs_held_out_speakers(recipe):
    system = make(read_recipe(recipe, ['data.held_out=["test"]']))
    with pytest.raises(ConfigError, match=r"no clips of .*test"):
        system.validate(system.network)


ASKED = ['network.controls=["strength", "joy", "disgust"]', "losses.lip_gap=0.1", "network.dropout=0.0"]


def test_controls_and_lips_are_learned_where_the_recipe_says_so(recipe):
    system = make(read_recipe(recipe, ASKED))
    batch = next(system.batches(0, 1))
    parts = system.losses(system.network, batch, (0, 0))
    assert parts.keys() >= {"expression", "lip_gap"}
    torch.stack(list(parts.values())).sum().backward()
    moved = {name for name, p in system.network.named_parameters() if p.grad is not None and p.grad.any()}
    assert {"asked.0.weight", "asked.2.weight", "shown.weight"} <= moved


def test_a_network_learns_to_follow_its_controls(recipe):
    """After some steps on two crops the jaw follows the strength that is told, and a mood shows."""
    system = make(read_recipe(recipe, [*ASKED, "controls.strength=1.0", "controls.mood=1.0", "data.batch=8"]))
    optimiser = torch.optim.Adam(system.network.parameters(), 1e-2)
    batch = next(system.batches(0, 1))
    losses = []
    for _ in range(60):
        parts = system.losses(system.network, batch, (0, 0))
        optimiser.zero_grad()
        torch.stack(list(parts.values())).sum().backward()
        optimiser.step()
        losses.append(float(parts["articulators"].detach() + parts["expression"].detach()))
    assert losses[-1] < 0.5 * losses[0]
    network = system.network.eval()
    asked = [torch.tensor([[s, 0.8, 0.0]]) for s in (0.5, 1.5)]
    with torch.inference_mode():
        weak, strong = (network.step(batch.samples[:1], network.zero_state(1), a)[0] for a in asked)
    jaw = ARTICULATORS.index("jaw")
    assert strong.articulators[..., jaw].max() > 1.5 * weak.articulators[..., jaw].max()


def test_controls_that_are_none_are_refused(recipe):
    with pytest.raises(ConfigError, match="glee"):
        make(read_recipe(recipe, ['network.controls=["glee"]']))
    with pytest.raises(ConfigError, match=r"\[controls\] has no key 'moods'"):
        make(read_recipe(recipe, ["controls.moods=1"]))


def test_the_recipe_that_ships_keeps_what_is_promised():
    system = make(read_recipe(Path(__file__).parents[3] / "recipes" / "animator.toml"))
    assert system.network.config.controls == CONTROLS and system.gap is not None
    assert sum(p.numel() for p in system.network.parameters()) < 8e6
    assert system.network.config.look_ahead + 2 / 50 <= 0.160  # a frame to smooth, one to interpolate
    assert sum(system.data.shares.values()) == pytest.approx(1)
    assert system.augmentation.opus > 0


def test_a_teacher_is_learned_from_and_stays_out_of_the_bundle(recipe, tmp_path):
    taught = ['data.teacher="phones"', f'data.store="{tmp_path}"', "network.tokens=191"]
    checkpoint = train(read_recipe(recipe, taught), lambda line: None)
    plain = train(read_recipe(recipe, [f'train.folder="{tmp_path / "plain"}"']), lambda line: None)
    sizes = [
        (export(c, tmp_path / f"bundle{i}", {"licence": "MIT"}, "card") / "model.onnx").stat().st_size
        for i, c in enumerate((checkpoint, plain))
    ]
    assert sizes[0] == sizes[1]
    system = make(read_recipe(recipe, taught))
    parts = system.losses(system.network, next(system.batches(0, 1)), (0, 0))
    parts["teacher"].backward()
    assert system.network.enter.weight.grad.abs().sum() > 0
    with pytest.raises(ConfigError, match=r"191 tokens; set network\.tokens"):
        make(read_recipe(recipe, taught[:2]))
    with pytest.raises(ConfigError, match=r"data\.teacher names no representation"):
        make(read_recipe(recipe, ["network.tokens=191"]))
