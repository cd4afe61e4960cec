"""The voice that ships, opened: what its graphs say, the opened networks say."""

import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from utterface.engines.bundle import shipped
from utterface.errors import ModelError
from utterface.lab.bundles.mesh_to_speech import TellingWindow
from utterface.lab.bundles.reading import unbundle, weights_of
from utterface.lab.networks.mesh_to_speech import MeshToSpeechModel
from utterface.lab.networks.vocoder import Vocoder
from utterface.lab.systems.registry import make_system
from utterface.lab.training.checkpoints import load_average, save_checkpoint
from utterface.lab.training.recipe import read_recipe

RECIPES = Path(__file__).parents[3] / "recipes"
VOICE = shipped("voice")["listener"]


def said(file: str, **given: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(VOICE / file, providers=["CPUExecutionProvider"])
    (told,) = session.run(None, given)
    return told


def test_the_listener_tells_the_same_mel(tmp_path):
    recipe = read_recipe(RECIPES / "mesh_to_speech.toml")
    weights, _, step = load_average(unbundle(VOICE, recipe, tmp_path / "start.safetensors"))
    network = make_system(recipe).network
    lacking, strange = network.load_state_dict(weights, strict=False)
    assert step == 0 and lacking == ["units.weight", "units.bias"] and not strange
    save_checkpoint(tmp_path / "whole.safetensors", recipe, 0, 0.0, network.state_dict())
    tell = TellingWindow(MeshToSpeechModel(tmp_path / "whole.safetensors"))
    rng = np.random.default_rng(0)
    motion, speaker = rng.random((1, 250, 51), np.float32), rng.standard_normal((1, 192), np.float32)
    with torch.inference_mode():
        told = tell(torch.from_numpy(motion), torch.from_numpy(speaker)).numpy()
    assert np.abs(told - said("model.onnx", motion=motion, speaker=speaker)).max() < 1e-3


def test_the_vocoder_makes_the_same_sound(tmp_path):
    recipe = read_recipe(RECIPES / "vocoder.toml")
    vocoder = Vocoder(unbundle(VOICE, recipe, tmp_path / "vocoder.safetensors"))
    session = onnxruntime.InferenceSession(VOICE / "vocoder.onnx", providers=["CPUExecutionProvider"])
    mel = np.random.default_rng(0).normal(-5, 4, session.get_inputs()[0].shape).astype(np.float32)
    with torch.inference_mode():
        made = vocoder.network(torch.from_numpy(mel)).numpy()
    assert np.abs(made).max() > 1e-2
    assert np.abs(made - said("vocoder.onnx", mel=mel)).max() < 1e-4


def test_a_damaged_graph_is_reported(tmp_path):
    shutil.copytree(VOICE, tmp_path / "listener")
    graph = tmp_path / "listener" / "vocoder.onnx"
    graph.write_bytes(graph.read_bytes()[:5000])
    with pytest.raises(ModelError, match=r"the bundle listener is damaged: vocoder\.onnx"):
        unbundle(tmp_path / "listener", read_recipe(RECIPES / "vocoder.toml"), tmp_path / "x.safetensors")
    assert not (tmp_path / "x.safetensors").exists()


@pytest.mark.parametrize(
    ("bundle", "overrides", "words"),
    [
        (VOICE, ["network.width=128"], "the recipe expects"),
        (VOICE, ["network.layers=5"], r"the bundle listener has no body\.blocks\.4"),
        (shipped()["animator"], [], "the bundle animator is no mesh-to-speech bundle"),
    ],
)
def test_what_does_not_fit_is_told_why(bundle, overrides, words):
    network = make_system(read_recipe(RECIPES / "mesh_to_speech.toml", overrides)).network
    with pytest.raises(ModelError, match=words):
        weights_of(network, bundle, "mesh_to_speech")
