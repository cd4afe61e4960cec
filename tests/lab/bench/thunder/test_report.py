"""What the report's plain table becomes: Markdown, plots, a page, a recipe."""

import re
import tomllib
from dataclasses import asdict

import pytest

from made_thunder import better, said_of
from utterface.lab.bench.collected import opening
from utterface.lab.bench.thunder import faces, markdown, page, plots, results, tables, winner
from utterface.lab.bench.thunder.grid import SMALL, Row, cells
from utterface.lab.bench.thunder.measures import FIGURES
from utterface.lab.decoders import decoder_kind

BEST = 0.5


@pytest.fixture
def report() -> dict:
    """Rows better the more the mouth is listened to, up to 0.5; eight steps as good as a thousand."""
    gains = {0.0: 0.0, 0.1: 0.05, 0.5: 0.1, 1.0: 0.05, 5.0: -0.1}
    usual = ("", SMALL.trust)
    rows = {row: better(gains[row.weight] if row.trust in usual else 0.02) for row in SMALL.rows(BEST)}
    tables_of = {
        cell: said_of({cell.row: rows[cell.row]}, own=7 * n)[cell.row][0]
        for n, cell in enumerate(cells(SMALL, SMALL.rows(BEST), BEST))
    }
    read = {cell: {"test": said, "spoken": said, "valid": said} for cell, said in tables_of.items()}
    ladder = {rung: seeds[0] for rung, seeds in said_of({rung: {} for rung in SMALL.ladder}).items()}
    source = {"corpus": "made", "clips": 20, "minutes": 2.0, "speakers": 3, "phones": "exact", "faces": "performed"}
    hearing = {"name": "mouth", "mel_distance": 1.0, "mel_distance_95": [0.9, 1.1]}
    return {
        **opening("THUNDER", "small"), "grid": asdict(SMALL), "best": BEST, "chosen_on": {"sounds": 9},
        "performances": 40, "sources": [{**source, "split": "test"}], "missing": {}, "failed": {"gru.0": "ValueError"},
        "definitions": {name: asdict(figure) for name, figure in FIGURES.items()}, "paper": results.PAPER,
        "hearing": {"clips": 20, "speakers": 3, "rows": [hearing, {"name": "the recording itself"}]},
        **results.tell(SMALL, BEST, read, {}, ladder),
    }  # fmt: skip


def test_verdicts_come_first_and_say_what_they_rest_on(report):
    text = markdown.write(report)
    places = [text.index(part) for part in ("Does what should", "Beside the perf", "Lips on real", "What ran")]
    assert places == sorted(places)
    assert "**Listening improves the lips (mouth × 0.5 against no loss)**: holds" in text
    assert "Resampled: 20 sounds of test speakers × 3 seeds, paired." in text
    assert "No face was captured" in text and "heads 2200 steps that nobody listened to, then 700 steps" in text
    assert "**Failed**: gru.0 (ValueError)" in text and "FlameFormer + m2s" in text
    assert "**The head to ship: diffusion + mouth × 0.5, trust “kept”**" in text


def test_the_best_of_a_measure_is_marked_and_intervals_stand_beside(report):
    told = tables.figures(report, "test", "test")
    assert told.head[:3] == ("face", "LVE, mm ↓", "L-CCC ↑")
    best = [row[0].main for row in told.rows if row[1].best]
    assert len(best) == 1 and "× 0.5" in best[0]
    assert re.fullmatch(r"[\d.]+ to [\d.]+", told.rows[0][1].small)
    assert [row[0].main for row in tables.ladder(report).rows][-1] == "ddpm, 1000 steps"
    assert tables.hearing(report).rows[1][1].main == "–"


def test_tables_compare_what_has_the_same_seed_and_repeat_what_has_more(report):
    assert {len(row["figures"]["lve_mm"]["seeds"]) for row in report["test"]["rows"]} == {1}
    told = tables.seeds(report, "test", "test")
    assert [row[0].main for row in told.rows] == ["diffusion", "diffusion + mouth × 0.5", "between seeds"]
    assert [len(row["figures"]["lve_mm"]["seeds"]) for row in report["spoken_seeds"]["rows"]] == [3, 3]
    assert len(tables.figures(report, "test", "test").rows) == 13


def test_plots_show_the_sweep_beside_no_loss_and_the_ladder_beside_its_last(report):
    points = report["sweep"]["test"]["lve_mm"]
    assert [point["label"] for point in points] == ["0", "0.1", "0.5", "1", "5"]
    assert min(points, key=lambda p: p["value"])["label"] == "0.5" and points[0]["low"] is None
    for point in points[1:]:
        assert point["low"] < point["value"] < point["high"] and point["high"] - point["low"] < 0.05
    assert report["climbed"][-1]["label"] == "1000\nddpm" and report["climbed"][-1]["low"] is None
    shown = plots.all_plots(report)
    assert len(shown) == 5 and all(svg.startswith("<svg") and "#010203" not in svg for _, svg in shown)
    del report["climbed"], report["sweep"]["spoken"]
    assert len(plots.all_plots(report)) == 3


def test_the_page_holds_everything(report):
    text = page.write(report, "<iframe srcdoc='faces'></iframe>")
    ids = re.findall(r"<section[^>]* id=\"?(\w+)", text)
    assert ids == ["claims", "winner", "faces", "pictures", "test", "spoken", "hearing", "ladder", "ran", "paper"]
    assert text.count('class="claim ') == 6 and text.count("<svg") == 5
    assert not re.search(r"(src|href)=\"?http", text)


def test_the_page_begins_with_a_performance_and_takes_with_and_without_a_listener(report):
    names = [faces.take_name(row["row"], k) for row in report["test"]["rows"] for k in range(4)]
    shown = faces._shown(report, [faces.take_name(faces.PERFORMED, 0), *names])
    assert shown[:4] == ["performed · 1", "diffusion · 1", "mouth × 0.5 · 1", "mouth × 0.5 · 2"]
    assert len(shown) == 6 and shown[5] == "gru + mouth × 0.5 · 1"


def test_the_winners_recipe_listens_as_the_winner_did(report, performed, tmp_path):
    told = report["winner"]
    row = Row(**{key: told[key] for key in ("decoder", "listener", "weight", "trust")})
    assert row == SMALL.heard(0.5)
    text = winner.recipe(SMALL, row, [performed], tmp_path / "ears" / "mouth.safetensors", tmp_path / "runs")
    asked = tomllib.loads(text)
    assert asked["system"] == "thunder" and asked["losses"]["hearing"] == 0.5
    assert asked["hearing"] == {"listener": str(tmp_path / "ears" / "mouth.safetensors"), "trust": "kept"}
    assert decoder_kind(asked["decoder"]) and asked["train"]["steps"] == 2 * (SMALL.before + SMALL.head.steps)
    assert asked["data"]["validation"] == [str(performed)] and "utterface train winner.toml" in text
    assert winner.choose(SMALL, BEST, {}) is None
