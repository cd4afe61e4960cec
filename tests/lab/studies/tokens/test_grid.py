from dataclasses import replace

import pytest

from utterface.errors import ConfigError
from utterface.lab.decoders import DECODERS
from utterface.lab.studies.tokens.grid import SIZES, TINY, Cell, Entry, Folder, cells, choose, recipe, size
from utterface.lab.systems.tokens_to_faces import make


@pytest.mark.parametrize("name", SIZES)
def test_every_size_trains_every_decoder(name):
    grid = size(name)
    assert set(grid.decoders) == set(grid.rates) == set(DECODERS) - {"diffusion_transformer"} | set(grid.decoders)
    assert {"transformer", "gru_diffusion", "animator"} <= set(grid.decoders)
    keys = [e.key for e in grid.representations]
    assert len(set(keys)) == len(keys)


def test_small_and_full_are_as_large_as_they_must_be():
    assert len(size("small").representations) >= 8 and size("small").seeds == 2
    assert size("full").seeds > 2 and size("full").sampling_steps == 1000


def test_an_unknown_size_names_those_there_are():
    with pytest.raises(ConfigError, match="no size 'huge'; there are tiny, small, full"):
        size("huge")


def test_representations_are_chosen_by_key_or_by_name():
    chosen = choose(TINY, ["mfcc-units", "mel", "checkpoint:/runs/units-2/best.safetensors@4"])
    assert [e.key for e in chosen] == ["mfcc-units", "mel", "units-2@4"]
    assert choose(TINY, ["mine=folder:/a/b@2"]) == (Entry("mine", "folder:/a/b@2"),)
    assert chosen[0].clusters == 16
    with pytest.raises(ConfigError, match="mel is named twice"):
        choose(TINY, ["mel", "mel"])


def test_the_first_seed_of_all_comes_before_the_second_of_any():
    listed = cells(replace(TINY, seeds=2), ["mel", "mfcc"])
    assert len(listed) == len({c.name for c in listed}) == 12
    assert [c.seed for c in listed] == [0] * 6 + [1] * 6


@pytest.mark.parametrize("kind", TINY.decoders)
def test_recipes_are_what_the_system_reads(kind, tmp_path):
    asked = recipe(TINY, Cell("mel", kind, 3), "mel", Folder(tmp_path))
    system = make(asked)
    assert system.seed == 3 and system.sampling.steps <= 50
    assert system.loss_config.velocity == (0.0 if kind == "gru_diffusion" else 0.03)
    assert asked["train"]["validate_every"] == 0  # nothing is chosen on any clips
    with pytest.raises(ConfigError, match="no decoder 'lstm'"):
        recipe(TINY, Cell("mel", "lstm", 0), "mel", Folder(tmp_path))


def test_every_cell_has_the_same_budget(tmp_path):
    grid = size("small")
    asked = [
        recipe(grid, Cell(e.key, k, 0), e.name, Folder(tmp_path)) for e in grid.representations for k in grid.decoders
    ]
    for table, keys in (
        ("train", ("steps", "warmup", "average", "precision")),
        ("data", ("batch", "seconds", "corpora")),
    ):
        for key in keys:
            assert len({str(a[table][key]) for a in asked}) == 1, key


def test_entries_are_plain():
    assert Entry("a", "mel").clusters == 0
