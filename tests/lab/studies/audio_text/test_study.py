"""The study on made-up scores, and from end to end at its smallest."""

import numpy as np
import pytest

from utterface.errors import ConfigError
from utterface.lab.studies import study as framework
from utterface.lab.studies.audio_text.claims import AudioTextResults, judge
from utterface.lab.studies.audio_text.options import AudioTextOptions
from utterface.lab.studies.audio_text.report import MEASURES, correlation_table
from utterface.lab.studies.audio_text.sizes import AUDIO, CONCAT, SMOKE, STATIC, TENSOR, TEXT, encoder_of
from utterface.lab.studies.audio_text.study import STUDY
from utterface.lab.studies.scores import Scores

OTHER = "tensor, another sentence's text"


def row(upper: float, lower: float, events: float, pairs: float, hits: float) -> dict[str, float]:
    """A clip of a hundred values a half, ten events, ten pairs, ten bilabials."""
    return {
        "upper_error": upper * 100, "upper_values": 100, "lower_error": lower * 100, "lower_values": 100,
        "event_met": events, "event_seen": 10, "event_wanted": 10, "pair_met": pairs, "pair_seen": 10,
        "pair_wanted": 10, "hits": hits, "bilabials": 10, "true_closures": hits, "closures": 10,
    }  # fmt: skip


def verdicts(**changed: tuple[float, ...]) -> dict[str, str]:
    """Of results in which everything that the issue hopes for holds, but for what is changed."""
    usual = {
        "audio": (0.40, 0.2, 2, 2, 8), "tensor": (0.30, 0.2, 7, 7, 8), "concat": (0.33, 0.2, 6, 6, 8),
        "static": (0.32, 0.2, 6, 4, 8), "text": (0.35, 0.4, 6, 6, 1), "other": (0.42, 0.2, 2, 2, 8),
    }  # fmt: skip
    keys = {"audio": AUDIO, "tensor": TENSOR, "concat": CONCAT, "static": STATIC, "text": TEXT, "other": OTHER}
    noise = np.random.default_rng(1).uniform(0.97, 1.03, 30)
    runs = {
        keys[name]: [{f"c{i:02d}": row(*(v * noise[i] for v in values)) for i in range(30)} for _ in range(2)]
        for name, values in (usual | changed).items()
        if values
    }
    return {claim.key: claim.verdict for claim in judge(AudioTextResults(Scores(runs, MEASURES, rounds=200), OTHER))}


def test_claims_hold_where_all_is_as_hoped():
    assert set(verdicts().values()) == {"holds"}


@pytest.mark.parametrize(
    "key, changed",
    [
        ("upper", {"tensor": (0.385, 0.2, 7, 7, 8)}),
        ("control", {"other": (0.30, 0.2, 2, 2, 8)}),
        ("lower", {"tensor": (0.30, 0.23, 7, 7, 6)}),
        ("events", {"tensor": (0.30, 0.2, 3, 7, 8)}),
        ("senses", {"static": (0.32, 0.2, 6, 6.5, 8)}),
        ("fusion", {"concat": (0.28, 0.2, 6, 6, 8)}),
    ],
)
def test_each_claim_falls_with_what_it_rests_on(key, changed):
    assert verdicts(**changed)[key] == "does not"


def test_a_claim_without_its_variant_is_not_judged():
    assert verdicts(concat=())["fusion"] == "undecided"


def test_encoders_of_variants():
    assert encoder_of(SMOKE, STATIC, "hub:gpt2") == "static:hub:gpt2"
    assert encoder_of(SMOKE, AUDIO, "hub:gpt2") == ""


def test_the_correlation_table_marks_the_encoder_that_goes_more_with_a_unit():
    from utterface.lab.measures.action_units import LOWER_UNITS, UPPER_UNITS

    units = [str(unit) for unit in UPPER_UNITS | LOWER_UNITS]
    table = correlation_table({"audio": dict.fromkeys(units, 0.1), "text": dict.fromkeys(units, 0.2)})
    assert all(cells[3].best and not cells[2].best for cells in table.rows)


@pytest.mark.slow
def test_the_study_runs_resumes_and_draws(tmp_path):
    request = framework.StudyRequest("smoke", AudioTextOptions("random:8"), processes=1)
    report = framework.run(STUDY, request, tmp_path)
    assert not report.failed and len(report.claims) == 6
    assert 0 < report.more["planted"] < 1
    lines = {line.name[0]: line.values for line in report.results["test"].lines}
    assert lines["another take"]["lower_mae"].value == 0 < lines["mean face"]["lower_mae"].value
    trained = (tmp_path / "runs" / "tensor.0.json").stat().st_mtime_ns
    again = framework.run(STUDY, request, tmp_path)
    assert again.results == report.results
    assert (tmp_path / "runs" / "tensor.0.json").stat().st_mtime_ns == trained
    drawn = framework.draw(STUDY, tmp_path / "audio_text.json", tmp_path / "again")
    assert drawn.results["test"].clips == report.results["test"].clips
    with pytest.raises(ConfigError, match="text_encoder"):
        framework.run(STUDY, framework.StudyRequest("smoke", AudioTextOptions("random:4"), processes=1), tmp_path)
