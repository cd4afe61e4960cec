"""A voice bundle sounds as the networks that it was made of."""

import json

import numpy as np
import pytest
import torch

from utterface import speech, timing
from utterface.engines.mesh_to_speech import MeshToSpeechEngine
from utterface.errors import ConfigError
from utterface.lab.bundles.mesh_to_speech import export_voice, mean_voice, write_card
from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.networks.mesh_to_speech import MeshToSpeechModel
from utterface.lab.networks.vocoder import Vocoder
from utterface.lab.representations.speaker import SpeakerEncoder
from utterface.lab.systems.mesh_to_speech import MeshToSpeechSystem
from utterface.lab.training.checkpoints import load_average
from utterface.motion import ARKIT, Motion

WINDOWS = {"block": 0.4, "past": 0.4, "future": 0.4, "overlap": 0.2}


@pytest.fixture
def vocoder(trained):
    return trained("vocoder", "mel_fit", "[network]\nwidth = 16\ninner = 16\nblocks = 1\n[losses]\nwindows = [512]\n")


@pytest.fixture
def table(vocoder):
    return {"vocoder": str(vocoder), "licence": "MIT", "provenance": ["toy sounds"], **WINDOWS}


def sound_of(folder, motion: Motion) -> np.ndarray:
    voice = MeshToSpeechEngine(folder)
    return np.concatenate([voice.push(motion), voice.flush()])


def test_the_bundle_sounds_as_its_networks(listener, vocoder, table, tmp_path):
    folder = export_voice(listener, tmp_path / "voice", {**table, "weights": "floats"})
    voice = MeshToSpeechEngine(folder)
    assert voice.config.channels == ARKIT[:-1] and voice.config.frame_rate == 50
    motion = Motion(np.random.default_rng(0).uniform(0, 1, (120, 61)), frame_rate=60.0)
    sound = sound_of(folder, motion)
    assert len(sound) == 32000
    # the same by hand: a window as the bundle cuts them, its block's log-mel, the vocoder over the middle of it
    ear, tell = MeshToSpeechModel(listener), Vocoder(vocoder)
    at_50 = timing.resample(motion.select(ARKIT[:-1]), 60.0, 50.0)
    window = torch.from_numpy(at_50[20:80])[None]  # 0.4 to 1.6 s; its block is 0.8 to 1.2 s
    mel = ear(window, torch.from_numpy(voice.speaker)[None], 50.0).mel[0].numpy()
    reach = tell.network.reach
    expected = tell(np.maximum(mel[40:80], np.log(speech.MEL_FLOOR)))
    middle = slice(160 * max(20, reach), 160 * (40 - reach))  # after the overlap, where nothing but the block is heard
    assert middle.stop > middle.start
    assert np.allclose(sound[12800:19200][middle], expected[middle], atol=2e-4)
    encoder = SpeakerEncoder(load_average(listener)[1]["speech"]["speaker"])
    for seconds in (0.3, 1.7):
        samples = 0.1 * np.random.default_rng(0).standard_normal(round(16000 * seconds)).astype(np.float32)
        assert np.allclose(voice.speaker_of(samples), encoder(samples), atol=1e-4)


def test_provenance_is_stated(listener, table, tmp_path):
    folder = tmp_path / "voice"
    folder.mkdir()
    (folder / "CARD.md").write_text("mine")
    assert export_voice(listener, folder, table) == folder
    told = json.loads((folder / "config.json").read_text())
    assert told["provenance"] == ["toy sounds"] and told["recipe"]["system"] == "mesh_to_speech"
    assert str(tmp_path) not in json.dumps(told)  # nothing of this machine
    assert (folder / "CARD.md").read_text() == "mine"  # what people wrote stays
    assert "toy sounds" in write_card(told, "voice", 1000) and "mouth" in write_card(told, "voice", 1000)
    still = Motion(np.zeros((60, 61)), frame_rate=60.0)
    assert np.isfinite(sound_of(folder, still)).all()  # of half floats


def test_the_mean_voice_is_in_the_middle(listener):
    recipe = load_average(listener)[1]
    middle = mean_voice(MeshToSpeechSystem(recipe))
    assert np.linalg.norm(middle) == pytest.approx(1, abs=1e-4)
    encoder = SpeakerEncoder(recipe["speech"]["speaker"])
    corpus = read_corpus(recipe["data"]["root"] + "/toy").split("train")
    likeness = [float(encoder(clip.samples()) @ middle) for clip in corpus]
    assert min(likeness) > 0


def test_tables_that_do_not_fit_are_refused(listener, table, tmp_path):
    with pytest.raises(ConfigError, match="halves"):
        export_voice(listener, tmp_path, {**table, "weights": "quarters"})
    with pytest.raises(ConfigError, match="multiple"):
        export_voice(listener, tmp_path, {**table, "block": 0.3})
