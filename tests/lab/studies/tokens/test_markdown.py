from made_results import made_report
from utterface.lab.studies.tokens import markdown


def test_verdicts_come_before_tables_and_everything_is_there():
    report = made_report()
    text = markdown.write(report)
    order = ["findings hold", "Against the reference", "representations hold", "What it costs", "What ran", "own table"]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    for claim in report["claims"]:
        assert f"- **{claim['title']}**: {claim['verdict']}" in text
    assert "Lips on real recordings" not in text  # none were given
    assert "0.26" in text and "Interspeech 2026" in text
    assert "tokenizer**, closure F1" in text  # the winner


def test_the_corpus_is_named_for_what_it_is():
    report = made_report()
    assert "No face was captured" in markdown.corpus_named(report)
    report["sources"] = [{**row, "faces": "captured"} for row in report["sources"]]
    assert markdown.corpus_named(report) == "The targets are captured faces."
    report["sources"][0]["faces"] = "articulatory"
    assert "Some targets are captured" in markdown.corpus_named(report)


def test_what_did_not_take_part_is_told():
    report = made_report() | {"missing": {"dac": "not cached"}, "failed": {"mel.animator.0": "ValueError: no"}}
    text = markdown.ran(report)
    assert "dac (not cached)" in text and "**Failed**: mel.animator.0 (ValueError: no)" in text


def test_without_results_the_report_still_says_what_ran():
    report = made_report()
    for key in ("test", "claims", "winner", "costs"):
        del report[key]
    text = markdown.write(report)
    assert "What ran" in text and "findings hold" not in text
