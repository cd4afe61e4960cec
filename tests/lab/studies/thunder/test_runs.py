"""Models, base models and variants of two steps: what is kept, and what is trained again when something changes."""

import json
from dataclasses import replace

import numpy as np
import pytest

from support.thunder_results import sums_of
from utterface.errors import ConfigError
from utterface.lab.measures.catalogue import figures, select
from utterface.lab.measures.sampled import MEASURES
from utterface.lab.networks.mesh_to_speech import SPREAD
from utterface.lab.representations import open_representation
from utterface.lab.studies import store
from utterface.lab.studies.mesh_to_speech import TrainedMeshToSpeech
from utterface.lab.studies.runs import MEAN_FACE, TRIVIAL, VariantRun
from utterface.lab.studies.store import read_json, write_json
from utterface.lab.studies.thunder import recipes
from utterface.lab.studies.thunder.runs import (
    PERFORMANCES,
    best_of,
    m2s_sums,
    open_shipped,
    open_units,
    read_models,
    sampler_name,
    samplers_of,
)
from utterface.lab.studies.thunder.sizes import SMALL, SMOKE, Best
from utterface.lab.systems.mesh_to_speech import MeshToSpeechSystem
from utterface.lab.systems.thunder import CHANNELS
from utterface.lab.training.checkpoints import load_average


@pytest.fixture
def trained(monkeypatch) -> list[str]:
    """What was trained, one after another."""
    whole, result = store.train, []

    def train(asked, report):
        result.append(asked["train"]["folder"].rsplit("/", 1)[1].rsplit("-", 1)[0])
        return whole(asked, report)

    monkeypatch.setattr(store, "train", train)
    return result


def test_only_changed_variants_are_trained_again(runner, size, trained, monkeypatch):
    plain, heard = VariantRun(size.plain(), 0), VariantRun(size.with_loss(0.5), 0)
    with pytest.raises(ConfigError, match=r"base-diffusion\.0 is missing"):
        runner.run(plain)
    runner.train_base("diffusion", 0)
    runner.train_model("mouth")
    paths = [runner.run(cell) for cell in (plain, heard)]
    assert trained == ["base-diffusion.0", "mouth", "diffusion.0", "diffusion-mouth-0.5-kept.0"]
    told = json.loads(paths[1].read_text())
    assert set(told["test"]) == {s.clip.id for s in runner.material.test} and told["spoken"] == {}
    row = next(iter(told["test"].values()))
    assert set(MEASURES) <= row.keys() and np.isfinite(list(row.values())).all()
    assert 0 < row["m2s_right"] < row["m2s_frames"] and row["m2s_distance"] > 0
    assert row["s_div_u"] > 0 and row["bilabials"] == 2 * 3  # takes × what was said
    with np.load(runner.folder.runs / f"{heard.name}.npz") as faces:
        (name,) = faces.files
        assert faces[name].shape[0] == size.samples and faces[name].shape[2] == len(CHANNELS)
        assert not np.array_equal(faces[name][0], faces[name][1])

    assert [runner.run(cell) for cell in (plain, heard)] == paths and len(trained) == 4
    other = replace(runner, size=replace(size, takes=1))  # judged anew, not trained anew
    other.run(heard)
    assert len(trained) == 4 and json.loads(paths[1].read_text())["mark"] != told["mark"]
    (runner.folder.models / "mouth.json").unlink()
    louder = replace(runner, size=replace(size, m2s=replace(size.m2s, rate=2e-3)))
    louder.train_model("mouth")
    louder.run(plain)
    louder.run(heard)
    assert trained[4:] == ["mouth", "diffusion-mouth-0.5-kept.0"]  # another listener: its own rows alone


def test_a_stopped_run_resumes_and_another_does_not(runner, size, monkeypatch):
    whole, told = store.train, []

    def stopping(asked, report):
        whole({**asked, "train": {**asked["train"], "steps": 1}}, told.append)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(store, "train", stopping)
        runner.train_base("diffusion", 0)
    monkeypatch.setattr(store, "train", lambda asked, report: whole(asked, told.append))
    runner.train_base("diffusion", 0)
    assert sum(line.startswith("resuming at step 1") for line in told) == 1
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(store, "train", stopping)
        runner.train_base("diffusion", 1)
    other = replace(runner, size=replace(size, model=replace(size.model, rate=2e-3)))
    other.train_base("diffusion", 1)
    assert sum(line.startswith("resuming at step 1") for line in told) == 1


def test_a_decoder_that_does_not_sample_has_one_take(runner, size):
    path = replace(runner, size=replace(size, base_steps=0)).run(VariantRun(size.plain("transformer"), 0))
    row = next(iter(read_json(path)["test"].values()))
    assert row["s_div_u_sounds"] == 0 < row["t_div_u_sounds"] and row["bilabials"] == 3
    with np.load(runner.folder.motion("transformer.0")) as faces:
        assert faces[faces.files[0]].shape[0] == 1


def test_the_floor_and_the_corpus_itself(runner):
    runner.trivial()
    sums = read_json(runner.folder.figures(TRIVIAL))
    mean, others = (sums[name]["test"] for name in (MEAN_FACE, PERFORMANCES))
    assert set(mean) == set(others) == {s.clip.id for s in runner.material.test}
    for key, row in others.items():
        assert row["l_ccc"] > mean[key]["l_ccc"] and row["t_div_u"] > 0
        assert mean[key]["fdd_u"] > 0 == mean[key]["s_div_u_sounds"]


