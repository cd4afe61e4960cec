import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from utterface.lab.studies.tokens.cells import CHANNELS, Cells, predict, reference
from utterface.lab.studies.tokens.grid import Cell, recipe
from utterface.lab.systems.tokens_to_faces import make


@pytest.fixture
def runner(grid, material, folder) -> Cells:
    return Cells(grid, material, folder, None)


def test_a_cell_is_trained_judged_and_kept(runner, material, folder):
    told = json.loads(runner.run(Cell("mel", "gru_diffusion", 0), "mel").read_text())
    assert set(told["test"]) == {c.id for c in material.test} and told["spoken"] == {}
    assert all(row["clips"] == 1 and np.isfinite(list(row.values())).all() for row in told["test"].values())
    assert sum(row["varied"] for row in told["test"].values()) == 1  # takes of one clip
    assert told["train_seconds"] > 0 and [step for step, _ in told["losses"]] == [1, 2, 3, 4]
    assert not list((folder.work / "runs").iterdir())
    with np.load(folder.cells / "mel.gru_diffusion.0.npz") as kept:
        assert {kept[name].shape[1] for name in kept} == {len(CHANNELS)} and len(kept.files) == 1


def test_a_finished_cell_is_left_alone_and_another_budget_is_run_anew(runner, grid, material, folder):
    cell = Cell("mel", "animator", 1)
    path = runner.run(cell, "mel")
    before = path.stat().st_mtime_ns
    assert Cells(grid, material, folder, None).run(cell, "mel").stat().st_mtime_ns == before
    assert not (folder.cells / "mel.animator.1.npz").exists()  # only the first seed's faces are shown
    Cells(replace(grid, steps=5), material, folder, None).run(cell, "mel")
    assert json.loads(path.read_text())["losses"][-1][0] == 5


def test_judging_anew_trains_nothing_anew(runner, grid, material, folder, monkeypatch):
    cell = Cell("mel", "animator", 0)
    runner.run(cell, "mel")
    monkeypatch.setattr("utterface.lab.studies.kept.train", lambda *a: pytest.fail("trained again"))
    fewer = replace(material, test=material.test[:2])
    told = json.loads(Cells(grid, fewer, folder, None).run(cell, "mel").read_text())
    assert len(told["test"]) == 2


def test_a_cell_stopped_in_the_middle_goes_on(runner, grid, folder):
    cell = Cell("mel", "animator", 0)

    def stop_at_the_third(line: str) -> None:
        if line.startswith("step 3"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runner.run(cell, "mel", stop_at_the_third)
    told = []
    runner.run(cell, "mel", told.append)
    assert told[0] == "going on from step 2"


def test_the_same_seed_makes_the_same_cell(runner, folder):
    cell = Cell("mel", "transformer", 0)
    first = json.loads(runner.run(cell, "mel").read_text())["test"]
    shutil.rmtree(folder.work / "weights")
    (folder.cells / "mel.transformer.0.json").unlink()
    assert json.loads(runner.run(cell, "mel").read_text())["test"] == first


def test_the_floor_and_the_ceiling(runner):
    told = json.loads(runner.trivial().read_text())
    mean, best = (sum(row["squared_error"] for row in told[k]["test"].values()) for k in ("mean", "reference"))
    assert best == 0 < mean
    assert all(row["shaken"] < 0.1 for row in told["mean"]["test"].values())


@pytest.mark.parametrize("kind", ["transformer", "gru_diffusion", "animator"])
def test_clips_together_move_as_they_do_alone(grid, material, folder, kind):
    system = make(recipe(grid, Cell("mel", kind, 0), "mel", folder))
    network = system.network.eval()
    together = predict(system, network, material.test, seed=3)
    assert [len(m) for m in together] == [len(reference(c)) for c in material.test]
    alone = predict(system, network, material.test[:1], seed=3)[0]
    assert together[0].values == pytest.approx(alone.values, abs=1e-4)
    other = predict(system, network, material.test[:1], seed=4)[0]
    assert np.allclose(alone.values, other.values) == (kind != "gru_diffusion")
    if kind == "gru_diffusion":
        first, second = predict(system, network, [material.test[0]] * 2, seed=3)
        assert not np.allclose(first.values, second.values)  # takes of one sound
