from dataclasses import replace

import pytest

from utterface.errors import ConfigError
from utterface.lab.studies.thunder.grid import SIZES, SMALL, TINY, Best, Cell, Row, cells, size


def test_sizes_by_name():
    assert size("small") is SMALL and set(SIZES) == {"tiny", "small", "full"}
    with pytest.raises(ConfigError, match="tiny, small, full"):
        size("huge")


def test_rows_are_those_of_the_issue():
    best = Best(SMALL.heard(0.5), SMALL.heard(0.5))
    rows = SMALL.rows(best)
    assert [row.title("kept") for row in rows] == [
        "diffusion", "diffusion + mouth × 0.1", "diffusion + mouth × 0.5", "diffusion + mouth × 1",
        "diffusion + mouth × 5", "diffusion + mouth × 1, beside the true face",
        "diffusion + face × 0.5", "diffusion + expression × 0.5", "diffusion + touch × 0.5",
        "diffusion + mouth × 0.5, even", "diffusion + mouth × 0.5, low", "transformer", "transformer + mouth × 0.5",
        "gru", "gru + mouth × 0.5",
    ]  # fmt: skip
    assert len({row.name for row in rows}) == len(rows)
    seeds = {row.title("kept"): SMALL.seeds_of(row, best) for row in rows}
    assert [title for title, count in seeds.items() if count == 2] == ["diffusion", "diffusion + mouth × 0.5"]


def test_what_is_compared_at_the_best_is_compared_as_the_best_listens():
    best = Best(SMALL.heard(1.0, "face"), SMALL.heard(0.5))
    rows = SMALL.rows(best)
    beside = [row for row in rows if row not in SMALL.sweep() and row.listener]
    assert len(beside) == 3 + 2 + 2 and {(row.weight, row.beside) for row in beside} == {(1.0, "face")}
    assert [row for row in rows if SMALL.seeds_of(row, best) == 2] == [SMALL.plain(), best.paper, best.row]


def test_first_seeds_come_first():
    best = Best(SMALL.heard(1.0), SMALL.heard(1.0))
    found = cells(SMALL, SMALL.rows(best), best)
    assert len(found) == 15 + 2 and [cell.seed for cell in found] == [0] * 15 + [1, 1]
    assert [cell.seed for cell in cells(SMALL, [SMALL.plain()], best, first=1)] == [1]


def test_names_of_files_tell_rows_apart():
    assert Row().name == "diffusion" and Cell(Row("gru", "mouth", 0.5, "even"), 2).name == "gru-mouth-0.5-even.2"
    assert Row("gru", "mouth", 0.5, "even", "face").name == "gru-mouth-0.5-even-face"
    assert replace(TINY, trust="even").heard(1.0) == Row("diffusion", "mouth", 1.0, "even", "sound")
