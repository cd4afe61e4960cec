import json
from pathlib import Path

import numpy as np
import pytest
import torch

from utterface.errors import ConfigError, ModelError
from utterface.lab.decoders import DECODERS
from utterface.lab.systems.registry import make_system, train
from utterface.lab.systems.tokens_to_faces import TokensToFaces, make
from utterface.lab.training.recipe import read_recipe

RATES = {"transformer": 3e-3, "gru_diffusion": 1e-2, "diffusion_transformer": 3e-3, "animator": 1e-2}


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("discrete", [False, True])
def test_every_decoder_learns_from_vectors_and_from_units(tokens_recipe, units, decoder, discrete, tmp_path):
    overrides = [f"speech.representation={units}"] if discrete else []
    last = train(tokens_recipe(decoder, *overrides), lambda line: None)
    assert last.is_file()
    rows = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    figures = rows[-1]
    assert {"lve", "jitter", "bcs", "r2", "closure_f1"} <= figures.keys()
    assert all(np.isfinite(figures[k]) for k in ("lve", "jitter", "bcs", "r2"))
    expected = {"weights", "velocity", "acceleration"}
    expected -= {"gru_diffusion": {"velocity", "acceleration"}, "diffusion_transformer": {"acceleration"}}.get(
        decoder, set()
    )
    assert rows[0].keys() & {"weights", "velocity", "acceleration", "gap"} == expected


@pytest.mark.parametrize("decoder", DECODERS)
def test_learning_makes_the_faces_better(tokens_recipe, decoder):
    torch.manual_seed(0)
    options = ["decoder.dropout=0.0", "data.batch=4", "losses.velocity=0.0", "losses.acceleration=0.0"]
    system = make_system(tokens_recipe(decoder, *options))
    assert isinstance(system, TokensToFaces)
    before = system.validate(system.network)
    optimiser, batches = torch.optim.Adam(system.network.parameters(), RATES[decoder]), system.batches(0, 1)
    for step in range(60):
        loss = torch.stack(list(system.losses(system.network, next(batches), (0, step)).values())).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    after = system.validate(system.network)
    assert after["lve"] < 0.5 * before["lve"]
    assert after["r2"] > before["r2"]
    assert system.network.training  # left as training needs it


def test_losses_are_a_function_of_batch_and_seed(tokens_recipe):
    system = make(tokens_recipe("gru_diffusion", "decoder.dropout=0.0"))
    batch = next(system.batches(0, 1))
    first, again, other = (system.losses(system.network, batch, (0, step))["weights"] for step in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_the_lip_gap_can_be_learned_from(tokens_recipe):
    system = make(tokens_recipe("transformer", "losses.gap=0.1", "losses.closing=3.0"))
    parts = system.losses(system.network, next(system.batches(0, 1)), (0, 0))
    assert parts["gap"] > 0
    parts["gap"].backward()
    assert torch.isfinite(system.network.decoder.leave.weight.grad).all()


@pytest.mark.parametrize("decoder", DECODERS)
def test_a_seed_makes_a_take_of_any_length(tokens_recipe, decoder):
    system = make(tokens_recipe(decoder))
    system.network.eval()
    for seconds in (0.02, 0.73, 2.5):
        samples = np.random.default_rng(0).standard_normal(int(seconds * 16000)).astype(np.float32) * 0.1
        track = system.face.tracks.encode(samples)
        first, again, other = (system.face.animate(system.network, track, seconds, seed) for seed in (1, 1, 2))
        assert len(first) == np.ceil(seconds * 30)
        assert np.isfinite(first.values).all()
        assert np.array_equal(first.values, again.values)
        assert np.array_equal(first.values, other.values) == (system.network.decoder.schedule is None)


def test_the_vectors_of_units_may_be_read_instead(tokens_recipe, units):
    system = make(tokens_recipe("transformer", f"speech.representation={units}", "speech.units=false"))
    batch = next(system.batches(0, 1))
    assert batch.speech.is_floating_point()
    assert batch.speech.shape[2] == 80
    assert torch.isfinite(system.losses(system.network, batch, (0, 0))["weights"])


def test_recipes_are_checked(tokens_recipe, tmp_path):
    with pytest.raises(ConfigError, match="mel has no units"):
        make(tokens_recipe("transformer", "speech.units=true"))
    with pytest.raises(ConfigError, match=r"no clips of .*test"):
        system = make(tokens_recipe("transformer", 'data.held_out=["test"]'))
        system.validate(system.network)
    with pytest.raises(ConfigError, match=r"\[losses\] has no key 'speed'"):
        make(tokens_recipe("transformer", "losses.speed=1.0"))
    with pytest.raises(ModelError, match="codebook"):
        make(tokens_recipe("transformer", f"speech.representation=mel#{tmp_path / 'none.safetensors'}"))


@pytest.mark.parametrize("kind", sorted(DECODERS))
def test_the_papers_recipe_takes_any_decoder(kind, toy):
    here = [f"data.root={toy}", 'data.corpora=["toy"]', 'data.validation=["toy"]']
    system = make_system(
        read_recipe(Path(__file__).parents[3] / "recipes" / "tokens_paper.toml", [*here, f"decoder.kind={kind}"])
    )
    assert isinstance(system.network.decoder, DECODERS[kind].decoder)
