import json
from pathlib import Path

import numpy as np

from utterface.lab.representations import fit_codebook, open_representation
from utterface.lab.systems.registry import make_system
from utterface.lab.training.recipe import read_recipe

RECIPES = Path(__file__).parents[3] / "recipes"
TABLES = """
[network]
width = 16
heads = 2
inner = 32
layers = 2
clusters = 5
unit_layer = 1
[targets]
sounds = 6
"""


def test_two_rounds_of_training_and_their_units(trained, toy, tmp_path):
    checkpoint = trained("masked", "masked_accuracy", TABLES)
    assert (checkpoint.parent / "targets.safetensors").exists()
    rows = [json.loads(line) for line in (checkpoint.parent / "log.jsonl").read_text().splitlines()]
    assert all(np.isfinite(row["masked"]) for row in rows if "masked" in row)
    assert 0 <= rows[-1]["masked_accuracy"] <= 1
    sound = np.random.default_rng(0).normal(0, 0.1, 8000).astype(np.float32)
    first = open_representation(f"checkpoint:{checkpoint}")
    track = first.encode(sound)
    assert track.values.shape == (25, 16)
    assert (first.about.frame_rate, first.about.start) == (50, 0.005)
    assert first.about.parameters < open_representation(f"checkpoint:{checkpoint}@2").about.parameters
    fit_codebook(first, [sound], 4).save(tmp_path / "units.safetensors")
    units = open_representation(f"checkpoint:{checkpoint}@1#{tmp_path / 'units.safetensors'}").units(sound)
    assert units.values.max() < 4
    again = [f"targets.representation='checkpoint:{checkpoint}@1'", f"train.folder={tmp_path / 'second'}"]
    second = trained("masked", "masked_accuracy", TABLES, *again)
    assert open_representation(f"checkpoint:{second}@1").encode(sound).values.shape == (25, 16)


def test_the_shipped_recipes_stay_small():
    for name in ("units-1", "units-2"):
        network = make_system(read_recipe(RECIPES / f"{name}.toml")).network
        assert sum(p.numel() for p in network.parameters()) <= 5e6
