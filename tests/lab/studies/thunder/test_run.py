from dataclasses import replace

import pytest

from made_thunder import said_of
from utterface.errors import ConfigError
from utterface.lab.representations import open_representation
from utterface.lab.studies.kept import write_json
from utterface.lab.studies.thunder import recipes
from utterface.lab.studies.thunder.grid import SMALL, TINY, Best, Cell
from utterface.lab.studies.thunder.run import best_of, given_ears, opened_ears, rungs, units
from utterface.lab.systems.registry import make_system
from utterface.lab.training.checkpoints import load_average


def test_the_best_have_the_highest_concordance_on_validation_speakers(folder):
    rows = [row for row in SMALL.sweep() if row.listener]
    for row, ccc in zip(rows, (0.3, 0.5, 0.4, 0.1, 0.6), strict=True):
        (said,) = said_of({row: {"l_ccc": ccc}})[row]
        write_json(folder.cells / f"{Cell(row, 0).name}.json", {"valid": said, "test": {}})
    assert best_of(rows, folder) == Best(SMALL.heard(1.0, "face"), SMALL.heard(0.5))
    assert best_of(rows[:4], folder) == Best(SMALL.heard(0.5), SMALL.heard(0.5))


def test_ears_that_are_brought_along_are_known_by_what_they_look_at(runner):
    runner.train_ear("mouth")
    runner.train_before("diffusion", 0)
    mouth = runner.ear("mouth")
    assert given_ears([mouth]) == {"mouth": mouth.resolve()}
    with pytest.raises(ConfigError, match="are both of mouth"):
        given_ears([mouth, mouth])
    with pytest.raises(ConfigError, match="holds a thunder"):
        given_ears([runner.before("diffusion", 0)])


def test_listeners_of_all_kinds_go_on_from_the_voice_that_ships(folder):
    ears = opened_ears(SMALL, "ours:units", folder)
    assert list(ears) == ["vocoder"] and load_average(ears["vocoder"])[1]["system"] == "vocoder"
    opened, _, _ = load_average(recipes.begun(folder))
    before = recipes.begun(folder).stat().st_mtime_ns
    assert opened_ears(SMALL, "ours:units", folder) == ears and recipes.begun(folder).stat().st_mtime_ns == before
    for name in ("mouth", "face", "weights"):
        recipe = recipes.listener(SMALL, name, "ours:units", folder)
        assert recipe["train"]["initial"] == str(recipes.begun(folder))
        own = make_system(recipe).network.state_dict()
        fitting = {k for k, v in opened.items() if k in own and own[k].shape == v.shape}
        missing = {k.split(".")[0] for k in own.keys() - fitting}
        assert missing == ({"units", "enter"} if name == "weights" else {"units"})


def test_ears_begin_from_nothing_where_no_voice_is_named(folder):
    assert opened_ears(TINY, "mfcc", folder) == {}
    assert "initial" not in recipes.listener(TINY, "mouth", "mfcc", folder)["train"]


def test_units_are_clustered_once(grid, material, folder):
    name = units(grid, material, folder)
    assert open_representation(name).about.codebooks == (8,)
    before = (folder.ears / "units.safetensors").stat().st_mtime_ns
    assert units(grid, material, folder) == name
    assert (folder.ears / "units.safetensors").stat().st_mtime_ns == before
    assert units(replace(grid, clusters=0), material, folder) == "mfcc"


def test_nobody_climbs_higher_than_there_are_levels():
    assert rungs(replace(TINY, ladder=(("dpm++", 4), ("ddpm", 1000)))) == [("dpm++", 4)]
