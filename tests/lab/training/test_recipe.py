from dataclasses import dataclass, field
from pathlib import Path

import pytest

from utterface.errors import ConfigError
from utterface.lab.training.recipe import TrainConfig, config_from, read_recipe, without_places


@dataclass(frozen=True)
class Sizes:
    root: Path
    rate: float = 1.0
    levels: tuple[int, ...] = (4, 4)
    span: tuple[float, float] = (0.0, 1.0)
    past: int | None = None
    taps: tuple[tuple[int, ...], ...] = ()
    fast: bool = False
    shares: dict[str, float] = field(default_factory=dict)


def test_overrides_reach_any_key_and_keep_their_type(recipe):
    read = read_recipe(recipe, ["train.steps=9", "data.shares.toy=0.5", "new.key=[1, 2]", "train.precision=bf16"])
    assert read["train"]["steps"] == 9
    assert read["data"]["shares"]["toy"] == 0.5
    assert read["new"]["key"] == [1, 2]
    assert read["train"]["precision"] == "bf16"


def test_an_override_nested_too_deeply_is_text(recipe):
    assert read_recipe(recipe, ["train.folder=" + "[" * 5000])["train"]["folder"] == "[" * 5000


@pytest.mark.parametrize("override", ["train.steps", "train.steps.more=1"])
def test_overrides_that_lead_nowhere_are_refused(recipe, override):
    with pytest.raises(ConfigError, match="override"):
        read_recipe(recipe, [override])


def test_values_take_the_types_of_the_record():
    table = {"root": "~/a", "rate": 2, "levels": [1, 2, 3], "span": [0, 1], "past": 3, "taps": [[-1, 0], [1]]}
    sizes = config_from(Sizes, table, "[network]")
    assert sizes == Sizes(Path("~/a").expanduser(), 2.0, (1, 2, 3), (0.0, 1.0), 3, ((-1, 0), (1,)))
    assert isinstance(sizes.rate, float)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"rate": "abc"}, "rate must be a number, got 'abc'"),
        ({"rate": True}, "rate must be a number, got True"),
        ({"levels": 4}, "levels must be a list of whole numbers, got 4"),
        ({"levels": [1, 2.5]}, "levels must be a whole number, got 2.5"),
        ({"span": [0.1]}, r"span must be a list of 2 numbers, got \[0.1\]"),
        ({"past": "all"}, "past must be a whole number, got 'all'"),
        ({"fast": "yes"}, "fast must be true or false, got 'yes'"),
        ({"levls": [1]}, r"no key 'levls' \(did you mean 'levels'\?\); it has root, rate"),
        ({"root": 3}, "root must be a path, got 3"),
    ],
)
def test_wrong_values_are_refused_in_one_line(table, message):
    with pytest.raises(ConfigError, match=message) as caught:
        config_from(Sizes, {"root": ".", **table}, "table [network]")
    assert "\n" not in str(caught.value)


def test_the_home_of_an_unknown_user_is_refused():
    with pytest.raises(ConfigError, match="sizes: root must be a path, got '~nobody-of-that-name/x'"):
        config_from(Sizes, {"root": "~nobody-of-that-name/x"}, "sizes")


def test_missing_values_and_tables_that_are_none_are_refused():
    with pytest.raises(ConfigError, match=r"table \[train\] lacks folder \(a path\)"):
        config_from(TrainConfig, {}, "table [train]")
    with pytest.raises(ConfigError, match="must be a table of keys, got 3"):
        config_from(TrainConfig, 3, "table [train]")


def test_files_that_are_no_recipes_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="no recipe at"):
        read_recipe(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("a = = 1")
    with pytest.raises(ConfigError, match="not TOML"):
        read_recipe(tmp_path / "bad.toml")
    (tmp_path / "latin.toml").write_bytes("a = 'ü'".encode("latin-1"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_recipe(tmp_path / "latin.toml")
    (tmp_path / "deep.toml").write_text("a = " + "[" * 5000)
    with pytest.raises(ConfigError, match="nested too deeply"):
        read_recipe(tmp_path / "deep.toml")


def test_a_recipe_loses_its_places():
    recipe = {
        "train": {"folder": "~/x", "steps": 3},
        "data": {"root": "/home/someone/corpora", "shares": {"recorded": 0.6}},
        "losses": {"teacher": "checkpoint:~/.cache/utterface/runs/units-2/best.safetensors@4#/a/b/c.safetensors"},
        "targets": {"representation": "hub:facebook/hubert-base-ls960@9", "list": [1, 2]},
    }
    assert without_places(recipe) == {
        "train": {"steps": 3},
        "data": {"shares": {"recorded": 0.6}},
        "losses": {"teacher": "checkpoint:units-2/best.safetensors@4#b/c.safetensors"},
        "targets": {"representation": "hub:facebook/hubert-base-ls960@9", "list": [1, 2]},
    }
