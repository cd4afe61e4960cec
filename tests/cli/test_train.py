import pytest

from utterface.cli import main

RECIPE = 'system = "nothing"\n[train]\nfolder = "{folder}"\n'


def test_a_recipe_that_cannot_be_trained_is_refused_in_one_line(tmp_path, capsys):
    path = tmp_path / "x.toml"
    path.write_text(RECIPE.format(folder=tmp_path / "run"))
    assert main(["train", str(path)]) == 2
    message = capsys.readouterr().err
    assert "no system 'nothing'" in message and message.count("\n") == 1


@pytest.mark.parametrize(("override", "words"), [("train.steps", "train.steps"), ("system=neither", "'neither'")])
def test_overrides_are_heeded(tmp_path, capsys, override, words):
    path = tmp_path / "x.toml"
    path.write_text(RECIPE.format(folder=tmp_path / "run"))
    assert main(["train", str(path), override]) == 2
    assert words in capsys.readouterr().err
