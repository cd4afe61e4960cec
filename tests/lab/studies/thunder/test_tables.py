import re

from utterface.lab.studies.thunder import tables


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
    assert [len(row["figures"]["lve_mm"]["seeds"]) for row in report["spoken_seeds"]["rows"]] == [2, 2]
    assert len(tables.figures(report, "test", "test").rows) == 15
