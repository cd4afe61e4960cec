import numpy as np
import pytest

from utterface import speech
from utterface.errors import ConfigError, CorpusError
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.corpora.writer import CorpusWriter
from utterface.lab.representations import open_representation
from utterface.lab.systems.emotion import EMOTIONS, EmotionSystem, EmotionTable
from utterface.lab.systems.registry import train
from utterface.lab.training import loop
from utterface.lab.training.checkpoints import load_average


@pytest.fixture(scope="module")
def table() -> EmotionTable:
    """Windows of four speakers, an emotion a direction of the features."""
    rng = np.random.default_rng(0)
    emotions = np.tile(np.arange(len(EMOTIONS)), 160)
    features = rng.standard_normal((len(emotions), 82)) + 4 * np.eye(82)[emotions]
    speakers = np.array(["ann", "bob", "cy", "dee"])[np.arange(len(emotions)) // 6 % 4]
    return EmotionTable(features.astype(np.float32), emotions, speakers, np.zeros(len(emotions), int))


def recipe(folder, **data):
    train_ = {"folder": str(folder), "steps": 50, "threads": 1,
              "rate": 1e-2, "warmup": 1, "average": 0.8, "select": "recall",
              "validate_every": 0}  # fmt: skip
    return {"system": "emotion", "train": train_, "data": {"root": str(folder), "corpora": ["x"], "batch": 128, **data},
            "network": {"hidden": 16, "dropout": [0.0, 0.0]}}  # fmt: skip


def test_it_learns(tmp_path, table):
    own = recipe(tmp_path / "run", left_out=["dee"])
    system = EmotionSystem(own, table)
    checkpoint = loop.train(system, own, lambda line: None)
    system.network.load_state_dict(load_average(checkpoint)[0])
    assert system.validate(system.network)["recall"] > 0.7


def test_a_speaker_left_out_is_in_no_batch(table, tmp_path):
    system = EmotionSystem(recipe(tmp_path, left_out=["dee"]), table)
    assert "dee" not in system.trained_on().speakers
    assert set(system.held_out().speakers) == {"dee"}
    with pytest.raises(ConfigError, match="no speaker zoe"):
        EmotionSystem(recipe(tmp_path, left_out=["zoe"]), table).trained_on()


def test_sound_without_voice_is_no_material(tmp_path):
    silent = CorpusWriter(tmp_path / "x")
    silent.add(CorpusClip("a", 2.0, "ann", emotion="joy", labels="none"), np.zeros(32_000, np.float32), [])
    with pytest.raises(CorpusError, match="no window holds half a second of voice"):
        train(recipe(tmp_path, nonspeech=0), lambda line: None)


def test_the_shipped_network_is_a_representation(takes):
    representation = open_representation("ours:emotion")
    samples = speech.read(sorted(takes.glob("*.flac"))[0]).samples
    track = representation.encode(samples)
    assert track.values.shape == (-(-len(samples) // 3200), representation.about.dimension)
    assert np.ptp(track.values, 0).max() > 0
