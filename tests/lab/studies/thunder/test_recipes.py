from dataclasses import replace

import pytest

from utterface.lab.losses.mesh_to_speech import MeshToSpeechLossConfig
from utterface.lab.studies.thunder import recipes
from utterface.lab.studies.thunder.grid import FULL, SMALL, TINY, Cell, Folder
from utterface.lab.training.recipe import TrainConfig, config_from


@pytest.mark.parametrize("grid", [TINY, SMALL, FULL])
def test_what_is_planned_can_be_trained(grid, tmp_path):
    """Recipes hold keys that there are, and no more levels are walked than there are."""
    folder = Folder(tmp_path)
    heard = recipes.head(grid, Cell(grid.heard(0.5), 1), tmp_path / "ear", tmp_path / "first", folder)
    plain = recipes.head(grid, Cell(grid.plain("gru"), 0), None, None, folder)
    assert heard["losses"] == {"hearing": 0.5} and heard["hearing"]["trust"] == grid.trust
    assert heard["train"]["initial"] == str(tmp_path / "first") and "initial" not in plain["train"]
    assert "losses" not in plain and plain["sampling"]["steps"] <= recipes.levels(grid, "gru")
    assert recipes.levels(grid, "transformer") == 0
    before = recipes.before(grid, "diffusion", 0, folder)
    assert before["train"]["steps"] == grid.before and before["train"]["decay"] == 0
    ears = [recipes.listener(grid, "mouth", "ours:units", folder), recipes.vocoder(grid, folder)]
    for asked in (heard, plain, before, *ears):
        assert config_from(TrainConfig, asked["train"], "train").validate_every == 0
    assert recipes.levels(grid) >= grid.ladder[-1][1]


def test_what_is_heard_is_compared_with_what_the_row_says(tmp_path):
    sound, face = (
        recipes.head(SMALL, Cell(SMALL.heard(1.0, beside), 0), tmp_path / "ear", None, Folder(tmp_path))
        for beside in ("sound", "face")
    )
    plain = _config(sound["hearing"])
    assert plain.beside == "sound"
    assert _config(face["hearing"]) == replace(plain, beside="face")


def _config(table) -> MeshToSpeechLossConfig:
    return config_from(
        MeshToSpeechLossConfig, {"model" if k == "listener" else k: v for k, v in table.items()}, "mesh_to_speech"
    )
