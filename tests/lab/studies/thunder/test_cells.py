"""Ears, heads and rows of two steps: what is kept, and what is made anew when something changes."""

import json
from dataclasses import replace

import numpy as np
import pytest

from utterface.errors import ConfigError
from utterface.lab.measures.sampled import MEASURES
from utterface.lab.studies import kept
from utterface.lab.studies.thunder.cells import TRIVIAL, Runner
from utterface.lab.studies.thunder.grid import Cell
from utterface.lab.systems.thunder import CHANNELS


@pytest.fixture
def trained(monkeypatch) -> list[str]:
    """What was trained, one after another."""
    whole, found = kept.train, []

    def train(asked, report):
        found.append(asked["train"]["folder"].rsplit("/", 1)[1].rsplit("-", 1)[0])
        return whole(asked, report)

    monkeypatch.setattr(kept, "train", train)
    return found


def test_a_row_is_trained_judged_and_kept_and_only_what_changed_is_made_anew(runner, grid, trained, monkeypatch):
    plain, heard = Cell(grid.plain(), 0), Cell(grid.heard(0.5), 0)
    with pytest.raises(ConfigError, match=r"before-diffusion\.0 is not there"):
        runner.run(plain)
    runner.train_before("diffusion", 0)
    runner.train_ear("mouth")
    paths = [runner.run(cell) for cell in (plain, heard)]
    assert trained == ["before-diffusion.0", "mouth", "diffusion.0", "diffusion-mouth-0.5-kept.0"]
    told = json.loads(paths[1].read_text())
    assert told["row"] == {
        "decoder": "diffusion",
        "listener": "mouth",
        "weight": 0.5,
        "trust": "kept",
        "beside": "sound",
    }
    assert set(told["test"]) == {s.clip.id for s in runner.material.test} and told["spoken"] == {}
    row = next(iter(told["test"].values()))
    assert set(MEASURES) <= row.keys() and np.isfinite(list(row.values())).all()
    assert 0 < row["heard_right"] < row["heard_frames"] and row["heard_distance"] > 0
    assert row["s_div_u"] > 0 and row["bilabials"] == 2 * 3  # takes × what was said
    with np.load(runner.folder.cells / f"{heard.name}.npz") as faces:
        (name,) = faces.files
        assert faces[name].shape[0] == grid.samples and faces[name].shape[2] == len(CHANNELS)
        assert not np.array_equal(faces[name][0], faces[name][1])

    assert [runner.run(cell) for cell in (plain, heard)] == paths and len(trained) == 4
    other = replace(runner, grid=replace(grid, takes=1))  # judged anew, not trained anew
    other.run(heard)
    assert len(trained) == 4 and json.loads(paths[1].read_text())["mark"] != told["mark"]
    (runner.folder.ears / "mouth.json").unlink()
    louder = replace(runner, grid=replace(grid, listener=replace(grid.listener, rate=2e-3)))
    louder.train_ear("mouth")
    louder.run(plain)
    louder.run(heard)
    assert trained[4:] == ["mouth", "diffusion-mouth-0.5-kept.0"]  # another listener: its own rows alone


def test_a_half_done_run_goes_on_and_one_of_something_else_does_not(runner, grid, monkeypatch):
    whole, told = kept.train, []

    def stopping(asked, report):
        whole({**asked, "train": {**asked["train"], "steps": 1}}, told.append)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(kept, "train", stopping)
        runner.train_before("diffusion", 0)
    monkeypatch.setattr(kept, "train", lambda asked, report: whole(asked, told.append))
    runner.train_before("diffusion", 0)
    assert told.count("going on from step 1") == 1
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(kept, "train", stopping)
        runner.train_before("diffusion", 1)
    other = replace(runner, grid=replace(grid, head=replace(grid.head, rate=2e-3)))
    other.train_before("diffusion", 1)
    assert told.count("going on from step 1") == 1


def test_a_decoder_that_does_not_sample_has_one_take(runner, grid):
    plain = replace(grid, before=0)
    told = json.loads(Runner(plain, runner.material, runner.folder, runner.units).run(
        Cell(grid.plain("transformer"), 0)
    ).read_text())  # fmt: skip
    row = next(iter(told["test"].values()))
    assert row["s_div_u_sounds"] == 0 < row["t_div_u_sounds"] and row["bilabials"] == 3
    with np.load(runner.folder.cells / "transformer.0.npz") as faces:
        assert faces[faces.files[0]].shape[0] == 1


def test_the_floor_and_the_corpus_itself(runner):
    told = json.loads(runner.trivial().read_text())
    mean, others = (told[name]["test"] for name in TRIVIAL[:2])
    assert set(mean) == set(others) == {s.clip.id for s in runner.material.test}
    for key, row in others.items():
        assert row["l_ccc"] > mean[key]["l_ccc"] and row["t_div_u"] > 0
        assert mean[key]["fdd_u"] > 0 == mean[key]["s_div_u_sounds"]


def test_rungs_of_the_ladder_differ_in_nothing_but_the_sampler(runner, grid):
    cell = Cell(grid.plain(), 0)
    plain = replace(runner, grid=replace(grid, before=0))
    plain.run(cell)
    few, many = (json.loads(plain.climb(cell, *rung).read_text()) for rung in (("dpm++", 2), ("ddpm", 10)))
    assert few["test"].keys() == many["test"].keys() and few["test"] != many["test"]
    assert (few["sampler"], few["steps"], many["steps"]) == ("dpm++", 2, 10)


def test_ears_that_were_brought_along_are_not_trained(runner, trained):
    path = runner.train_ear("mouth")
    given = replace(runner, given={"mouth": path}, folder=replace(runner.folder, root=runner.folder.root / "x"))
    assert given.train_ear("mouth") == path and trained == ["mouth"]
