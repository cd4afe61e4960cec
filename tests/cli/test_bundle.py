import json
from pathlib import Path

import pytest

from utterface.cli import main

ROOT = Path(__file__).parents[2]
TABLE = {"licence": "MIT"}


@pytest.fixture
def checkpoint(tmp_path):
    """Makes the file of a checkpoint without weights: (tables of its recipe) → its path."""
    from safetensors.torch import save_file

    def make(**recipe) -> str:
        path = tmp_path / "x.safetensors"
        save_file({}, path, {"recipe": json.dumps(recipe), "step": "1"})
        return str(path)

    return make


def refused(arguments: list[str], capsys) -> str:
    assert main(["bundle", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    return err


def test_a_bundle_without_a_card_is_not_made(checkpoint, tmp_path, capsys):
    recipe = str(ROOT / "recipes" / "animator.toml")
    assert "no card" in refused([checkpoint(system="animator"), recipe, "-o", str(tmp_path)], capsys)
    tokens = checkpoint(system="tokens_to_faces", bundle=TABLE)
    assert "no card" in refused([tokens, "-o", str(tmp_path), "--card", str(tmp_path / "none")], capsys)


def test_what_is_no_checkpoint_is_refused(tmp_path, capsys):
    (tmp_path / "CARD.md").write_text("a card")
    (tmp_path / "x.safetensors").write_bytes(b"not one")
    recipe = str(ROOT / "recipes" / "animator.toml")
    assert "x.safetensors" in refused([str(tmp_path / "x.safetensors"), recipe, "-o", str(tmp_path)], capsys)


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        (
            {"system": "tokenizer", "bundle": TABLE},
            "holds the system 'tokenizer'; bundles are made of animator",
        ),
        ({"system": "tokens_to_faces"}, "no table [bundle]"),
        (
            {"system": "tokens_to_faces", "bundle": TABLE, "speech": {"representation": "hub:facebook/hubert"}},
            "a bundle cannot hold hub:facebook/hubert",
        ),
        ({"system": "tokens_to_faces", "bundle": {**TABLE, "block": 0.5}}, "block must be a whole multiple of 0.2 s"),
    ],
)
def test_what_cannot_be_a_bundle_is_told_in_one_line(checkpoint, recipe, words, tmp_path, capsys):
    assert words in refused([checkpoint(**recipe), "-o", str(tmp_path / "made")], capsys)
    assert not (tmp_path / "made").exists()


def test_a_recipe_beside_the_checkpoint_has_the_last_word(checkpoint, tmp_path, capsys):
    tokens, recipe = checkpoint(system="tokens_to_faces", bundle=TABLE), str(ROOT / "recipes" / "tokens.toml")
    assert "past must be a whole" in refused([tokens, recipe, "bundle.past=0.5", "-o", str(tmp_path / "made")], capsys)
