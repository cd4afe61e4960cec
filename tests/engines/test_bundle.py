import json

import numpy as np
import pytest

from utterface.engines.bundle import Network, read_config
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
        ({"hop": "many"}, "damaged"),
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
        Network(folder)


def test_a_network_that_does_not_fit_its_config_is_refused(folder):
    change(folder, state={"sound": [240]})
    with pytest.raises(ModelError, match="does not fit"):
        Network(folder)


def test_numbers_that_are_none_never_come_out(folder):
    network = Network(folder)
    state = network.zero_state()
    state["narrow"][:] = np.nan
    with pytest.raises(ModelError, match="NaN"):
        network.step(np.zeros((1, 640), np.float32), state)


def test_many_streams_at_once_give_what_each_gives_alone(folder):
    network = Network(folder, threads=1)
    samples = 0.1 * np.random.default_rng(0).standard_normal((5, 640)).astype(np.float32)
    together, _ = network.step(samples, network.zero_state(5))
    for alone, expected in zip(samples, together, strict=True):
        frames, _ = network.step(alone[None], network.zero_state())
        assert np.abs(frames[0] - expected).max() < 1e-6
