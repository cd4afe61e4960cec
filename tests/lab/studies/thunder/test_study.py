"""The whole study at a smoke size, stopped and resumed; its report drawn from made-up figures."""

import tomllib
from dataclasses import replace

import pytest

from support.thunder_results import made_report
from utterface.cli import main
from utterface.errors import ConfigError
from utterface.lab.measures.misspoken import MISSPOKEN
from utterface.lab.studies import html, store
from utterface.lab.studies.markdown import draw
from utterface.lab.studies.report import read_report
from utterface.lab.studies.study import StudyRequest, run
from utterface.lab.studies.thunder import report as thunder
from utterface.lab.studies.thunder.options import ThunderOptions
from utterface.lab.studies.thunder.runs import prepare
from utterface.lab.studies.thunder.study import STUDY


def test_a_stopped_study_resumes(size, performed, tmp_path, monkeypatch, stop_at):
    monkeypatch.setenv("UTTERFACE_CACHE", str(tmp_path / "cache"))
    output, request = tmp_path / "out", StudyRequest("smoke", ThunderOptions((performed,)), processes=1)
    study, count = replace(STUDY, sizes={"smoke": size}), stop_at(9)
    with pytest.raises(KeyboardInterrupt):
        run(study, request, output)
    report = run(study, request, output)
    best, paper = report.more["best"]["variant"], report.more["best"]["paper"]
    assert not report.failed and paper == "diffusion + mouth × 0.5"
    # 4 mesh-to-speech models, vocoder, 2 + 1 base models; no loss × 2, mouth × 2, face, weights, touch, even, low,
    # Transformer × 2, and the other of sound and true face: once where that is not the best, twice where it is
    runs = 11 + 1 + (best != paper)
    assert len(count) == 8 + runs + 1 and len(set(count)) == 8 + runs
    titles = [line.name[0] for line in report.results["test"].lines]
    assert titles == [
        "diffusion", paper, "diffusion + mouth × 0.5, beside the true face", best.replace("mouth", "face"),
        best.replace("mouth", "expression"), best.replace("mouth", "touch"),
        best.replace("× 0.5", "× 0.5, even"), best.replace("× 0.5", "× 0.5, low"),
        "transformer", best.replace("diffusion", "transformer"), "mean face", "other performances",
    ]  # fmt: skip
    twice = ["lips_paper", "closures_paper", "diversity_paper"] if best != paper else []
    keys = ["lips", "closures", "diversity", *twice, "inputs", "touch", "others", "steps"]
    assert [claim.key for claim in report.claims] == keys
    assert {c.verdict for c in report.claims} == {"undecided"}  # two sounds say nothing
    assert [line.name for line in report.results["samplers"].lines] == [("dpm++, 2 steps",), ("ddpm, 10 steps",)]
    assert len(report.more["mesh_to_speech"]["rows"]) == 2 + 4 * (2 + len(MISSPOKEN))
    assert read_report(output / "thunder.json").results == report.results
    assert "srcdoc=" in (output / "thunder.html").read_text()
    won = tomllib.loads((output / "winner.toml").read_text())
    assert won["losses"]["hearing"] == 0.5 and won["hearing"]["listener"].endswith("models/mouth.safetensors")
    assert won["train"]["steps"] == 2 * (size.base_steps + size.model.steps)
    assert won["data"]["corpora"] == won["data"]["validation"] == [str(performed)]

    monkeypatch.setattr(store, "train", lambda *a: pytest.fail("trained again"))
    assert run(study, request, output).results == report.results


def test_a_wrong_call_is_one_line(tmp_path, capsys):
    assert main(["bench", "thunder", "--size", "smoke", "-o", str(tmp_path)]) == 2
    assert "--corpora" in capsys.readouterr().err and not list(tmp_path.iterdir())
    assert main(["bench", "thunder", "--corpora", str(tmp_path), "--size", "huge", "-o", str(tmp_path)]) == 2
    assert "choose one of smoke, small, full" in capsys.readouterr().err


def test_units_of_the_command_are_taken_as_they_are(size, performed, folder):
    runner = prepare(size, StudyRequest(options=ThunderOptions((performed,), units="mfcc")), folder, print)
    assert (runner.units, runner.size.clusters) == ("mfcc", 0)
    with pytest.raises(ConfigError, match="corpus perform makes some"):
        prepare(size, StudyRequest(options=ThunderOptions()), folder, print)


def test_tables_are_of_the_first_seed_and_repeat_what_has_more():
    report = made_report()
    assert {len(line.values["lve_mm"].seeds) for line in report.results["test"].lines} == {1}
    again = report.results["test_seeds"].lines
    assert [line.name[0] for line in again] == ["diffusion", "diffusion + mouth × 0.5"]
    assert [len(line.values["closure_f1"].seeds) for line in report.results["spoken_seeds"].lines] == [2, 2]
    assert "× 2 seeds" in report.claims[0].remarks[0] and report.winner["weight"] == 0.5


def test_the_report_holds_every_section():
    report = made_report()
    text, page = draw("x", report, STUDY.sections), html.draw("x", "x?", report, STUDY.sections, "<iframe></iframe>")
    for section in STUDY.sections:
        assert f'id="{section.name}"' in page, section.name
    assert page.count('class="claim ') == 7 and page.count("<svg") == 5
    assert "heads" not in text and "variants 1800 steps without the loss, then 500 steps" in text
    assert "face 400 steps; weights 400 steps; touch 400 steps; given: mouth, vocoder; those trained begin" in text
    assert "**Failed**: gru.0 (ValueError)" in text and "50% of each batch" in text


def test_the_sweep_is_drawn_beside_no_loss_and_samplers_beside_the_last():
    report = made_report()
    points = report.more["sweep"]["test"]["lve_mm"]
    assert [point["label"] for point in points] == ["0", "0.1", "0.5", "1", "5", "1\nface"]
    assert min(points, key=lambda p: p["value"])["label"] == "0.5" and points[0]["low"] is None
    for point in points[1:]:
        assert point["low"] < point["value"] < point["high"] and point["high"] - point["low"] < 0.05
    assert report.more["samplers"][-1]["label"] == "1000\nddpm" and report.more["samplers"][-1]["low"] is None
    assert len(list(thunder.plots(report))) == 5


def test_the_page_shows_a_performance_and_takes_of_both_first():
    report = made_report()
    titles = [line.name[0] for line in report.results["test"].trained]
    shown = thunder.shown_first(STUDY.sizes["small"], report, titles)
    assert shown[:4] == ["performed · 1", "diffusion · 1", "mouth × 0.5 · 1", "mouth × 0.5 · 2"]
    assert shown[5] == "gru + mouth × 0.5 · 1"
