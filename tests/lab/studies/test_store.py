import numpy as np
import pytest

from utterface.errors import ConfigError
from utterface.lab.representations import fit_codebook, open_representation
from utterface.lab.studies.store import (
    _identity,
    done,
    keep_or_refuse,
    mark_of,
    portable,
    read_json,
    train_once,
)
from utterface.lab.training.recipe import read_recipe


def test_what_is_no_result_is_not_done(tmp_path):
    assert not done(tmp_path / "none.json", "x")
    (tmp_path / "half.json").write_text('{"mark": "x"')
    assert not done(tmp_path / "half.json", "x")
    (tmp_path / "list.json").write_text("[]")
    assert not done(tmp_path / "list.json", "x")


def test_a_recipe_is_the_same_wherever_it_runs():
    asked = {
        "train": {"folder": "a", "steps": 3, "save_every": 2},
        "speech": {"store": "x", "representation": "mel"},
        "data": {"root": "r", "corpora": ("c",)},
    }
    there = {**asked, "train": {**asked["train"], "folder": "b"}, "data": {"root": "q", "corpora": ["c"]}}
    assert portable(asked) == portable(there) != portable({**asked, "train": {"steps": 4}})
    assert mark_of(portable(asked)) == mark_of(portable(there)) and len(mark_of([])) == 16


def test_a_mark_depends_on_a_representations_content(tmp_path):
    sounds, place = (
        np.random.default_rng(0).standard_normal((2, 16_000)).astype(np.float32),
        tmp_path / "book.safetensors",
    )
    marks = []
    for sound in sounds:
        fit_codebook(open_representation("mfcc"), [sound], 4, frames=50).save(place)
        _identity.cache_clear()
        marks.append(mark_of(portable({"speech": {"representation": f"mfcc#{place}"}})))
        assert marks[-1] == mark_of(portable({"speech": {"representation": f"mfcc#{place}"}}))
    assert marks[0] != marks[1]


def test_what_is_trained_is_not_trained_again(recipe, tmp_path):
    asked, kept, told = read_recipe(recipe, ["train.validate_every=0"]), tmp_path / "kept" / "a.safetensors", []
    first = train_once(asked, kept, {"of": 1}, told.append)
    assert kept.is_file() and first["train_seconds"] > 0 and [step for step, _ in first["losses"]] == [1, 2, 3, 4]
    assert not (tmp_path / "run").exists()
    heard = len(told)
    assert train_once(asked, kept, {"of": 1}, told.append) == first and len(told) == heard
    train_once(asked, kept, {"of": 2}, told.append)
    assert len(told) > heard and read_json(kept.with_suffix(".json"))["about"] == {"of": 2}


def test_a_stopped_training_resumes_and_that_of_something_else_does_not(recipe, tmp_path):
    asked, lines = read_recipe(recipe, ["train.validate_every=0"]), []

    def stop_at_the_third(line: str) -> None:
        if line.startswith("step 3"):
            raise KeyboardInterrupt

    for about in ({"of": 1}, {"of": 2}):
        with pytest.raises(KeyboardInterrupt):
            train_once(asked, tmp_path / "a.safetensors", {"of": 1}, stop_at_the_third)
        train_once(asked, tmp_path / "a.safetensors", about, lines.append)
        assert (sum("step 2" in line and not line.startswith("step") for line in lines) == 1) == (about["of"] == 1)
        lines.clear()
        (tmp_path / "a.safetensors").unlink()


def test_a_folder_of_another_run_is_refused(tmp_path):
    asked = {"steps": 3, "corpora": (tmp_path,)}
    for _ in range(2):
        keep_or_refuse(tmp_path / "run.json", asked)
    with pytest.raises(ConfigError, match="a run with another steps; choose another output folder"):
        keep_or_refuse(tmp_path / "run.json", {**asked, "steps": 4})
