import json

from utterface.lab.studies.report import FIGURES, to_markdown, write_report

FULL = {
    "model": "a model",
    "sets": {
        "clips": {
            "clips": 2, "bilabials": 9, **dict.fromkeys(FIGURES, 0.5), **{f"{key}_95": [0.25, 0.75] for key in FIGURES},
        }
    },
    "conditions": [{"condition": "telephone", "closure_f1": 0.7, "drop": 0.05, "allowed": 0.1}],
    "controls": [
        {"asked": "joy 0.8", "closure_f1": 0.7, "drop": 0.01, "over_closed_mm": 0.3, "opening": 1.02, "shown": 0.9},
        {"asked": "strength 0.5", "closure_f1": 0.7, "drop": 0.0, "over_closed_mm": 0.3, "opening": 0.5, "shown": None},
    ],
    "groups": [
        {"group": "cs", "clips": 3, "closure_f1": 0.6, "closure_f1_95": [0.5, float("nan")], "vowel_height_rho": 0.4,
         "rounding_auc": 0.9}
    ],
    "cost": {"real_time_factor": 0.00321, "look_ahead_ms": None},
}  # fmt: skip


def test_every_table_holds_its_rows():
    text = to_markdown(FULL)
    assert "## clips: 2 clips, 9 bilabials" in text
    assert "| closure_f1 | 0.5 | 0.25 to 0.75 |" in text
    assert "| joy 0.8 | 0.7 | 0.01 | 0.3 | 1.02 | 0.9 |" in text
    assert "| strength 0.5 | 0.7 | 0 | 0.3 | 0.5 | – |" in text
    assert "| telephone | 0.7 | 0.05 | 0.1 |" in text
    assert "| cs | 3 | 0.6 | 0.5 to nan | 0.4 | 0.9 |" in text
    assert "| real_time_factor | 0.00321 |" in text and "| look_ahead_ms | – |" in text


def test_sections_that_were_not_asked_for_are_left_out():
    text = to_markdown({**FULL, "conditions": [], "controls": [], "groups": [], "cost": {}})
    assert "moods" not in text
    assert "Degraded" not in text and "language" not in text and "Cost" not in text


def test_both_files_are_written(tmp_path):
    write_report(FULL, tmp_path / "report")
    assert json.loads((tmp_path / "report" / "animator.json").read_text())["model"] == "a model"
    assert (tmp_path / "report" / "animator.md").read_text() == to_markdown(FULL)
