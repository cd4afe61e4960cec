from dataclasses import replace

import pytest

from utterface.errors import ConfigError
from utterface.lab.bench.thunder.grid import SIZES, SMALL, TINY, Cell, Row, cells, size


def test_sizes_by_name():
    assert size("small") is SMALL and set(SIZES) == {"tiny", "small", "full"}
    with pytest.raises(ConfigError, match="tiny, small, full"):
        size("huge")


def test_rows_are_those_of_the_issue():
    rows = SMALL.rows(0.5)
    assert [row.title("kept") for row in rows] == [
        "diffusion", "diffusion + mouth × 0.1", "diffusion + mouth × 0.5", "diffusion + mouth × 1",
        "diffusion + mouth × 5", "diffusion + face × 0.5", "diffusion + expression × 0.5",
        "diffusion + mouth × 0.5, even", "diffusion + mouth × 0.5, low", "diffusion + mouth × 0.5, mel alone",
        "diffusion + mouth × 0.5, units alone", "transformer", "transformer + mouth × 0.5", "gru", "gru + mouth × 0.5",
    ]  # fmt: skip
    assert len({row.name for row in rows}) == len(rows)
    seeds = {row.title("kept"): SMALL.seeds_of(row, 0.5) for row in rows}
    assert [title for title, count in seeds.items() if count == 3] == ["diffusion", "diffusion + mouth × 0.5"]


def test_first_seeds_come_first():
    found = cells(SMALL, SMALL.rows(1.0), 1.0)
    assert len(found) == 15 + 2 + 2 and [cell.seed for cell in found] == [0] * 15 + [1, 1, 2, 2]
    assert [cell.seed for cell in cells(SMALL, [SMALL.plain()], 0.0, first=1)] == [1, 2]


def test_names_of_files_tell_rows_apart():
    assert Row().name == "diffusion" and Cell(Row("gru", "mouth", 0.5, "even"), 2).name == "gru-mouth-0.5-even.2"
    assert Row("gru", "mouth", 0.5, "even", "mel").name == "gru-mouth-0.5-even-mel"
    assert replace(TINY, trust="even").heard(1.0) == Row("diffusion", "mouth", 1.0, "even")
