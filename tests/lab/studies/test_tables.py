from utterface.lab.studies.tables import Table, Text, figures, to_markdown


def test_markdown_has_the_best_in_bold():
    text = to_markdown(Table(("a", "b"), ((Text("x"), Text("1.0", "0.5 to 2.0", True)),)))
    assert "| x | **1.0** (0.5 to 2.0) |" in text


def found(value: float) -> dict:
    return {"value": value, "low": value - 1, "high": value + 1, "seeds": [value]}


def test_the_best_trained_row_is_marked_and_what_nobody_samples_has_no_variety():
    plain = {"label": "LVE", "unit": "mm", "best": "low", "digits": 1, "scale": 10.0, "sampled": False}
    report = {
        "definitions": {"lve": plain, "div": {**plain, "label": "div", "best": "", "sampled": True}},
        "test": {
            "rows": [
                {"name": "a", "trained": True, "figures": {"lve": found(2.0), "div": found(1.0)}},
                {"name": "b", "trained": True, "figures": {"lve": found(3.0), "div": found(1.0)}},
                {"name": "floor", "trained": False, "figures": {"lve": found(1.0), "div": found(0.0)}},
            ],
            "between_seeds": {"lve": 0.25, "div": None},
        },
    }
    told = figures(report, "test", ("lve", "div", "nosuch"), ("row",), lambda row: (row["name"],))
    assert told.head == ("row", "LVE, mm ↓", "div, mm") and told.apart == 2
    assert [row[1] for row in told.rows[:3]] == [
        Text("20.0", "10.0 to 30.0", True), Text("30.0", "20.0 to 40.0"), Text("10.0", "0.0 to 20.0"),
    ]  # fmt: skip
    assert told.rows[2][2] == Text("–")
    assert [cell.main for cell in told.rows[3]] == ["between seeds", "2.5", "–"]
