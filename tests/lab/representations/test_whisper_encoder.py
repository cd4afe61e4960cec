from pathlib import Path

import numpy as np
import pytest

from support.tiny_whisper import WIDTH, tiny_weights, write_model
from utterface import speech
from utterface.errors import ConfigError, ModelError
from utterface.lab.representations import open_representation
from utterface.lab.representations.whisper_encoder import open_whisper
from utterface.recognise.whisper.features import whisper_mel
from utterface.recognise.whisper.networks import WEIGHTS, default_folder, has_words, kept_networks
from utterface.recognise.whisper.weights import read_weights
from utterface.sessions import open_session

EXAMPLE = Path(__file__).parents[3] / "examples" / "hello.flac"
words = pytest.mark.skipif(not has_words(), reason="the extra `words` is not installed")


@words
def test_frames_are_those_that_the_recognisers_decoder_attends_to():
    """Its first layer's keys and values, from the eight-bit graph, are a matrix times the encoder's frames."""
    samples = speech.read(EXAMPLE).samples
    track = open_representation("whisper-tiny").encode(samples)
    assert (track.frame_rate, track.start, track.values.shape[1]) == (50, 0, 384)
    assert abs(len(track) / 50 - len(samples) / 16000) <= 0.02
    encoder = open_session(kept_networks(default_folder())[0], threads=1)
    key, value = encoder.run(["cross.0.key", "cross.0.value"], {"mel": whisper_mel(samples)[None, :, :3000]})
    weights = read_weights(default_folder() / WEIGHTS)
    joined = "decoder/layer_0/attention/linear_1"
    expected = track.values @ weights[f"{joined}/weight"].T + weights[f"{joined}/bias"]
    kept = np.concatenate([key.transpose(0, 3, 1, 2), value.transpose(0, 2, 1, 3)], 2)[0, : len(track)]
    assert np.corrcoef(expected.ravel(), kept.reshape(len(track), -1).ravel())[0, 1] > 0.99


@words
def test_a_layer_is_named_and_of_what_exists():
    about = open_representation("whisper-tiny@2").about
    assert about.name == "whisper-tiny@2" and about.family == "label"
    assert about.parameters < open_representation("whisper-tiny").about.parameters
    with pytest.raises(ConfigError, match="expected a layer from 0 to 4, got '5'"):
        open_representation("whisper-tiny@5")


def test_a_folder_of_ctranslate2_is_read_too(tmp_path):
    write_model(tmp_path, tiny_weights())
    track = open_representation(f"folder:{tmp_path}").encode(np.zeros(16_000, np.float32))
    assert track.values.shape == (50, WIDTH) and np.isfinite(track.values).all()


def test_a_model_that_lacks_a_part_is_named(tmp_path):
    write_model(tmp_path, {k: v for k, v in tiny_weights().items() if "encoder/conv2" not in k})
    with pytest.raises(ModelError, match=r"model\.bin lacks a part of Whisper's encoder"):
        open_whisper("", "toy", tmp_path)
