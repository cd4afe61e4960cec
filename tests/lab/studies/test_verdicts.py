from made_results import made_report
from utterface.lab.studies.tokens import markdown
from utterface.lab.studies.verdicts import left_out, machine, outcome, verdict_counts


def test_verdicts_are_counted():
    report = made_report()
    assert sum(verdict_counts(report).values()) == 5
    assert f"Of the paper's findings {outcome(report)}" in markdown.summary(report)


def test_verdicts_in_words():
    report = {"claims": [{"verdict": verdict} for verdict in ("holds", "undecided", "holds", "does not")]}
    assert outcome(report) == "2 hold, 1 does not, 1 is undecided"


def test_what_did_not_take_part_and_on_what_it_ran():
    report = {"missing": {"a": "no file"}, "failed": {"b": "ValueError"}, "cores": 2, "versions": {"x": "1", "y": "2"}}
    assert left_out(report) == ["Left out, not installed here: a (no file).", "**Failed**: b (ValueError)."]
    assert left_out({"missing": {}, "failed": {}}) == []
    assert machine(report) == "2 CPU cores; x 1, y 2."
