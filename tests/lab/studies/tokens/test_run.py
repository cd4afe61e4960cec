from dataclasses import replace

import pytest

from utterface.errors import ConfigError
from utterface.lab.studies.tokens import run
from utterface.lab.studies.tokens.cells import Cells


def nothing(*said) -> None:
    pass


@pytest.fixture
def asked(grid, toy, tmp_path, monkeypatch) -> run.Asked:
    monkeypatch.setenv("UTTERFACE_CACHE", str(tmp_path / "cache"))
    decoders = {"animator": grid.decoders["animator"]}
    return run.Asked(replace(grid, decoders=decoders, steps=2), (toy,), processes=1)


def test_every_cell_has_its_figures(asked, folder):
    said, told = [], []
    finished = run.train_all(asked, folder, lambda what, part: said.append((what, part)), told.append)
    assert not finished.failed and not finished.missing
    assert [o.entry.key for o in finished.opened] == ["mel", "units"]
    names = {p.stem for p in folder.cells.glob("*.json")}
    assert names == {"mel.animator.0", "units.animator.0", "trivial"}
    assert said[-1] == ("training, 3 of 3, about 0 s left", 1.0)
    assert any(line.startswith("training: 2 of 3, mel.animator.0, about") for line in told)


def test_a_cell_that_fails_is_told_and_the_others_go_on(asked, folder, monkeypatch):
    whole = Cells.run

    def broken(self, cell, representation, report=nothing):
        if cell.representation == "mel":
            raise ValueError("the loss\nis no number")
        return whole(self, cell, representation, report)

    monkeypatch.setattr(Cells, "run", broken)
    told = []
    finished = run.train_all(asked, folder, nothing, told.append)
    assert finished.failed == {"mel.animator.0": "ValueError: the loss"}
    assert (folder.cells / "units.animator.0.json").exists()
    assert any(line.startswith("failed: mel.animator.0") for line in told)


def test_more_seeds_are_welcome_and_another_budget_is_refused(asked, folder):
    run.train_all(asked, folder, nothing, nothing)
    more = replace(asked, grid=replace(asked.grid, seeds=2), representations=("mel",))
    assert not run.train_all(more, folder, nothing, nothing).failed
    assert (folder.cells / "mel.animator.1.json").exists()
    with pytest.raises(ConfigError, match="a run with another steps; choose another output folder"):
        run.train_all(replace(asked, grid=replace(asked.grid, steps=3)), folder, nothing, nothing)


def test_without_any_representation_nothing_runs(asked, folder):
    with pytest.raises(ConfigError, match="none of the representations is here"):
        run.train_all(replace(asked, representations=("ours:gone",)), folder, nothing, nothing)
