"""The whole command on a small grid, stopped and gone on with."""

import json
import tomllib

import pytest

from utterface.cli import main
from utterface.lab.measures.misspoken import MISSPOKEN
from utterface.lab.studies import kept
from utterface.lab.studies.thunder.benchmark import bench
from utterface.lab.studies.thunder.run import Asked


def test_one_call_makes_the_whole_report_and_a_stopped_one_goes_on(grid, performed, tmp_path, monkeypatch):
    monkeypatch.setenv("UTTERFACE_CACHE", str(tmp_path / "cache"))
    output, asked = tmp_path / "out", Asked(grid, (performed,), processes=1)
    whole, count = kept.train, []

    def stopping(recipe, report):
        count.append(recipe["train"]["folder"])
        if len(count) == 9:
            raise KeyboardInterrupt
        return whole(recipe, report)

    monkeypatch.setattr(kept, "train", stopping)
    with pytest.raises(KeyboardInterrupt):
        bench(asked, output)
    told = []
    found = bench(asked, output, tell=told.append)
    best, paper = found["best"]["row"], found["best"]["paper"]
    assert not found["failed"] and paper == "diffusion + mouth × 0.5"
    # 4 listeners, vocoder, 2 + 1 heads before; no loss × 2, mouth × 2, face, weights, touch, even, low,
    # Transformer × 2, and the other of sound and true face: once where that is no best, twice where it is
    rows = 11 + 1 + (best != paper)
    assert len(count) == 8 + rows + 1 and len(set(count)) == 8 + rows
    assert f"best on validation speakers: {best}; as the paper: {paper}" in told
    titles = [row["row"] for row in found["test"]["rows"]]
    assert titles == [
        "diffusion", paper, "diffusion + mouth × 0.5, beside the true face", best.replace("mouth", "face"),
        best.replace("mouth", "expression"), best.replace("mouth", "touch"),
        best.replace("× 0.5", "× 0.5, even"), best.replace("× 0.5", "× 0.5, low"),
        "transformer", best.replace("diffusion", "transformer"), "mean face", "other performances",
    ]  # fmt: skip
    twice = ["lips_paper", "closures_paper", "diversity_paper"] if best != paper else []
    keys = ["lips", "closures", "diversity", *twice, "inputs", "touch", "others", "steps"]
    assert [claim["key"] for claim in found["claims"]] == keys
    assert {c["verdict"] for c in found["claims"]} == {"undecided"}  # two sounds say nothing
    assert [row["row"] for row in found["ladder"]["rows"]] == ["dpm++, 2 steps", "ddpm, 10 steps"]
    assert len(found["hearing"]["rows"]) == 2 + 4 * (2 + len(MISSPOKEN))
    told = json.loads((output / "report.json").read_text(), parse_constant=pytest.fail)
    assert told["test"]["rows"] == found["test"]["rows"]
    html = (output / "report.html").read_text()
    assert "<svg" in html and "srcdoc=" in html
    won = tomllib.loads((output / "winner.toml").read_text())
    assert won["losses"]["hearing"] == 0.5 and won["hearing"]["listener"].endswith("ears/mouth.safetensors")

    monkeypatch.setattr(kept, "train", lambda *a: pytest.fail("trained again"))
    assert bench(asked, output)["test"] == found["test"]


def test_a_wrong_call_is_one_line(tmp_path, capsys):
    assert main(["bench", "thunder", "--size", "tiny", "-o", str(tmp_path)]) == 2
    assert "--corpora" in capsys.readouterr().err and not list(tmp_path.iterdir())
    assert main(["bench", "thunder", "--corpora", str(tmp_path), "--size", "huge", "-o", str(tmp_path)]) == 2
    assert "tiny, small, full" in capsys.readouterr().err
