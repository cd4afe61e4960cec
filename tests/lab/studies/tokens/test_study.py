"""The whole study at a smoke size, stopped and resumed, and drawn again from its figures."""

import json
import tomllib
from dataclasses import replace

import pytest

from utterface.errors import ConfigError
from utterface.lab.studies import costs, store
from utterface.lab.studies.report import read_report
from utterface.lab.studies.study import StudyRequest, draw, run
from utterface.lab.studies.tokens.options import TokensOptions
from utterface.lab.studies.tokens.runs import TokensRunner
from utterface.lab.studies.tokens.study import STUDY
from utterface.lab.systems.tokens_to_faces import make
from utterface.lab.training.recipe import read_recipe

COST = {"real_time": 0.01, "real_time_encoding": 0.002, "look_ahead": None, "memory_mb": 400.0}


@pytest.fixture
def study(size, tmp_path, monkeypatch):
    """At the size of the tests; costs are given, `test_costs` measures some."""
    monkeypatch.setenv("UTTERFACE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(costs, "measure_apart", lambda recipe: COST)
    return replace(STUDY, sizes={"smoke": size})


@pytest.fixture
def request_(toy) -> StudyRequest:
    return StudyRequest("smoke", TokensOptions((toy,)), seeds=2, processes=1)


def test_a_stopped_study_resumes_and_its_report_is_drawn_again(study, request_, tmp_path, monkeypatch, stop_at):
    output, count = tmp_path / "out", stop_at(5)
    with pytest.raises(KeyboardInterrupt):
        run(study, request_, output)
    report = run(study, request_, output)
    assert len(count) == 5 + 8 and not report.failed  # 2 representations × 3 decoders × 2 seeds, one twice
    assert len(report.results["test"].trained) == 6 and len(report.more["costs"]) == 6
    assert [line.name[0] for line in report.results["test"].lines[-2:]] == ["mean face", "articulation"]
    assert report.results["test"].lines[-1].values["r2"].value == 1
    assert report.results["test"].clips == 3 and "spoken" not in report.results
    assert [claim.key for claim in report.claims] == ["phonetic", "discrete", "disagree", "jitter", "label"]
    assert report.winner["representation"] == "units"
    json.loads((output / "tokens.json").read_text(), parse_constant=pytest.fail)
    assert "srcdoc=" in (output / "tokens.html").read_text()
    won = read_recipe(output / "winner.toml")
    assert won["speech"]["representation"].startswith("mfcc#") and won["data"]["held_out"] == ["test"]
    system = make(won)
    assert len(system.face.held_out) == 4 and next(system.batches(0, 1)).motion.shape[2] == 51
    assert {"licence", "provenance", "block"} <= tomllib.loads((output / "winner.toml").read_text())["bundle"].keys()

    drawn = tmp_path / "drawn"
    assert draw(study, output / "tokens.json", drawn) == read_report(output / "tokens.json")
    assert (drawn / "tokens.md").read_text() == (output / "tokens.md").read_text()
    assert {p.stem for p in (drawn / "plots").iterdir()} == {"cost", "phones", "measures"}

    monkeypatch.setattr(store, "train", lambda *a: pytest.fail("trained again"))
    monkeypatch.setattr(costs, "measure_apart", lambda *a: pytest.fail("measured again"))
    again = run(study, request_, output)
    assert again.results == report.results and again.more == report.more


def test_a_run_that_fails_is_named_and_the_others_are_done(study, request_, tmp_path, monkeypatch):
    whole, lines = TokensRunner.run, []

    def broken(self, each):
        if each.variant.representation == "mel":
            raise ValueError("the loss\nis NaN")
        return whole(self, each)

    monkeypatch.setattr(TokensRunner, "run", broken)
    decoders = {"animator": study.sizes["smoke"].decoders["animator"]}
    small = replace(study, sizes={"smoke": replace(study.sizes["smoke"], decoders=decoders)})
    report = run(small, replace(request_, seeds=1), tmp_path / "out", tell=lines.append)
    assert report.failed == {"mel.animator.0": "ValueError: the loss"}
    assert [line.name for line in report.results["test"].trained] == [("units", "animator")]
    assert any(line.startswith("failed: mel.animator.0") for line in lines)

    monkeypatch.setattr(TokensRunner, "run", whole)
    more = replace(request_, options=replace(request_.options, representations=("mel",)))
    assert not run(small, more, tmp_path / "out").failed and (tmp_path / "out/runs/mel.animator.1.json").exists()
    longer = replace(small, sizes={"smoke": replace(small.sizes["smoke"], steps=3)})
    with pytest.raises(ConfigError, match="a run with another steps; choose another output folder"):
        run(longer, request_, tmp_path / "out")


def test_without_any_representation_nothing_runs(study, request_, tmp_path):
    gone = replace(request_, options=replace(request_.options, representations=("ours:gone",)))
    with pytest.raises(ConfigError, match="none of the representations is installed"):
        run(study, gone, tmp_path / "out")
    with pytest.raises(ConfigError, match="tokens has no size 'huge'; choose one of smoke"):
        run(study, replace(request_, size="huge"), tmp_path / "out")
