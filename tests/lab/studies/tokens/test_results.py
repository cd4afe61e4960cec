import json

import pytest

from utterface.lab.studies.tokens import results, run


@pytest.fixture
def finished(grid, toy, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("UTTERFACE_CACHE", str(tmp_path / "cache"))
    asked = run.Asked(grid, (toy,), processes=1)
    return asked, run.train_all(asked, folder, lambda *a: None, lambda line: None)


def test_everything_found_is_one_plain_table(finished, folder):
    asked, done = finished
    report, study = results.collect(asked, done, folder)
    assert json.loads(json.dumps(report, allow_nan=False))["size"] == "tiny"
    rows = report["test"]["rows"]
    assert [r["representation"] for r in rows[-2:]] == ["mean face", "articulation"]
    assert rows[-1]["figures"]["r2"]["value"] == 1
    assert report["representations"]["units"]["discrete"] and not report["representations"]["mel"]["discrete"]
    assert report["test"]["clips"] == 3 and report["test"]["bilabials"] > 0 and "spoken" not in report
    assert study.held["units"].phone_entropy is not None and study.held["mel"].phone_entropy is None
    assert len(report["claims"]) == 5 and report["winner"]["representation"] == "units"
    jobs = results.cost_jobs(asked, done, folder)
    assert len(jobs) == 6 and jobs[0][2]["system"] == "tokens_to_faces"


def test_cells_that_failed_are_left_out_of_the_tables(finished, folder):
    from dataclasses import replace

    asked, done = finished
    report, _ = results.collect(asked, replace(done, failed={"mel.transformer.0": "Error: no"}), folder)
    assert len(report["test"]["rows"]) == 5 + 2 and report["failed"] == {"mel.transformer.0": "Error: no"}
    nothing, study = results.collect(asked, replace(done, failed={"trivial rows": "Error: no"}), folder)
    assert "test" not in nothing and study is None


def test_the_papers_table_is_as_printed():
    best = {row[:2]: row[4] for row in results.PAPER["rows"]}
    assert best["HuBERT", "GRU"] == 57.5 and best["CosyVoice2", "Transformer"] == 47.0
    assert all(len(row) == len(results.PAPER["columns"]) for row in results.PAPER["rows"])
