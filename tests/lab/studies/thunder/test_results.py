import json

from made_thunder import said_of
from utterface.lab.studies.thunder import results
from utterface.lab.studies.thunder.cells import TRIVIAL
from utterface.lab.studies.thunder.grid import TINY, Best, Cell


def told() -> dict:
    """Two rows of two seeds on test sounds alone, the second seed far from the first."""
    read, best = {}, Best(TINY.heard(1.0), TINY.heard(1.0))
    for row, shift in ((TINY.plain(), 0.0), (best.row, -0.1)):
        for seed in range(2):
            (said,) = said_of({row: {"lve_mm": 1 + shift + seed}})[row]
            read[Cell(row, seed)] = {"test": said, "spoken": {}, "valid": said}
    (still,) = said_of({"mean face": {"lve_mm": 9.0}})["mean face"]
    return results.tell(TINY, best, read, {TRIVIAL[0]: {"test": still}}, {})


def test_tables_are_of_the_first_seed_and_claims_of_all():
    found = told()
    values = [row["figures"]["lve_mm"]["value"] for row in found["test"]["rows"]]
    assert [round(value, 1) for value in values] == [1.0, 0.9, 9.1] or max(values[:2]) < 1.2
    again = [row["figures"]["lve_mm"]["value"] for row in found["test_seeds"]["rows"]]
    assert min(again) > 1.3  # the mean of both
    lips = next(claim for claim in found["claims"] if claim["key"] == "lips")
    assert "× 2 seeds" in lips["remarks"][0]
    assert [row["row"] for row in found["test"]["rows"]] == ["diffusion", "diffusion + mouth × 1", "mean face"]


def test_what_is_not_there_is_not_told_and_the_rest_is_json():
    found = told()
    assert "spoken" not in found and "ladder" not in found and "spoken" not in found["sweep"]
    json.dumps(found, allow_nan=False)
    assert found["winner"]["weight"] == 1.0
