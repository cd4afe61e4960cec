import tomllib
from dataclasses import fields

from utterface.lab.decoders import decoder_kind
from utterface.lab.studies.thunder import winner
from utterface.lab.studies.thunder.grid import SMALL, Best, Row


def test_the_winners_recipe_listens_as_the_winner_did(report, performed, tmp_path):
    told = report["winner"]
    row = Row(**{field.name: told[field.name] for field in fields(Row)})
    assert row == SMALL.heard(0.5)
    text = winner.recipe(SMALL, row, [performed], tmp_path / "ears" / "mouth.safetensors", tmp_path / "runs")
    asked = tomllib.loads(text)
    assert asked["system"] == "thunder" and asked["losses"]["hearing"] == 0.5
    place = str(tmp_path / "ears" / "mouth.safetensors")
    ear = {"listener": place, "trust": "kept", "beside": "sound", "share": 0.5, "precision": "bf16"}
    assert asked["hearing"] == ear
    assert decoder_kind(asked["decoder"]) and asked["train"]["steps"] == 2 * (SMALL.before + SMALL.head.steps)
    assert asked["data"]["validation"] == [str(performed)] and "utterface train winner.toml" in text
    assert winner.choose(SMALL, Best(row, row), {}) is None
