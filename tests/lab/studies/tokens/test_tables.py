import pytest

from made_results import made_report
from utterface.lab.studies.tables import SPREAD, Table, Text, evidence, paper, sources
from utterface.lab.studies.tokens import tables


@pytest.fixture
def report() -> dict:
    return made_report()


def column(table: Table, label: str) -> list[Text]:
    at = next(i for i, head in enumerate(table.head) if head.startswith(label))
    return [row[at] for row in table.rows]


def test_the_best_trained_system_of_a_measure_is_marked(report):
    table = tables.figures(report, "test", tables.CHOSEN["test"])
    best = [i for i, cell in enumerate(column(table, "BCS")) if cell.best]
    assert [table.rows[i][0].main for i in best] == ["tokenizer"]  # not the reference, which is above all
    assert "BCS, % ↑" in table.head and "LVE, × 10⁻³ ↓" in table.head


def test_values_come_with_their_intervals_in_their_units(report):
    cell = column(tables.figures(report, "test", ("bcs",)), "BCS")[0]
    value, (low, high) = float(cell.main), (float(v) for v in cell.small.split(" to "))
    assert low <= value <= high and 30 < value < 100


def test_trivial_rows_and_the_spread_of_seeds_stand_apart(report):
    table = tables.figures(report, "test", ("bcs",))
    assert table.apart == 3
    assert [row[0].main for row in table.rows[-3:]] == ["mean face", "articulation", SPREAD]


def test_measures_that_nobody_has_are_left_out(report):
    assert not any(h.startswith("diversity") for h in tables.figures(report, "test", tables.CHOSEN["more"]).head)


def test_probes_have_a_dash_where_there_is_nothing(report):
    table = tables.probes(report)
    entropy = {row[0].main: cell for row, cell in zip(table.rows, column(table, "Ĥ(phone)"), strict=True)}
    assert entropy["mel"].main == "–" and entropy["tokenizer"].best and not entropy["units"].best
    assert column(table, "units")[0].main == "–"
    assert not any(h.startswith("emotion") for h in table.head)


def test_costs_say_who_needs_the_whole_utterance(report):
    table = tables.costs(report)
    assert {cell.main for cell in column(table, "look-ahead")} == {"whole utterance", "146"}
    assert column(table, "parameters")[0].main == "1.25"


def test_effects_carry_their_sign_and_unit(report):
    jitter = next(c for c in report["claims"] if c["key"] == "jitter")
    row = evidence(jitter, report["definitions"]).rows[0]
    effect = f"{100 * jitter['evidence'][0]['effect']:+.1f} %".replace("-", "−")
    assert row[0].best and row[1].main == effect.replace("-", "−")
    label = next(c for c in report["claims"] if c["key"] == "label")
    assert any(r[1].main.endswith(" points") for r in evidence(label, report["definitions"]).rows)


def test_the_papers_table_is_whole(report):
    assert len(paper(report).rows) == 8 and len(sources(report).rows) == 2
