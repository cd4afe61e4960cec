"""Checkpoints become members that open by name and say what the checkpoints said."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import ship as shipping
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from ship import MOST_BYTES, agreement, ship, ship_codebook

from utterface.errors import ConfigError, ModelError
from utterface.lab.representations import open_representation, shipped
from utterface.lab.representations.shipped import open_shipped
from utterface.lab.representations.speaker import SpeakerEncoder
from utterface.lab.systems.registry import SYSTEMS
from utterface.lab.training.checkpoints import load_average

NETWORKS = {
    "masked": ("masked_accuracy", "width = 32\nheads = 2\ninner = 64\nlayers = 2\nclusters = 5\nunit_layer = 1\n"),
    "codec": ("mel_fit", "channels = 2\nfeatures = 8\ncodebooks = 3\nsize = 16\nwidth = 8\ninner = 16\nblocks = 1\n"),
    "tokenizer": ("phone_accuracy", "width = 32\nheads = 2\ninner = 64\nbelow = 1\nabove = 1\nlevels = [4, 4]\n"),
    "speaker": ("separation", "width = 16\nfeatures = 8\nclips = 2\n"),
}


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """An installation with a card and no members yet."""
    place = tmp_path / "installed"
    place.mkdir()
    (place / "CARD.md").write_text("# Ours\n\n" + "".join(f"## `{n}`\n\nToy.\n" for n in (*NETWORKS, "units")))
    monkeypatch.setattr(shipped, "member_folder", lambda: place)
    monkeypatch.setattr(shipping, "member_folder", lambda: place)
    return place


@pytest.fixture
def checkpoint(trained):
    """Trains a toy network of a system for two steps."""
    return lambda system: trained(system, NETWORKS[system][0], "[network]\n" + NETWORKS[system][1])


@pytest.fixture
def sounds() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.normal(0, 0.1, 16000).astype(np.float32) * np.float32(level) for level in (1, 0.1)]


@pytest.mark.parametrize("small", [False, True], ids=["halves", "bytes"])
@pytest.mark.parametrize("system", ["masked", "codec", "tokenizer"])
def test_what_ships_says_what_the_checkpoint_said(checkpoint, folder, sounds, system, small, monkeypatch):
    if small:
        monkeypatch.setattr(shipping, "_HEADER", MOST_BYTES)  # leaves no room, so everything becomes bytes
    path = checkpoint(system)
    shipped = ship(system, path)
    assert shipped == folder / f"{system}.safetensors"
    assert shipped.stat().st_size < path.with_name("best.safetensors").stat().st_size
    before, after = open_representation(f"checkpoint:{path}"), open_representation(f"ours:{system}")
    assert after.about.name == f"ours:{system}" and after.about.parameters == before.about.parameters
    alike = agreement(before, after, sounds)
    assert alike["frames"] == 2 * 1 * before.about.frame_rate
    if system == "masked":
        assert 0 < alike["error"] < (0.02 if small else 2e-3)
    else:
        assert 0.9 < alike["units"] <= 1
    if system == "codec":
        units = before.units(sounds[0])
        np.testing.assert_allclose(after.decode(units), before.decode(units), atol=2e-2)
        assert open_representation("ours:codec@1").about.codebooks == (16,)


def test_only_what_encodes_and_decodes_is_kept(checkpoint, folder):
    for system, gone in (("masked", "clusters"), ("tokenizer", "frames.weight"), ("speaker", "scale")):
        path = checkpoint(system)
        assert gone in load_average(path)[0]
        weights, recipe, step = load_average(ship(system, path))
        assert gone not in weights and step == 2 and recipe["system"] == system
        with safe_open(folder / f"{system}.safetensors", "np") as file:
            told = file.metadata()["recipe"]
        assert "/" not in told and "folder" not in told


def test_one_member_gives_both_vectors_and_units(checkpoint, folder, sounds):
    ship("masked", checkpoint("masked"))
    assert ship_codebook("units", "masked@2", sounds, 4) == folder / "units.codebook.safetensors"
    layer, units = open_representation("ours:masked@2"), open_representation("ours:units")
    assert layer.units(sounds[0]) is None and open_representation("ours:masked").about.codebooks == ()
    assert units.about.codebooks == (4,) and units.about.name == "ours:units"
    vectors = layer.encode(sounds[0]).values
    np.testing.assert_array_equal(units.units(sounds[0]).values, units.codebook.assign(vectors))
    with pytest.raises(ConfigError, match="no option"):
        open_representation("ours:units@1")
    with pytest.raises(ConfigError, match="has units already"):
        ship_codebook("units", "units", sounds, 4)


def test_the_speaker_encoder_opens_by_default(checkpoint, folder, sounds):
    with pytest.raises(ModelError, match="no representation of ours is called 'speaker'; installed are animator"):
        SpeakerEncoder()
    path = checkpoint("speaker")
    ship("speaker", path)
    before, after = SpeakerEncoder(path)(sounds[0]), SpeakerEncoder()(sounds[0])
    assert before @ after > 0.9999


def test_what_must_not_ship_is_refused(checkpoint, folder, tmp_path, monkeypatch):
    path = checkpoint("codec")
    with pytest.raises(ConfigError, match="no section ## `other`"):
        ship("other", path)
    with pytest.raises(ConfigError, match="small letters"):
        ship("../codec", path)
    with pytest.raises(ModelError, match="no checkpoint"):
        ship("codec", tmp_path / "none.safetensors")
    save_file(
        {"average/x": torch.zeros(1)}, tmp_path / "a.safetensors", {"recipe": '{"system": "animator"}', "step": "1"}
    )
    with pytest.raises(ModelError, match="expected masked"):
        ship("codec", tmp_path / "a.safetensors")
    monkeypatch.setattr(shipping, "MOST_WEIGHTS", 100)
    with pytest.raises(ModelError, match="at most 100"):
        ship("codec", path)
    monkeypatch.undo()
    monkeypatch.setattr(shipping, "member_folder", lambda: folder)
    monkeypatch.setattr(shipping, "MOST_BYTES", 100)
    with pytest.raises(ModelError, match="at most 100"):
        ship("codec", path)
    assert [p.name for p in folder.iterdir()] == ["CARD.md"]


def test_a_member_of_another_network_is_reported_in_one_line(checkpoint, folder):
    shipped = ship("codec", checkpoint("codec"))
    with safe_open(shipped, "pt") as file:
        kept, about = {k: file.get_tensor(k) for k in file.keys()}, file.metadata()  # noqa: SIM118
    del kept["average/encoder.0.core.weight"]
    save_file(kept, shipped, about)
    with pytest.raises(ModelError, match=r"encoder\.0\.core\.weight.*train it again"):
        open_representation("ours:codec")
    recipe = json.loads(about["recipe"])
    recipe["network"]["features"] = 9
    save_file(kept, shipped, {**about, "recipe": json.dumps(recipe)})
    with pytest.raises(ModelError, match="does not fit its recipe") as told:
        open_representation("ours:codec")
    assert "\n" not in str(told.value)


def test_every_member_that_ships_has_its_section_and_keeps_the_limits():
    files = sorted(shipped.member_folder().glob("*.safetensors"))
    card = (shipped.member_folder() / "CARD.md").read_text("utf-8")
    for path in files:
        assert path.stat().st_size <= MOST_BYTES
        assert re.search(rf"^## .*`{path.name.partition('.')[0]}`", card, re.MULTILINE)
        if not path.name.endswith(shipped.CODEBOOK):
            weights, recipe, _ = load_average(path)
            assert sum(v.numel() for v in weights.values()) <= shipping.MOST_WEIGHTS
            assert SYSTEMS[recipe["system"]].training_only


def test_codebooks_are_for_the_members_of_their_own_folder(checkpoint, folder, sounds, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "CARD.md").write_text("## `masked` and `units`\n")
    ship("masked", checkpoint("masked"), other)
    assert ship_codebook("units", "masked", sounds, 4, other) == other / "units.codebook.safetensors"
    assert open_shipped("units", other).about.codebooks == (4,)
    with pytest.raises(ModelError, match="called 'masked'; installed are none"):
        ship_codebook("units", "masked", sounds, 4, folder)


def test_what_differs_in_kind_is_not_compared(sounds):
    mel, mfcc = open_representation("mel"), open_representation("mfcc")
    assert agreement(mel, mel, sounds) == {"frames": 200, "error": 0}
    with pytest.raises(ConfigError, match="mel and mfcc cannot be compared: dimension 80 against 39"):
        agreement(mel, mfcc, sounds)
    with pytest.raises(ConfigError, match="no clips"):
        agreement(mel, mel, [])
