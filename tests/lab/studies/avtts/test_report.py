import json
from dataclasses import replace

import numpy as np
import pytest

from utterface.errors import ConfigError
from utterface.lab.studies.avtts import report
from utterface.lab.studies.avtts.spoken import CASCADE, DURATIONS, SHARED, SOUNDED, VOICE, timed
from utterface.lab.studies.avtts.study import STUDY
from utterface.lab.studies.report import Report, results_of, write_report
from utterface.lab.studies.scores import Scores
from utterface.lab.studies.study import draw


def face(hits, closures, true):
    lips = {"hits": hits, "bilabials": 4.0, "closures": closures, "true_closures": true}
    return {**lips, "vowel_closed": 0.0, "vowel_frames": 10.0, "cpu": 1.0, "seconds": 2.0, "first": 0.1, "drift": 0.0,
            "sentences": 1.0}  # fmt: skip


def sound(errors):
    return {"errors": errors, "words": 10.0, "cpu": 1.0, "seconds": 2.0, "bilabials": 0.0}


def scores(rows):
    return Scores({way: [{"one": row, "two": row}] for way, row in rows.items()}, report.MEASURES)


def basis(generated=3.0, voice=1.0):
    faces = {SHARED: face(2, 4, 3), SOUNDED: face(3, 4, 3), CASCADE: face(4, 4, 4), DURATIONS: face(4, 4, 4)}
    sounds = {VOICE: sound(voice), SOUNDED: sound(2), SHARED: sound(generated)}
    return report.AvttsBasis(scores(faces), scores(sounds))


def test_claims_follow_the_thresholds():
    verdicts = {claim.key: claim.verdict for claim in report.judge(basis())}
    assert verdicts == {"understood": "holds", "alike": "does not", "shared": "does not", "durations": "undecided"}
    assert report.judge(basis(generated=5.0))[0].verdict == "does not"
    assert report.judge(basis(voice=2.0))[0].verdict == "not asked"


def test_figures_are_drawn_again_with_the_kinds_of_tokens(tmp_path):
    judged = basis()
    results = {
        "faces": results_of(judged.faces, {"one": face(2, 4, 3)}, lambda way: (way,)),
        "sounds": results_of(judged.sounds, {"one": sound(1)}, lambda way: (way,)),
    }
    figures = Report("avtts", "small", {}, (), results, more={"faces_of_kinds": {"ours:tokenizer": 0.5}})
    write_report(replace(figures, claims=tuple(report.judge(judged))), tmp_path / "figures.json")
    draw(STUDY, tmp_path / "figures.json", tmp_path / "out")
    page = (tmp_path / "out" / "avtts.md").read_text("utf-8")
    assert "| (a) tokens of the language model | 60.0 (60.0 to 60.0) |" in page
    assert "tokenizer" in (tmp_path / "out" / "plots" / "kinds.svg").read_text("utf-8")


def test_figures_of_another_study_are_refused(tmp_path):
    write_report(Report("thunder", "small", {}, ()), tmp_path / "thunder.json")
    with pytest.raises(ConfigError, match="bench tokens"):
        report._faces_of_kinds(tmp_path / "thunder.json")
    assert json.loads((tmp_path / "thunder.json").read_text("utf-8"))["study"] == "thunder"


def test_phones_without_a_token_take_half_of_their_neighbours():
    spans = timed(["sil", "h", "ɛ", "l"], np.array([0, 0, 2, 2, 2, 3]))
    assert [s.label for s in spans] == ["sil", "h", "ɛ", "l"]
    assert [s.start for s in spans] == pytest.approx([0, 0.06, 0.08, 0.2])
    assert spans[-1].end == pytest.approx(0.24)
