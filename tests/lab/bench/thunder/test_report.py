"""What the report's plain table becomes: Markdown, plots, a page, a recipe."""

import re
import tomllib
from dataclasses import asdict

import pytest

from made_thunder import better, made_up, sums
from utterface.lab.bench.collected import opening, plain, table
from utterface.lab.bench.thunder import claims, markdown, page, plots, results, tables, winner
from utterface.lab.bench.thunder.claims import Study
from utterface.lab.bench.thunder.grid import SMALL, Row
from utterface.lab.bench.thunder.measures import FIGURES
from utterface.lab.decoders import decoder_kind

BEST = 0.5


@pytest.fixture
def report() -> dict:
    """Rows better the more the mouth is listened to, up to 0.5; eight steps as good as a thousand."""
    gains = {0.0: 0.0, 0.1: 0.05, 0.5: 0.1, 1.0: 0.05, 5.0: -0.1}
    rows = {row: better(gains.get(row.weight, 0)) for row in SMALL.rows(BEST)}
    scores, ladder = made_up(rows), made_up({key: {} for key in SMALL.ladder})
    one = {clip: sums({}, 1.0) for clip in scores.clips}
    study = Study(SMALL, BEST, scores, scores, ladder)
    source = {"corpus": "made", "clips": 20, "minutes": 2.0, "speakers": 3, "phones": "exact", "faces": "captured"}
    hearing = {"name": "mouth", "mel_distance": 1.0, "mel_distance_95": [0.9, 1.1]}
    return {
        **opening("THUNDER", "small"), "grid": asdict(SMALL), "best": BEST, "chosen_on": {"sounds": 9},
        "performances": 40, "sources": [{**source, "split": "test"}], "missing": {}, "failed": {"gru.0": "ValueError"},
        "definitions": {name: asdict(figure) for name, figure in FIGURES.items()}, "paper": results.PAPER,
        "test": table(scores, one, lambda key: results._name(key, SMALL)),
        "spoken": table(scores, one, lambda key: results._name(key, SMALL)),
        "ladder": table(ladder, one, results._rung),
        "hearing": {"clips": 20, "speakers": 3, "rows": [hearing, {"name": "the recording itself"}]},
        "claims": [plain(claim) for claim in claims.judge(study)],
        "winner": winner.choose(SMALL, BEST, {row: {"s": sums(told, 1.0)} for row, told in rows.items()}),
    }  # fmt: skip


def test_verdicts_come_first_and_say_what_they_rest_on(report):
    text = markdown.write(report)
    places = [text.index(part) for part in ("Does what should", "Beside the perf", "Lips on real", "What ran")]
    assert places == sorted(places)
    assert "**Listening improves the lips (mouth × 0.5 against no loss)**: holds" in text
    assert "Resampled: 20 sounds of test speakers × 1 seed, paired." in text
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


def test_plots_show_the_sweep_and_the_ladder(report):
    points = plots.sweep(report, "test", "lve_mm")
    assert [label for label, _, _ in points] == ["0", "0.1", "0.5", "1", "5"]
    assert min(points, key=lambda p: p[1])[0] == "0.5" and all(low <= v <= high for _, v, (low, high) in points)
    assert [label for label, _, _ in plots.ladder(report)][-1] == "1000\nddpm"
    shown = plots.all_plots(report)
    assert len(shown) == 4 and all(svg.startswith("<svg") and "#010203" not in svg for _, svg in shown)
    del report["ladder"], report["spoken"]
    assert len(plots.all_plots(report)) == 2


def test_the_page_holds_everything(report):
    text = page.write(report, "<iframe srcdoc='faces'></iframe>")
    ids = re.findall(r"<section[^>]* id=\"?(\w+)", text)
    assert ids == ["claims", "winner", "faces", "pictures", "test", "spoken", "hearing", "ladder", "ran", "paper"]
    assert text.count('class="claim ') == 6 and text.count("<svg") == 4
    assert not re.search(r"(src|href)=\"?http", text)


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
