import math
from pathlib import Path

import numpy as np
import pytest
import torch

from utterface.errors import ConfigError, CorpusError, ModelError
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.corpora.writer import CorpusWriter
from utterface.lab.representations.speaker import SpeakerEncoder
from utterface.lab.systems.registry import make_system, train
from utterface.lab.systems.speaker import equal_error_rate, ge2e_loss
from utterface.lab.training.recipe import read_recipe

RECIPES = Path(__file__).parents[3] / "recipes"
RECIPE = """
system = "speaker"
[train]
folder = "{folder}"
steps = 25
warmup = 1
rate = 3e-3
threads = 1
validate_every = 25
select = "separation"
[data]
root = "{folder}"
batch = 6
seconds = 0.5
workers = 0
validation_batches = 2
[data.shares]
toy = 1.0
[network]
width = 16
features = 8
clips = 3
"""


def test_equal_error_rate_by_hand():
    same = np.array([True, True, False, False])
    assert equal_error_rate(np.array([4.0, 3, 2, 1]), same) == 0
    assert equal_error_rate(np.array([1.0, 2, 3, 4]), same) == 1
    assert equal_error_rate(np.array([4.0, 2, 3, 1]), same) == pytest.approx(0.5)
    assert equal_error_rate(np.zeros(4), same) == pytest.approx(0.5)  # nothing is told apart
    scores = np.array([9.0, 8, 7, 3, 6, 2, 1, 0])  # of four pairs each, one lies on the wrong side
    assert equal_error_rate(scores, np.arange(8) < 4) == pytest.approx(0.25)
    with pytest.raises(CorpusError, match="pairs"):
        equal_error_rate(scores, np.ones(8, bool))


def test_ge2e_by_hand():
    # Two speakers of two clips, all clips of a speaker alike, the speakers at right angles: cosines 1 and 0.
    apart = torch.eye(2)[:, None].expand(2, 2, 2)
    assert ge2e_loss(apart, 10.0, -5.0).item() == pytest.approx(math.log(1 + math.exp(-10)), rel=1e-2)
    assert ge2e_loss(apart, 1.0, 3.0).item() == pytest.approx(math.log(1 + math.exp(-1)))
    together = torch.eye(2)[:1, None].expand(2, 2, 2)
    assert ge2e_loss(together, 10.0, -5.0).item() == pytest.approx(math.log(2))


def test_ge2e_leaves_a_clip_out_of_its_own_centre():
    # Both speakers' clips are (1, 0) and (0, 1): without itself, a clip's own centre is at a right angle to it (cosine
    # 0), the other speaker's at 45°.
    embeddings = torch.eye(2)[None].expand(2, 2, 2)
    assert ge2e_loss(embeddings, 1.0, 0.0).item() == pytest.approx(math.log(1 + math.exp(math.sqrt(0.5))), rel=1e-5)


@pytest.fixture
def recipe(tmp_path) -> Path:
    """Eight voices that differ in pitch and colour, four clips each; three are held out."""
    writer, rng = CorpusWriter(tmp_path / "toy"), np.random.default_rng(0)
    t = np.arange(9600) / 16000
    for number in range(32):
        speaker = number % 8
        tone = sum(np.sin(2 * np.pi * (90 + 30 * speaker) * k * t) * (0.4 + 0.07 * speaker) ** k for k in range(1, 20))
        samples = (0.2 * tone + 0.01 * rng.standard_normal(9600)).astype(np.float32)
        split = "valid" if speaker in (1, 4, 6) else "train"
        writer.add(CorpusClip(f"c{number}", 0.6, f"s{speaker}", split=split), samples * rng.uniform(0.3, 1), [])
    path = tmp_path / "speaker.toml"
    path.write_text(RECIPE.format(folder=tmp_path))
    return path


def test_a_batch_holds_few_speakers_with_their_clips(recipe):
    crops = make_system(read_recipe(recipe)).crops(("train",))
    whose = [c.speaker for c in crops.pick(np.random.default_rng(0))]
    assert len(whose) == 6
    assert whose[0] == whose[1] == whose[2] != whose[3] == whose[4] == whose[5]


def test_training_and_embeddings(recipe):
    checkpoint = train(read_recipe(recipe), lambda line: None)
    encoder = SpeakerEncoder(checkpoint)
    embedding = encoder(np.random.default_rng(0).normal(0, 0.1, 16000))
    assert embedding.shape == (8,)
    assert np.linalg.norm(embedding) == pytest.approx(1, abs=1e-5)
    figures = make_system(read_recipe(recipe)).validate(encoder.network)
    assert figures["separation"] == pytest.approx(1 - figures["equal_error_rate"])
    assert 0 <= figures["equal_error_rate"] <= 0.5


def test_what_does_not_fit_is_refused(recipe, tmp_path):
    with pytest.raises(ConfigError, match="clips"):
        make_system(read_recipe(recipe, ["network.clips=4"]))
    with pytest.raises(ModelError, match="no checkpoint"):
        SpeakerEncoder(tmp_path / "none.safetensors")


def test_the_shipped_recipe_stays_small():
    network = make_system(read_recipe(RECIPES / "speaker.toml")).network
    assert sum(p.numel() for p in network.parameters()) <= 2e6
