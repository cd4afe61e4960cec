"""The whole command on a small grid, stopped and gone on with."""

import json
import tomllib
from dataclasses import replace

import pytest

from utterface.lab.studies import kept
from utterface.lab.studies.tokens import costs
from utterface.lab.studies.tokens.benchmark import bench
from utterface.lab.studies.tokens.run import Asked
from utterface.pages import template as exported_page


@pytest.fixture
def asked(grid, toy, tmp_path, monkeypatch) -> Asked:
    monkeypatch.setenv("UTTERFACE_CACHE", str(tmp_path / "cache"))
    return Asked(replace(grid, seeds=2), (toy,), processes=1)


def test_one_call_makes_the_whole_report_and_a_stopped_one_goes_on(asked, tmp_path, monkeypatch):
    output = tmp_path / "out"
    whole, count = kept.train, []

    def stopping(recipe, report):
        count.append(recipe["train"]["folder"])
        if len(count) == 5:
            raise KeyboardInterrupt
        return whole(recipe, report)

    monkeypatch.setattr(kept, "train", stopping)
    with pytest.raises(KeyboardInterrupt):
        bench(asked, output)
    assert len(list((output / "cells").glob("*.[0-9].json"))) == 4
    found = bench(asked, output)
    assert len(count) == 5 + 8 and not found["failed"]  # 2 representations × 3 decoders × 2 seeds, one twice
    assert len(found["test"]["rows"]) == 6 + 2 and len(found["costs"]) == 6
    assert [c["key"] for c in found["claims"]] == ["phonetic", "discrete", "disagree", "jitter", "label"]
    told = json.loads((output / "tokens.json").read_text(), parse_constant=pytest.fail)
    assert told["test"]["rows"] == found["test"]["rows"]
    assert "units" in (output / "tokens.md").read_text()
    html = (output / "tokens.html").read_text()
    assert "<svg" in html and "srcdoc=" in html and "From Tokens to Faces" in html
    assert tomllib.loads((output / "winner.toml").read_text())["speech"]["representation"].startswith("mfcc#")

    monkeypatch.setattr(kept, "train", lambda *a: pytest.fail("trained again"))
    monkeypatch.setattr(costs, "measure", lambda *a: pytest.fail("measured again"))
    again = bench(asked, output)
    assert again["test"] == found["test"] and again["costs"] == found["costs"]


def test_the_page_that_plays_is_built_with_the_package():
    assert exported_page.built("compare")
