import json

import numpy as np
import pytest

from utterface.engines.bundle import MotionConfig, Noise, Windows, open_articulators, open_windows, read_config
from utterface.errors import ModelError


@pytest.fixture
def folder(tiny_bundle):
    return tiny_bundle


def change(folder, **keys):
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **keys}))


def test_a_bundle_says_what_it_is(folder):
    config = read_config(folder)
    assert config.frame_rate == 50
    assert config.hop == 320
    assert 0 < config.look_ahead < 0.16
    assert config.channels[-2:] == ("closure", "silence")


def test_no_bundle_is_told_from_a_bundle(tmp_path):
    with pytest.raises(ModelError, match="is no model bundle"):
        read_config(tmp_path)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"version": 99}, "version 99.*update"),
        ({"format": "other"}, "expected an utterface bundle"),
        ({"channels": ["jaw", "left_wing"]}, "other channels.*left_wing"),
        ({"sample_rate": 22050}, "22050 Hz"),
        ({"hop": "many"}, "hop must be a number"),
        ({"hop": 1.5}, "hop must be a whole number"),
        ({"hop": 1e6}, "hop must be a number in 1 to 16000"),
        ({"hop": 160}, "hop must be 16000 / frame_rate"),
        ({"frame_rate": 0}, "frame_rate must be"),
        ({"lead": 1e400}, "lead must be"),
        ({"closing": None}, "closing must be"),
        ({"state": {"sound": 240}}, "damaged"),
    ],
)
def test_bundles_of_another_kind_are_refused_by_name(folder, keys, message):
    change(folder, **keys)
    with pytest.raises(ModelError, match=message):
        read_config(folder)


def test_a_damaged_config_is_refused(folder):
    (folder / "config.json").write_text('{"format": ')
    with pytest.raises(ModelError, match=r"config\.json is damaged"):
        read_config(folder)


def test_a_damaged_network_is_refused(folder):
    data = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(data[: len(data) // 2])
    with pytest.raises(ModelError, match=r"model\.onnx cannot be opened"):
        open_articulators(folder)


def test_a_network_that_does_not_fit_its_config_is_refused(folder):
    state = json.loads((folder / "config.json").read_text())["state"]
    for wrong in ({"sound": [240]}, state | {"sound": [120, 2]}, state | {"sound": ["", 1]}):
        change(folder, state=wrong)
        with pytest.raises(ModelError, match="does not fit"):
            open_articulators(folder)


def test_numbers_that_are_none_never_come_out(folder):
    network = open_articulators(folder)
    state = network.zero_state()
    state["narrow"][:] = np.nan
    with pytest.raises(ModelError, match="NaN"):
        network.step(np.zeros((1, 640), np.float32), state)


def test_many_streams_at_once_give_what_each_gives_alone(folder):
    network = open_articulators(folder, threads=1)
    samples = 0.1 * np.random.default_rng(0).standard_normal((5, 640)).astype(np.float32)
    together, _ = network.step(samples, network.zero_state(5))
    for alone, expected in zip(samples, together, strict=True):
        frames, _ = network.step(alone[None], network.zero_state())
        assert np.abs(frames[0] - expected).max() < 1e-6


def test_a_bundle_with_controls_says_what_they_are_and_what_they_move(directed_bundle, folder):
    config = read_config(directed_bundle)
    assert config.controls == ("strength", "joy", "disgust")
    assert {"mouthSmileLeft", "noseSneerRight"} <= set(config.expression)
    assert json.loads((directed_bundle / "config.json").read_text())["version"] == 2  # older readers refuse it by that
    assert read_config(folder).controls == () and read_config(folder).expression == ()
    assert json.loads((folder / "config.json").read_text())["version"] == 1


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"controls": ["strength", "glee"]}, "its controls are strength, glee; known are strength, joy"),
        ({"controls": ["joy", "joy"]}, "its controls are joy, joy"),
        ({"controls": []}, "other channels"),
    ],
)
def test_controls_that_nobody_knows_are_refused(directed_bundle, keys, message):
    change(directed_bundle, **keys)
    with pytest.raises(ModelError, match=message):
        read_config(directed_bundle)


def test_controls_that_do_not_fit_the_network_are_refused(directed_bundle):
    change(directed_bundle, controls=["strength", "joy"])
    with pytest.raises(ModelError, match="does not fit"):
        open_articulators(directed_bundle)


# ---------------------------------------------------------------------------------------------------- kind `motion`


def test_a_bundle_of_motion_says_what_it_is(motion_bundle):
    config = read_config(motion_bundle({"channels": 3, "draws": 2}))
    assert isinstance(config, MotionConfig)
    assert config.channels == ("jawOpen", "mouthPucker", "headYaw") and config.frame_rate == 30
    assert config.windows == Windows(0.4, 0.6, 0.4, 0.2) and config.windows.look_ahead == pytest.approx(0.8)
    assert (config.samples, config.frames) == (22_400, 42)
    assert config.noise == Noise(3, 2)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"version": 99}, "version 99.*update"),
        ({"kind": "mesh"}, "kind 'mesh', here run articulators, motion"),
        ({"channels": ["jawOpen", "left_wing"]}, r"other channels \(left_wing\)"),
        ({"channels": ["jawOpen", "jawOpen"]}, "other channels"),
        ({"sample_rate": 22050}, "22050 Hz"),
        ({"block": 0.3}, r"bundle windowed: block must be a whole multiple of 0.2 s.* got 0.3"),
        ({"block": 0.0}, "block must be 0.2 s at least"),
        ({"past": -0.2}, "past must be"),
        ({"overlap": 0.6}, "overlap must not exceed"),
        ({"look_ahead": 0.1}, r"look_ahead must be block \+ future, 0.8 s"),
        ({"frame_rate": 24}, "frame_rate must give whole frames"),
        ({"noise": {"draws": 2}}, "damaged"),
        ({"block": "long"}, "block must be a number"),
    ],
)
def test_motion_of_another_kind_is_refused_by_name(motion_bundle, keys, message):
    folder = motion_bundle()
    change(folder, **keys)
    with pytest.raises(ModelError, match=message):
        read_config(folder)


@pytest.mark.parametrize("keys", [{"past": 0.8}, {"channels": ["jawOpen"]}, {"noise": {"channels": 3, "draws": 1}}])
def test_a_window_that_does_not_fit_its_network_is_refused(motion_bundle, keys):
    folder = motion_bundle()
    change(folder, **keys)
    with pytest.raises(ModelError, match="does not fit"):
        open_windows(folder)


def test_each_kind_runs_in_its_own_engine(folder, motion_bundle):
    with pytest.raises(ModelError, match="predicts articulators"):
        open_windows(folder)
    with pytest.raises(ModelError, match="predicts motion"):
        open_articulators(motion_bundle())