def test_samplers_are_compared_on_the_same_weights(runner, size):
    run = VariantRun(size.plain(), 0)
    plain = replace(runner, size=replace(size, base_steps=0))
    plain.run(run)
    sums = []
    for sampler in (("dpm++", 2), ("ddpm", 10)):
        plain.sample(run, *sampler)
        sums.append(read_json(runner.folder.figures(sampler_name(*sampler)))["test"])
    assert sums[0].keys() == sums[1].keys() and sums[0] != sums[1]


def test_given_models_are_not_trained_and_are_known_by_their_input(runner, trained):
    runner.train_model("mouth")
    path = runner.model("mouth")
    given = replace(runner, given=read_models([path]), folder=replace(runner.folder, root=runner.folder.root / "x"))
    given.train_model("mouth")
    assert given.model("mouth") == path.resolve() and trained == ["mouth"]
    with pytest.raises(ConfigError, match="are both of mouth"):
        read_models([path, path])
    runner.train_base("diffusion", 0)
    with pytest.raises(ConfigError, match="holds a thunder"):
        read_models([runner.base("diffusion", 0)])


def test_the_best_have_the_highest_concordance_on_validation_speakers(runner, folder):
    small = replace(runner, size=SMALL)
    variants = [v for v in SMALL.sweep() if v.input]
    for variant, ccc in zip(variants, (0.3, 0.5, 0.4, 0.1, 0.6), strict=True):
        (sums,) = sums_of({variant: {"l_ccc": ccc}})[variant]
        write_json(folder.figures(VariantRun(variant, 0).name), {"valid": sums, "test": {}})
    assert best_of(small, {}) == Best(SMALL.with_loss(1.0, "face"), SMALL.with_loss(0.5))
    failed = {VariantRun(variants[4], 0).name: "why"}
    assert best_of(small, failed) == Best(SMALL.with_loss(0.5), SMALL.with_loss(0.5))
    with pytest.raises(ConfigError, match="no variant of the sweep to choose from: why"):
        best_of(small, {VariantRun(v, 0).name: "why" for v in variants})


def test_models_of_all_inputs_begin_from_the_shipped_bundle(folder):
    models = open_shipped(SMALL, "ours:units", folder)
    assert list(models) == ["vocoder"] and load_average(models["vocoder"])[1]["system"] == "vocoder"
    opened, _, _ = load_average(recipes.shipped(folder))
    before = recipes.shipped(folder).stat().st_mtime_ns
    assert open_shipped(SMALL, "ours:units", folder) == models
    assert recipes.shipped(folder).stat().st_mtime_ns == before
    for name in ("mouth", "face", "weights"):
        recipe = recipes.mesh_to_speech(SMALL, name, "ours:units", folder)
        assert recipe["train"]["initial"] == str(recipes.shipped(folder))
        own = MeshToSpeechSystem(recipe).network.state_dict()
        fitting = {k for k, v in opened.items() if k in own and own[k].shape == v.shape}
        missing = {k.split(".")[0] for k in own.keys() - fitting}
        assert missing == ({"units", "enter"} if name == "weights" else {"units"})
    assert open_shipped(SMOKE, "mfcc", folder) == {}


def test_units_are_clustered_once(size, material, folder):
    name = open_units(size, material, folder)
    assert open_representation(name).about.codebooks == (8,)
    before = (folder.models / "units.safetensors").stat().st_mtime_ns
    assert open_units(size, material, folder) == name
    assert (folder.models / "units.safetensors").stat().st_mtime_ns == before
    assert open_units(replace(size, clusters=0), material, folder) == "mfcc"


def test_no_sampler_has_more_steps_than_noise_levels():
    assert samplers_of(replace(SMOKE, samplers=(("dpm++", 4), ("ddpm", 1000)))) == [("dpm++", 4)]


def test_mesh_to_speech_sums_are_the_loss_and_the_units_predicted_right(runner, material):
    """Of the true faces of two sounds, by the model's own output; a face ends before its sound and is held."""
    runner.train_model("mouth")
    trained, rows, apart, right, surprise = TrainedMeshToSpeech(runner.model("mouth")), [], [], [], []
    for sound in material.test:
        target, face = trained.read(sound.clip), runner.reference(sound.clip)
        rows.append(m2s_sums(trained, target, face))
        moved = face.select(trained.model.channels)
        held = np.repeat(moved[-1:], len(target.motion) - len(moved), 0)
        mel, logits = trained.predict(target, np.concatenate([moved, held]))
        apart.append(np.abs(mel - target.mel).mean(1))
        right.append(logits.argmax(1) == target.units)
        chances = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        surprise.append(-np.log(chances[np.arange(len(target.units)), target.units]))
    totals = {name: np.array(sum(row[name] for row in rows)) for name in rows[0]}
    result = figures(totals, select(("m2s_loss", "m2s_units")))
    assert result["m2s_units"] == pytest.approx(np.concatenate(right).mean())
    loss = 10 * np.concatenate(apart).mean() / SPREAD + np.concatenate(surprise).mean()
    assert result["m2s_loss"] == pytest.approx(loss, rel=1e-4)
