"""A voice bundle sounds as the networks that it was made of."""

import json

import numpy as np
import pytest
import torch

from utterface import speech, timing
from utterface.cli.bundle import EXPORTERS
from utterface.engines.voice import Voice
from utterface.errors import ConfigError
from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.listener import Listener
from utterface.lab.speaker import SpeakerEncoder
from utterface.lab.systems.mesh_to_speech import MeshToSpeech
from utterface.lab.train import load_average
from utterface.lab.vocoder import Vocoder
from utterface.lab.voice_bundle import export_voice, mean_voice
from utterface.motion import ARKIT, Motion

WINDOWS = {"block": 0.4, "past": 0.4, "future": 0.4, "overlap": 0.2}


@pytest.fixture
def vocoder(trained):
    return trained("vocoder", "mel_fit", "[network]\nwidth = 16\ninner = 16\nblocks = 1\n[losses]\nwindows = [512]\n")


@pytest.fixture
def table(vocoder):
    return {"vocoder": str(vocoder), "licence": "MIT", "provenance": ["toy sounds"], **WINDOWS}


def test_the_bundle_sounds_as_its_networks(listener, vocoder, table, tmp_path):
    folder = export_voice(listener, tmp_path / "voice", {**table, "weights": "floats"})
    voice = Voice(folder)
    assert voice.config.channels == ARKIT[:-1] and voice.config.frame_rate == 50
    motion = Motion(np.random.default_rng(0).uniform(0, 1, (120, 61)), frame_rate=60.0)
    sound = np.concatenate([voice.push(motion), voice.flush()])
    assert len(sound) == 32000
    # the same by hand: a window as the bundle cuts them, its block's log-mel, the vocoder over the middle of it
    ear, tell = Listener(listener), Vocoder(vocoder)
    at_50 = timing.resample(motion.select(ARKIT[:-1]), 60.0, 50.0)
    window = torch.from_numpy(at_50[20:80])[None]  # 0.4 to 1.6 s; its block is 0.8 to 1.2 s
    speaker = torch.from_numpy(voice.speaker)[None]
    mel = ear(window, speaker, 50.0).mel[0].numpy()
    reach = tell.network.reach
    assert reach < 20
    expected = tell(np.maximum(mel[40:80], np.log(speech.MEL_FLOOR)))
    middle = slice(160 * max(20, reach), 160 * (40 - reach))  # after the overlap, where nothing but the block is heard
    assert middle.stop > middle.start
    assert np.allclose(sound[12800:19200][middle], expected[middle], atol=2e-4)


def test_the_bundle_knows_a_voice(listener, table, tmp_path):
    folder = export_voice(listener, tmp_path / "voice", {**table, "weights": "floats"})
    recipe = load_average(listener)[1]
    encoder = SpeakerEncoder(recipe["speech"]["speaker"])
    for seconds in (0.3, 1.7):
        samples = 0.1 * np.random.default_rng(0).standard_normal(round(16000 * seconds)).astype(np.float32)
        assert np.allclose(Voice(folder).speaker_of(samples), encoder(samples), atol=1e-4)
    middle = mean_voice(MeshToSpeech(recipe))
    assert np.allclose(Voice(folder).speaker, middle, atol=1e-4)
    assert np.linalg.norm(middle) == pytest.approx(1, abs=1e-4)
    corpus = read_corpus(recipe["data"]["root"] + "/toy").split("train")
    likeness = [float(encoder(clip.samples()) @ middle) for clip in corpus]
    assert min(likeness) > 0


def test_halves_are_smaller_and_hardly_differ(listener, table, tmp_path):
    exact, half = (
        export_voice(listener, tmp_path / weights, {**table, "weights": weights}) for weights in ("floats", "halves")
    )
    motion = Motion(np.random.default_rng(0).uniform(0, 1, (60, 61)), frame_rate=60.0)
    sounds = [np.concatenate([v.push(motion), v.flush()]) for v in map(Voice, (exact, half))]
    assert np.abs(sounds[0] - sounds[1]).max() < 0.05 * np.abs(sounds[0]).max()
    assert (half / "model.onnx").stat().st_size < (exact / "model.onnx").stat().st_size


def test_what_it_is_made_of_is_told(listener, table, tmp_path):
    folder = EXPORTERS["mesh_to_speech"](listener, tmp_path / "voice", table, None)
    told = json.loads((folder / "config.json").read_text())
    assert told["provenance"] == ["toy sounds"] and told["recipe"]["system"] == "mesh_to_speech"
    assert "toy sounds" in (folder / "CARD.md").read_text()
    (folder / "CARD.md").write_text("mine")
    export_voice(listener, folder, table)
    assert (folder / "CARD.md").read_text() == "mine"


def test_tables_that_do_not_fit_are_refused(listener, table, tmp_path):
    with pytest.raises(ConfigError, match="halves"):
        export_voice(listener, tmp_path, {**table, "weights": "quarters"})
    with pytest.raises(ConfigError, match="multiple"):
        export_voice(listener, tmp_path, {**table, "block": 0.3})
