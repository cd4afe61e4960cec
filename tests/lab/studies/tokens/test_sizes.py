from dataclasses import replace

import pytest

from utterface.errors import ConfigError
from utterface.lab.decoders import DECODERS
from utterface.lab.studies.runs import VariantRun
from utterface.lab.studies.store import Folder
from utterface.lab.studies.tokens.sizes import (
    SIZES,
    SMOKE,
    RepresentationEntry,
    TokensVariant,
    choose,
    recipe,
    runs,
    with_decoders,
)
from utterface.lab.systems.tokens_to_faces import make


@pytest.mark.parametrize("name", SIZES)
def test_every_size_trains_every_decoder(name):
    size = SIZES[name]
    assert set(size.decoders) == set(size.rates) <= set(DECODERS)
    assert {"transformer", "gru_diffusion"} <= set(size.decoders)
    keys = [e.key for e in size.representations]
    assert len(set(keys)) == len(keys)


def test_small_and_full_are_as_large_as_they_must_be():
    small, medium = SIZES["small"], SIZES["medium"]
    assert [e.key for e in small.representations] == ["mel", "masked", "units", "codec@1", "tokenizer", "whisper-tiny"]
    assert medium.decoders == small.decoders and (medium.steps, medium.batch, medium.seconds) == (5000, 8, 4.0)
    assert SIZES["full"].seeds > 2 and SIZES["full"].sampling_steps == 1000


def test_representations_are_chosen_by_key_or_by_name():
    chosen = choose(SMOKE, ["mfcc-units", "mel", "checkpoint:/runs/units-2/best.safetensors@4"])
    assert [e.key for e in chosen] == ["mfcc-units", "mel", "units-2@4"]
    assert choose(SMOKE, ["whisper-tiny-units"])[0].clusters == 500  # one of the full size's
    assert choose(SMOKE, ["mine=folder:/a/b@2"]) == (RepresentationEntry("mine", "folder:/a/b@2"),)
    assert chosen[0].clusters == 16
    with pytest.raises(ConfigError, match="mel is named twice"):
        choose(SMOKE, ["mel", "mel"])


def test_decoders_are_chosen_by_name():
    assert list(with_decoders(SMOKE, ["gru_diffusion"]).decoders) == ["gru_diffusion"]
    assert with_decoders(SMOKE, ()) == SMOKE
    with pytest.raises(ConfigError, match="size small has no decoder 'animator'"):
        with_decoders(SIZES["small"], ["animator"])


def test_the_first_seed_of_all_comes_before_the_second_of_any():
    listed = runs(replace(SMOKE, seeds=2), ["mel", "mfcc"])
    assert len(listed) == len({r.name for r in listed}) == 12
    assert [r.seed for r in listed] == [0] * 6 + [1] * 6


@pytest.mark.parametrize("kind", SMOKE.decoders)
def test_recipes_are_what_the_system_reads(kind, tmp_path):
    asked = recipe(SMOKE, VariantRun(TokensVariant("mel", kind), 3), "mel", Folder(tmp_path))
    system = make(asked)
    assert system.face.seed == 3 and system.face.sampling.steps <= 50
    assert system.weights.velocity == (0.0 if kind == "gru_diffusion" else 0.03)
    assert asked["train"]["validate_every"] == 0  # nothing is chosen on any clips
    with pytest.raises(ConfigError, match="no decoder 'lstm'"):
        recipe(SMOKE, VariantRun(TokensVariant("mel", "lstm"), 0), "mel", Folder(tmp_path))


def test_every_run_has_the_same_budget(tmp_path):
    size = SIZES["small"]
    asked = [
        recipe(size, VariantRun(TokensVariant(e.key, k), 0), e.name, Folder(tmp_path))
        for e in size.representations
        for k in size.decoders
    ]
    for table, keys in (
        ("train", ("steps", "warmup", "average", "precision")),
        ("data", ("batch", "seconds", "corpora")),
    ):
        for key in keys:
            assert len({str(a[table][key]) for a in asked}) == 1, key
