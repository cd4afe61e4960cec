import json
import math

from utterface.lab.studies.collected import number, opening, plain, table
from utterface.lab.studies.evidence import Claim, Evidence
from utterface.lab.studies.scores import Scores


def test_json_knows_no_nan():
    assert number(math.nan) is None and number(1.5) == 1.5
    row = Evidence("a", 1.0, math.nan, math.nan, "%", "undecided", True)
    told = plain(Claim("key", "title", "undecided", (row,), ("remark",)))
    assert told["evidence"][0]["low"] is None and told["evidence"][0]["effect"] == 1.0
    json.dumps(told, allow_nan=False)


def test_a_table_has_the_trained_rows_first():
    tables = {"floor": [{"c": {"x": 1.0, "bilabials": 2.0}}], "row": [{"c": {"x": 3.0, "bilabials": 2.0}}]}
    scores = Scores(tables, lambda sums: {"x": sums["x"]}, ("floor", "absent"))
    told = table(scores, tables["row"][0], lambda key: {"name": key})
    assert [(row["name"], row["trained"]) for row in told["rows"]] == [("row", True), ("floor", False)]
    assert told["rows"][0]["figures"]["x"] == {"value": 3.0, "low": 3.0, "high": 3.0, "seeds": [3.0]}
    assert (told["clips"], told["bilabials"], told["between_seeds"]) == (1, 2, {"x": None})


def test_a_report_says_when_and_on_what():
    assert {"title", "size", "date", "versions", "cores"} == opening("a", "tiny").keys()
