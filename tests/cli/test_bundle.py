from pathlib import Path

from utterface.cli import main

ROOT = Path(__file__).parents[2]


def test_a_bundle_without_a_card_is_not_made(tmp_path, capsys):
    recipe = str(ROOT / "recipes" / "animator.toml")
    assert main(["bundle", str(tmp_path / "x.safetensors"), recipe, "-o", str(tmp_path)]) == 2
    assert "no card" in capsys.readouterr().err


def test_what_is_no_checkpoint_is_refused(tmp_path, capsys):
    (tmp_path / "CARD.md").write_text("a card")
    (tmp_path / "x.safetensors").write_bytes(b"not one")
    recipe = str(ROOT / "recipes" / "animator.toml")
    assert main(["bundle", str(tmp_path / "x.safetensors"), recipe, "-o", str(tmp_path)]) == 2
    assert "x.safetensors" in capsys.readouterr().err
