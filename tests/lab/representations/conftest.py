"""A corpus of tones and noise, and runs of a few steps on it."""

from pathlib import Path

import numpy as np
import pytest

from utterface.lab.corpora.manifest import Clip, CorpusWriter
from utterface.lab.train import read_recipe, train
from utterface.phones import Span

RECIPE = """
system = "{system}"
[train]
folder = "{folder}"
steps = 2
warmup = 1
threads = 1
log_every = 1
validate_every = 2
save_every = 2
select = "{select}"
[data]
root = "{root}"
batch = 4
seconds = 1.0
workers = 0
validation_batches = 1
[data.shares]
toy = 1.0
"""


@pytest.fixture(scope="session")
def toy(tmp_path_factory) -> Path:
    """The folder of a corpus `toy`: six speakers, two clips each, of tones (/ɑ/) and noise (/s/); two are held out."""
    root = tmp_path_factory.mktemp("corpora")
    writer = CorpusWriter(root / "toy")
    rng = np.random.default_rng(0)
    for number in range(12):
        speaker = number % 6
        pieces, spans, now = [], [], 0.0
        for index in rng.permutation(8):
            t = np.arange(3200) / 16000
            tone = sum(np.sin(2 * np.pi * (100 + 25 * speaker) * k * t) / k for k in range(1, 6))
            pieces.append(0.2 * tone if index % 2 else 0.1 * rng.standard_normal(3200))
            spans.append(Span("ɑ" if index % 2 else "s", now, now + 0.2))
            now = round(now + 0.2, 6)
        samples = np.concatenate(pieces).astype(np.float32)
        split = "valid" if speaker >= 4 else "train"
        writer.add(Clip(f"c{number}", len(samples) / 16000, f"s{speaker}", split=split), samples, spans)
    return root


@pytest.fixture
def trained(toy, tmp_path):
    """Trains two steps of a system: (name, figure to select by, tables of the recipe) → the checkpoint."""

    def run(system: str, select: str, tables: str, *overrides: str) -> Path:
        folder = tmp_path / system
        path = tmp_path / f"{system}.toml"
        path.write_text(RECIPE.format(system=system, folder=folder, root=toy, select=select) + tables, "utf-8")
        return train(read_recipe(path, overrides), lambda line: None)

    return run
