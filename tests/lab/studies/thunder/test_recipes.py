from dataclasses import replace

import pytest

from utterface.lab.losses.mesh_to_speech import MeshToSpeechLossConfig
from utterface.lab.studies.runs import VariantRun
from utterface.lab.studies.store import Folder
from utterface.lab.studies.thunder import recipes
from utterface.lab.studies.thunder.sizes import FULL, SMALL, SMOKE
from utterface.lab.training.recipe import TrainConfig, config_from


@pytest.mark.parametrize("size", [SMOKE, SMALL, FULL])
def test_what_is_planned_can_be_trained(size, tmp_path):
    """Recipes hold keys that there are, and no more levels are walked than there are."""
    folder = Folder(tmp_path)
    with_loss = recipes.variant(size, VariantRun(size.with_loss(0.5), 1), tmp_path / "ear", tmp_path / "first", folder)
    plain = recipes.variant(size, VariantRun(size.plain("gru"), 0), None, None, folder)
    assert with_loss["losses"] == {"hearing": 0.5} and with_loss["hearing"]["trust"] == size.trust
    assert with_loss["train"]["initial"] == str(tmp_path / "first") and "initial" not in plain["train"]
    assert "losses" not in plain and plain["sampling"]["steps"] <= recipes.levels(size, "gru")
    assert recipes.levels(size, "transformer") == 0
    before = recipes.base(size, "diffusion", 0, folder)
    assert before["train"]["steps"] == size.base_steps and before["train"]["decay"] == 0
    ears = [recipes.mesh_to_speech(size, "mouth", "ours:units", folder), recipes.vocoder(size, folder)]
    for asked in (with_loss, plain, before, *ears):
        assert config_from(TrainConfig, asked["train"], "train").validate_every == 0
    assert recipes.levels(size) >= size.samplers[-1][1]


def test_the_loss_compares_with_sound_or_face(tmp_path):
    sound, face = (
        recipes.variant(SMALL, VariantRun(SMALL.with_loss(1.0, beside), 0), tmp_path / "ear", None, Folder(tmp_path))
        for beside in ("sound", "face")
    )
    plain = _config(sound["hearing"])
    assert plain.beside == "sound"
    assert _config(face["hearing"]) == replace(plain, beside="face")


def _config(table) -> MeshToSpeechLossConfig:
    return config_from(
        MeshToSpeechLossConfig, {"model" if k == "listener" else k: v for k, v in table.items()}, "mesh_to_speech"
    )
