import pytest

from utterface.cli import main


@pytest.mark.parametrize("command", [["ship"], ["ship", "codebook"], ["ship", "check"]])
def test_every_part_explains_itself(command, capsys):
    assert main([*command, "--help"]) in (0, None)
    assert "utterface ship" in capsys.readouterr().out


def test_what_does_not_fit_is_one_line(tmp_path, capsys):
    pytest.importorskip("torch", reason="the lab extra is not installed")
    none = str(tmp_path / "none.safetensors")
    assert main(["ship", "codec", none, "--folder", str(tmp_path)]) == 2
    assert "CARD.md has no section" in capsys.readouterr().err
    (tmp_path / "CARD.md").write_text("## `codec`\n")
    assert main(["ship", "codec", none, "--folder", str(tmp_path)]) == 2
    assert "no checkpoint" in capsys.readouterr().err
    assert main(["ship", "check", "mel", "mfcc", "--corpus", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
