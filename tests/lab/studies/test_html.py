import re

from utterface.lab.studies.html import (
    claims,
    document,
    figure,
    folded,
    paper,
    pictures,
    playing,
    section,
    table,
    winner,
)
from utterface.lab.studies.tables import Table, Text


def test_a_page_needs_nothing_else():
    text = document("a < b", "<p>x</p>")
    assert text.startswith("<!doctype html>") and "<title>a &lt; b</title>" in text
    assert "prefers-color-scheme: dark" in text and "viewport" in text and "://" not in text


def test_a_page_runs_no_script_and_its_own_styles_alone():
    rules = re.search(r'Content-Security-Policy" content="([^"]*)"', document("x", "<svg><style>a {}</style></svg>"))[1]
    assert "script-src 'none'" in rules and rules.count("'sha256-") == 2
    assert "base-uri 'none'" in rules and "form-action 'none'" in rules


def test_words_from_outside_are_escaped():
    bad = "<script>"
    told = Table((bad,), ((Text(bad, bad, True),),))
    for text in (table(told), section(bad, "", "x"), folded(bad, ""), figure(bad, ""), winner(bad)):
        assert bad not in text and "&lt;script&gt;" in text


def test_rows_of_one_name_are_a_group_and_the_last_ones_stand_apart():
    rows = tuple((Text(name), Text("1")) for name in ("a", "a", "b"))
    text = table(Table(("x", "y"), rows, apart=1))
    assert text.count("<tr") == 4 and 'class="group"' in text and 'class="apart group"' in text


def test_what_is_not_there_leaves_no_mark():
    assert winner("") == playing("x", "") == pictures([]) == claims({"definitions": {}}, "x") == ""
    assert "<h2>The winner</h2><p>A won</p>" in winner("**A** won")


def test_verdicts_are_cards_with_what_decides_on_them():
    row = {"label": "better", "effect": 0.5, "low": 0.1, "high": 0.9, "unit": "%", "verdict": "holds", "note": ""}
    evidence = [{**row, "decides": True}, {**row, "label": "aside", "decides": False}]
    claim = {"title": "It is so", "verdict": "holds", "evidence": evidence, "remarks": ["why"]}
    text = claims({"claims": [claim], "definitions": {}}, "Asked")
    card, whole = text.split("<details>")
    assert 'class="claim holds"' in card and "better: <b>+50.0 %</b>" in card and "aside" not in card
    assert "aside" in whole and "why" in text


def test_the_papers_table_says_whence_it_is():
    told = {"source": "Somebody", "corpus": "theirs", "columns": ("row", "x"), "rows": (("a", None),)}
    assert "Somebody. theirs" in paper({"paper": told}) and "–" in paper({"paper": told})
