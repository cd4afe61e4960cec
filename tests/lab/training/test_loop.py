import json

import pytest
import torch
from safetensors.torch import load_file

from utterface.errors import ConfigError, ModelError
from utterface.lab.systems.registry import make_system, train
from utterface.lab.training.checkpoints import load_average, trained_seconds
from utterface.lab.training.loop import schedule
from utterface.lab.training.recipe import TrainConfig, read_recipe


def quiet(line: str) -> None:
    pass


def test_a_resumed_run_gives_the_same_bits(recipe, tmp_path):
    whole = load_file(train(read_recipe(recipe), quiet))
    stops = [f"train.folder={tmp_path / 'halves'}", "train.decay=0.01"]
    short = read_recipe(recipe, [*stops, "train.steps=2"])
    again = read_recipe(recipe, stops)
    straight = load_file(train(read_recipe(recipe, [stops[1], f"train.folder={tmp_path / 'straight'}"]), quiet))
    train(short, quiet)
    halves = load_file(train(again, quiet))
    assert straight.keys() == halves.keys() == whole.keys()
    assert all(torch.equal(straight[k], halves[k]) for k in straight)
    twice = load_file(train(read_recipe(recipe, [f"train.folder={tmp_path / 'twice'}"]), quiet))
    assert all(torch.equal(whole[k], twice[k]) for k in whole)


def test_a_changed_recipe_resumes_only_when_requested(recipe, tmp_path):
    last = train(read_recipe(recipe, ["train.steps=3", "train.log_every=1", "train.save_every=2"]), quiet)
    begun = trained_seconds(last)
    log = tmp_path / "run" / "log.jsonl"
    with log.open("a") as file:
        file.write('{"step": 4, "loss": 0.5}\n{"step": 5, "lo')  # beyond the checkpoint, and cut short
    told: list[str] = []
    again = ["train.steps=5", "train.log_every=1", "train.rate=0.5", "data.shares.toy=0.3"]
    with pytest.raises(ConfigError, match=r"another data.shares.toy, train.rate; choose another train.folder"):
        train(read_recipe(recipe, again), told.append)
    assert trained_seconds(train(read_recipe(recipe, again), told.append, resume_anyway=True)) > begun > 0
    assert told[0] == "resuming at step 3; changed in the recipe since: data.shares.toy, train.rate"
    losses = [json.loads(line) for line in log.read_text().splitlines()]
    assert [row["step"] for row in losses if "loss" in row] == [1, 2, 3, 4, 5]
    told.clear()
    train(read_recipe(recipe, [*again, "train.steps=6"]), told.append)
    assert told[0] == "resuming at step 5"


def test_a_figure_that_nothing_measures_chooses_nothing(recipe):
    with pytest.raises(ConfigError, match=r"nothing measures 'closure'; there are closure_f1"):
        train(read_recipe(recipe, ["train.select=closure"]), quiet)


def test_a_run_begins_from_the_weights_of_another_that_fit(recipe, tmp_path):
    first = train(read_recipe(recipe), quiet)
    heard: list[str] = []
    still = ["train.steps=1", "train.rate=0.0", "train.weight_decay=0.0", f"train.initial={first}"]
    other = read_recipe(recipe, [*still, f"train.folder={tmp_path / 'other'}", "network.pooled=6"])
    begun, weights = load_average(train(other, heard.append))[0], load_average(first)[0]
    alike = [k for k in weights if begun[k].shape == weights[k].shape]
    assert 0 < len(alike) < len(weights)
    learned = [k for k in alike if "running" not in k and weights[k].is_floating_point()]  # statistics go on moving
    assert all(torch.allclose(begun[k], weights[k]) for k in learned)
    assert f"{len(alike)} of {len(weights)}" in heard[0]
    foreign = read_recipe(recipe, [f"train.initial={tmp_path / 'none'}", f"train.folder={tmp_path / 'third'}"])
    with pytest.raises(ModelError, match="no checkpoint"):
        train(foreign, quiet)


def test_checkpoints_hold_their_recipe_and_the_log_the_figures(recipe, tmp_path):
    last = train(read_recipe(recipe), quiet)
    weights, kept, step = load_average(last)
    assert step == 4
    assert kept["network"]["width"] == 16
    make_system(kept).network.load_state_dict(weights)
    rows = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert {"loss", "closure", "phones"} <= rows[0].keys()
    assert any("closure_f1" in row for row in rows)
    assert (tmp_path / "run" / "best.safetensors").exists()


def test_a_run_that_never_validates_chooses_nothing(recipe, tmp_path):
    last = train(read_recipe(recipe, ["train.validate_every=0"]), quiet)
    rows = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert last.exists() and not any("closure_f1" in row for row in rows)
    assert not (tmp_path / "run" / "best.safetensors").exists()


def test_learning_lowers_the_loss(recipe, tmp_path):
    train(
        read_recipe(recipe, ["train.steps=30", "train.rate=0.01", "train.validate_every=30", "train.log_every=5"]),
        quiet,
    )
    rows = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    losses = [row["loss"] for row in rows if "loss" in row]
    assert losses[-1] < 0.6 * losses[0]


def test_another_network_does_not_go_on(recipe):
    train(read_recipe(recipe), quiet)
    with pytest.raises(ConfigError, match="another network"):
        train(read_recipe(recipe, ["train.steps=6", "network.width=24"]), quiet)


def test_the_schedule_rises_holds_and_falls(tmp_path):
    config = TrainConfig(tmp_path, steps=100, warmup=10, decay=0.2)
    rates = [schedule(s, config) for s in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[10:80] == [1.0] * 70
    assert rates[90] == pytest.approx(0.5)
    assert rates[99] < 0.1


def test_a_missing_validation_split_is_found_before_the_first_step(recipe, tmp_path):
    lines: list[str] = []
    with pytest.raises(ConfigError, match="no clips of"):
        train(read_recipe(recipe, ["data.held_out=['none']"]), lines.append)
    assert not lines and not (tmp_path / "run").exists()
    train(read_recipe(recipe, ["data.held_out=['none']", "train.validate_every=0", "train.steps=1"]), quiet)
