"""A further study is one module: run, resumed, drawn as Markdown and HTML."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from support import toy_study
from utterface.errors import ConfigError
from utterface.lab import studies
from utterface.lab.studies.html import document
from utterface.lab.studies.markdown import draw_extract
from utterface.lab.studies.report import read_report
from utterface.lab.studies.study import StudyRequest, draw, run

FIGURES = Path(__file__).parents[2] / "docs" / "research" / "figures"


def test_two_variants_one_measure_one_claim(tmp_path):
    lines = []
    report = run(
        toy_study.STUDY, StudyRequest("smoke", toy_study.ToyOptions(), processes=1), tmp_path, tell=lines.append
    )
    assert [line.name for line in report.results["test"].lines] == [("rough",), ("smooth",)]
    (claim,) = report.claims
    assert claim.verdict == "holds" and report.winner == {"variant": "smooth"}
    assert any(line.startswith("measuring: 4 of 4, smooth.1") for line in lines)
    text, page = ((tmp_path / f"toy.{suffix}").read_text() for suffix in ("md", "html"))
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings == [
        "Do the paper's findings hold here?", "The winner", "In pictures", "Jitter: 6 clips, 0 bilabials",
        "Budget, machine, clips", "Measures", "The paper's own table",
    ]  # fmt: skip
    ids = re.findall(r'<section id="(\w+)"', page)
    assert ids == ["claims", "winner", "pictures", "test", "ran", "measures", "paper"]
    assert "<b>smooth</b>" in page and "**smooth**" in text and "<svg" in page
    best = next(line for line in text.splitlines() if line.startswith("| smooth "))
    assert "**" in best and re.search(r"\| \*\*[\d.]+\*\* \([\d.]+ to [\d.]+\)", best)
    assert (tmp_path / "plots" / "jitter.svg").read_text().startswith("<svg")
    assert "prefers-color-scheme: dark" in page and "viewport" in page and not re.search(r"(src|href)=\"?http", page)


def test_a_report_is_drawn_again_from_its_figures(tmp_path):
    run(toy_study.STUDY, StudyRequest("smoke", toy_study.ToyOptions(), seeds=1, processes=1), tmp_path / "a")
    report = draw(toy_study.STUDY, tmp_path / "a" / "toy.json", tmp_path / "b")
    assert report.settings["seeds"] == 1 and report.results["test"].between_seeds["jitter"] is None
    for suffix in ("md", "html"):
        assert (tmp_path / "a" / f"toy.{suffix}").read_text() == (tmp_path / "b" / f"toy.{suffix}").read_text()
    with pytest.raises(ConfigError, match="draw them with: utterface bench toy"):
        draw(replace(toy_study.STUDY, name="other"), tmp_path / "a" / "toy.json", tmp_path / "c")
    (tmp_path / "no.json").write_text("[]")
    with pytest.raises(ConfigError, match="holds no figures of a study"):
        draw(toy_study.STUDY, tmp_path / "no.json", tmp_path / "c")


def test_a_page_gets_the_verdicts_and_main_tables_alone(tmp_path):
    report = run(toy_study.STUDY, StudyRequest("smoke", toy_study.ToyOptions(), processes=1), tmp_path)
    text = draw_extract(report, toy_study.STUDY.sections, ("claims", "test"))
    assert re.findall(r"^\*\*(.*)\*\*$", text, re.MULTILINE) == [
        "Do the paper's findings hold here?", "Jitter: 6 clips, 0 bilabials",
    ]  # fmt: skip
    assert ": **holds**." in text and "effect and 95 %" not in text and "| smooth |" in text


def test_the_page_of_tokens_has_the_tables_of_the_committed_figures():
    study = studies.STUDIES["tokens"].open()
    page = (FIGURES.parent / "tokens_to_faces.md").read_text("utf-8")
    measured = page.partition("<!-- measured -->\n")[2].partition("\n<!-- /measured -->")[0]
    assert measured == draw_extract(study.revise(read_report(FIGURES / "tokens.json")), study.sections, study.extract)


def test_a_page_runs_no_script_and_its_own_styles_alone():
    rules = re.search(r'Content-Security-Policy" content="([^"]*)"', document("x", "<svg><style>a {}</style></svg>"))[1]
    assert "script-src 'none'" in rules and rules.count("'sha256-") == 2
    assert "base-uri 'none'" in rules and "form-action 'none'" in rules


def test_words_from_outside_are_escaped_in_html(tmp_path):
    bad = replace(toy_study.PAPER, source="<script>")
    sections = (toy_study.sections.paper(bad),)
    run(
        replace(toy_study.STUDY, sections=sections),
        StudyRequest("smoke", toy_study.ToyOptions(), processes=1),
        tmp_path,
    )
    page = (tmp_path / "toy.html").read_text()
    assert "<script>" not in page and "&lt;script&gt;" in page


@pytest.mark.parametrize("name", studies.STUDIES)
def test_committed_figures_are_small_and_drawn_without_training(name, tmp_path):
    path = FIGURES / f"{name}.json"
    assert path.stat().st_size <= 300_000
    json.loads(path.read_text(), parse_constant=pytest.fail)
    report = draw(studies.STUDIES[name].open(), path, tmp_path)
    text = (tmp_path / f"{name}.md").read_text()
    assert report.claims and all(f"- **{claim.title}**: {claim.verdict}" in text for claim in report.claims)
    assert all(re.search(rf'<section id="{s.name}"', (tmp_path / f"{name}.html").read_text())
               for s in studies.STUDIES[name].open().sections if s.name != "faces")  # fmt: skip
    drawn = any(s.name in ("pictures", "plot") for s in studies.STUDIES[name].open().sections)
    assert (tmp_path / "plots").is_dir() == drawn  # those of BCS at 1 mm wait for figures that have it
