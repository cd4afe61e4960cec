import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from utterface.engines.bundle import EmotionNetwork, read_config
from utterface.errors import ModelError
from utterface.lab.bundles.emotion import export_emotion
from utterface.lab.networks.emotion import EmotionModel, EmotionNetworkConfig
from utterface.lab.systems.emotion import EMOTIONS


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """(network, its bundle's folder)."""
    folder = tmp_path_factory.mktemp("emotion")
    model = EmotionModel(EmotionNetworkConfig(hidden=16), len(EMOTIONS)).eval()
    recipe = {"system": "emotion", "data": {"root": "/x", "neutral": ["/machine/read"]}, "network": {"hidden": 16}}
    weights = {f"average/{name}": value for name, value in model.state_dict().items()}
    save_file(weights, folder / "last.safetensors", {"recipe": json.dumps(recipe), "step": "5"})
    table = {"licence": "MIT", "provenance": ["made up"]}
    return model, export_emotion(folder / "last.safetensors", folder / "bundle", table)


def test_the_bundle_decides_as_the_network_does(bundle):
    model, folder = bundle
    features = np.random.default_rng(0).standard_normal(82).astype(np.float32)
    likely, hidden = EmotionNetwork(folder, read_config(folder))(features)
    with torch.inference_mode():
        output = model(torch.from_numpy(features)[None])[0]
    assert likely == pytest.approx(output[: len(EMOTIONS)].softmax(0).numpy(), abs=2e-3)
    assert hidden == pytest.approx(output[len(EMOTIONS) :].numpy(), abs=2e-2)


def test_no_place_of_the_machine_is_in_it(bundle):
    text = (bundle[1] / "config.json").read_text()
    assert "/machine" not in text
    assert json.loads(text)["recipe"]["data"]["neutral"] == ["read"]
    assert "made up" in (bundle[1] / "CARD.md").read_text()


@pytest.mark.parametrize(("key", "value"), [("channels", ["neutral", "glee"]), ("sure", 0.1), ("window", "long")])
def test_a_damaged_config_is_one_line(bundle, tmp_path, key, value):
    config = json.loads((bundle[1] / "config.json").read_text())
    (tmp_path / "model.onnx").write_bytes(b"")
    (tmp_path / "config.json").write_text(json.dumps({**config, key: value}))
    with pytest.raises(ModelError):
        read_config(tmp_path)
