"""Learning curves of a tiny network on the toy corpus."""

import json
import shutil

import pytest

from utterface.errors import ConfigError
from utterface.lab.corpora.manifest import MANIFEST
from utterface.lab.networks.animator import animator_config
from utterface.lab.studies.learning import delayed, rows_of, study, to_markdown
from utterface.lab.studies.markdown import MARKS, put_into
from utterface.lab.systems.animator import make
from utterface.lab.training.recipe import read_recipe

TAPS = ((-2, -1, 0), (-1, 0, 1), (-1, 0, 1), (-3, 0, 1), (-8, -4, 0))


@pytest.mark.parametrize("frames", [0, 1, 2, 3, 5, 8])
def test_a_look_ahead_is_what_is_asked_and_keeps_what_a_block_gathers(frames):
    taps = delayed(TAPS, frames)
    assert sum(max(0, t[-1]) for t in taps) == frames
    assert [t[-1] - t[0] for t in taps] == [t[-1] - t[0] for t in TAPS]
    assert delayed(TAPS, 3) == TAPS


def test_a_row_changes_one_thing(recipe, tmp_path):
    told = read_recipe(recipe)
    rows = {row.name: row.recipe for row in rows_of(told, 8, tmp_path)}
    assert next(iter(rows)) == "recipe-as_it_is"
    assert len(rows) == len({row["train"]["folder"] for row in rows.values()}) == 7  # its look-ahead is 1 frame
    few, plain = rows["people-1_4"], rows["recipe-as_it_is"]
    assert few["data"]["speakers"] == {"toy": 0.25} and few["network"] == plain["network"]
    assert animator_config(rows["look-ahead-7_frames"]).delay == 7
    assert animator_config(rows["size-3_2"]).width == 24 and plain["train"]["validate_every"] == 2
    heard = [len(make(r).source("toy").clips(("train",))) for r in (few, rows["people-1_2"], plain)]
    assert heard == [2, 3, 5]
    with pytest.raises(ConfigError, match="'codec'"):
        rows_of({"system": "codec"}, 8, tmp_path)


def test_a_small_part_is_heard_in_a_larger_one_too(recipe):
    kept = [
        {c.speaker for c in make(read_recipe(recipe, [f"data.speakers.toy={part}"])).source("toy").clips(("train",))}
        for part in (0.1, 0.4, 0.8)
    ]
    assert len(kept[0]) == 1 and kept[0] < kept[1] < kept[2]


def test_the_study_is_made_once_goes_on_and_fills_a_page(recipe, tmp_path, monkeypatch):
    told, folder = read_recipe(recipe), tmp_path / "curves"
    monkeypatch.setattr("utterface.lab.studies.learning.PARTS", ("1/4",))
    monkeypatch.setattr("utterface.lab.studies.learning.SIZES", ())
    monkeypatch.setattr("utterface.lab.studies.learning.LOOK_AHEADS", (3,))
    found = study(told, folder, 4, 1)
    assert [row["what"] for row in found["rows"]] == ["recipe", "people", "look-ahead"] and not found["failed"]
    base, few, late = found["rows"]
    assert [at for at, _ in base["curve"]] == [1, 2, 3, 4] and base["clips"] == 1
    assert (base["people"], few["people"]) == (5, 2) and few["hours"] < base["hours"]
    assert late["look_ahead_ms"] == pytest.approx(base["look_ahead_ms"] + 40)
    (folder / "rows" / "people-1_4.json").unlink()  # a run that was stopped before it was judged
    again = {row["what"]: row for row in study(told, folder, 4, 1)["rows"]}
    assert again["recipe"] == base and again["people"] == few  # its time too: it was not trained anew
    marks = [json.loads(path.read_text())["mark"] for path in sorted((folder / "rows").glob("*.json"))]
    study(read_recipe(recipe, ["train.rate=0.3"]), folder, 4, 1)  # another recipe's rows are made anew
    again = [json.loads(path.read_text())["mark"] for path in sorted((folder / "rows").glob("*.json"))]
    assert len(marks) == 3 and not set(marks) & set(again)
    page = tmp_path / "page.md"
    page.write_text(f"before\n{MARKS[0]}\n{MARKS[1]}\nafter\n")
    put_into(page, to_markdown(found))
    text = page.read_text()
    assert "| people | 1/4 | 2 |" in text and text.endswith("after\n")
    assert json.loads(text.split("```json\n")[1].split("\n```")[0])[2]["what"] == "look-ahead"


def test_what_failed_is_told():
    text = to_markdown({"steps": 8, "rows": [], "failed": {"size-3_2": "ModelError: the loss is no number"}})
    assert "size-3_2: ModelError: the loss is no number" in text


def test_rows_of_another_corpus_are_other_rows(recipe, tmp_path, corpus):
    told = read_recipe(recipe)
    before = {row.mark for row in rows_of(told, 8, tmp_path)}
    shutil.copytree(corpus, tmp_path / "corpora" / "toy")
    told["data"]["root"] = str(tmp_path / "corpora")
    assert {row.mark for row in rows_of(told, 8, tmp_path)} == before
    with (tmp_path / "corpora" / "toy" / MANIFEST).open("a") as grown:
        grown.write("one clip more\n")
    assert not {row.mark for row in rows_of(told, 8, tmp_path)} & before
