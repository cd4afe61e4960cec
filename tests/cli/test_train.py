import pytest

from utterface.cli import main

RECIPE = 'system = "nothing"\n[train]\nfolder = "{folder}"\n'


def test_a_recipe_that_cannot_be_trained_is_refused_in_one_line(tmp_path, capsys):
    path = tmp_path / "x.toml"
    path.write_text(RECIPE.format(folder=tmp_path / "run"))
    assert main(["train", str(path)]) == 2
    message = capsys.readouterr().err
    assert "no system 'nothing'" in message and message.count("\n") == 1


@pytest.mark.parametrize("override", ["train.steps", "train.more=1"])
def test_overrides_are_heeded(tmp_path, capsys, override):
    path = tmp_path / "x.toml"
    path.write_text(RECIPE.format(folder=tmp_path / "run"))
    assert main(["train", str(path), override]) == 2
    assert override.partition("=")[0].rpartition(".")[2] in capsys.readouterr().err
