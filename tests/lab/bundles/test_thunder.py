"""THUNDER as a bundle: the same face as in the lab, a take a seed, a sampler of one graph."""

import json

import numpy as np
import pytest
import soundfile

from utterface.cli import main
from utterface.engines import Request, find_engine, open_animator
from utterface.engines.animate import animate
from utterface.errors import ConfigError
from utterface.formats.npz import read
from utterface.lab.bundles.face import export_face
from utterface.lab.systems.registry import train
from utterface.lab.systems.thunder import CHANNELS, make
from utterface.lab.training.checkpoints import load_average
from utterface.motion import join


def voice(seconds: float) -> np.ndarray:
    return (0.1 * np.random.default_rng(0).standard_normal(round(seconds * 16000))).astype(np.float32)


@pytest.fixture
def checkpoint(thunder):
    return train(thunder("train.validate_every=9", "bundle.weights=halves"), lambda line: None)


@pytest.mark.parametrize("sampler", ["dpm++", "renoise"])
def test_the_bundle_gives_the_face_of_the_lab(checkpoint, tmp_path, sampler):
    weights, trained, _ = load_average(checkpoint)
    table = {**trained["bundle"], "weights": "floats", "sampler": sampler, "steps": 2}
    folder = export_face(checkpoint, tmp_path / "thunder", table)
    system = make({**trained, "sampling": {"sampler": sampler, "steps": 2}})
    system.network.load_state_dict(weights)
    (expected,) = system.takes(voice(1.7), [7])
    animator = open_animator(str(folder), Request(seed=7, frame_rate=30))
    result = join([animator.push(voice(1.7)), animator.flush()])
    assert result.values.shape == (51, 61)
    assert np.abs(result.select(CHANNELS) - expected.values).max() < 1e-3
    config = json.loads((folder / "config.json").read_text())
    assert config["noise"] == {"channels": 55, "draws": 1 if sampler == "dpm++" else 2}
    assert config["look_ahead"] == pytest.approx(0.6)


def test_the_encoder_is_in_the_graph_and_as_small_as_the_rest(thunder, tmp_path):
    """The animator's 2.3 million weights as bytes: what knows no tokens has none that a rounding may flip."""
    hears = ("speech.representation=ours:animator", "bundle.weights=bytes")
    trained = train(thunder("train.validate_every=9", "train.steps=1", *hears), lambda line: None)
    folder = export_face(trained, tmp_path / "thunder")
    weights, recipe, _ = load_average(trained)
    system = make(recipe)
    system.network.load_state_dict(weights)
    (expected,) = system.takes(voice(1.7), [7])
    animator = open_animator(str(folder), Request(seed=7, frame_rate=30))
    result = join([animator.push(voice(1.7)), animator.flush()])
    assert np.abs(result.select(CHANNELS) - expected.values).mean() < 2e-3
    assert 2.3e6 < (folder / "model.onnx").stat().st_size < 4e6


def test_it_lives_by_itself_its_eyes_turn_with_its_gaze_and_it_is_sampled_on_the_command_line(checkpoint, tmp_path):
    folder, sound = tmp_path / "thunder", tmp_path / "line.wav"
    assert main(["bundle", str(checkpoint), "-o", str(folder)]) == 0
    assert find_engine(str(folder)).sampled
    lived, alone = (animate(voice(1.5), model=str(folder), frame_rate=30, life=life).motion for life in (True, False))
    assert np.array_equal(lived.values, alone.values)
    assert np.allclose(lived["leftEyeYaw"], 0.607 * (lived["eyeLookInLeft"] - lived["eyeLookOutLeft"]), atol=1e-6)

    soundfile.write(sound, voice(1.0), 16000)
    command = ["animate", str(sound), "-o", str(tmp_path / "face.npz"), "--model", str(folder), "--seed", "7"]
    assert main([*command, "--samples", "2"]) == 0
    first, second = (read(tmp_path / f"face.{k}.npz").motion.values for k in (1, 2))
    assert not np.allclose(first, second)
    assert main([*command[:3], str(tmp_path / "again.npz"), *command[4:]]) == 0
    assert np.array_equal(read(tmp_path / "again.npz").motion.values, first)


def test_what_cannot_be_packed_is_refused(checkpoint, tmp_path):
    _, trained, _ = load_average(checkpoint)
    with pytest.raises(ConfigError, match="takes 1 to 50 steps"):
        export_face(checkpoint, tmp_path / "a", {**trained["bundle"], "sampler": "ddpm", "steps": 50 + 1})
    with pytest.raises(ConfigError, match=r"\[bundle\] has no key 'license'"):
        export_face(checkpoint, tmp_path / "b", {**trained["bundle"], "license": "MIT"})
