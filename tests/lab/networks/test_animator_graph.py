import json
from dataclasses import replace

import onnx
import pytest
import torch

from utterface.errors import ModelError
from utterface.lab.bundles.articulators import describe, to_onnx
from utterface.lab.networks.animator import AnimatorNetwork
from utterface.lab.networks.animator_graph import read_network

CONTROLS = ("strength", "joy")


def write(network: AnimatorNetwork, folder, weights="floats", system="animator"):
    """A bundle of a network, as `utterface bundle` writes it."""
    folder.mkdir(exist_ok=True)
    onnx.save(to_onnx(network.eval(), weights), folder / "model.onnx")
    recipe = {"system": system, "network": {**vars(network.config)}}
    keys = {"closing": 0.5, "resting": 0.5, "licence": "MIT", "recipe": recipe}
    (folder / "config.json").write_text(json.dumps({**describe(network), **keys}, default=list))
    return folder


def outputs(network: AnimatorNetwork) -> torch.Tensor:
    samples = 0.1 * torch.randn(2, 19200, generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        output, _ = network.step(samples, network.zero_state(2))
    return torch.cat([output.articulators, output.closure[..., None], output.silence[..., None], output.phones], 2)


@pytest.mark.parametrize(("weights", "error"), [("floats", 1e-3), ("halves", 5e-3), ("bytes", 0.5)])
@pytest.mark.parametrize("controls", [(), CONTROLS])
def test_a_graph_gives_its_network_back(network, tmp_path, weights, error, controls):
    torch.manual_seed(0)
    written = AnimatorNetwork(replace(network.config, controls=controls)).eval()
    kept = {k: v for k, v in network.state_dict().items() if k in written.state_dict()}
    written.load_state_dict(kept, strict=False)
    again = read_network(write(written, tmp_path / "made", weights))
    assert again.config.controls == () and not any(p.requires_grad for p in again.parameters())
    assert (outputs(again) - outputs(written)).abs().max() < error


def test_other_bundles_are_refused(network, tmp_path):
    folder = write(network, tmp_path / "made")
    one_block = AnimatorNetwork(replace(network.config, taps=((-1, 0, 1),))).eval()
    graph = (folder / "model.onnx").read_bytes()
    onnx.save(to_onnx(one_block, "floats"), folder / "model.onnx")
    with pytest.raises(ModelError, match="not written by `utterface bundle`"):
        read_network(folder)
    (folder / "model.onnx").write_bytes(graph[:5000])
    with pytest.raises(ModelError, match=r"the bundle made is damaged: model\.onnx"):
        read_network(folder)
    with pytest.raises(ModelError, match="does not hold the recipe of an animator"):
        read_network(write(network, folder, system="other"))
