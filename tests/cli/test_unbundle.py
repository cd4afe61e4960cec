from pathlib import Path

import pytest

from utterface.cli import main
from utterface.engines import bundles

RECIPE = str(Path(__file__).parents[2] / "recipes" / "animator.toml")


def test_it_explains_itself(capsys):
    assert main(["unbundle", "--help"]) in (0, None)
    assert "utterface unbundle animator recipes/animator.toml" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("nothing", "nothing is no model bundle"),
        ("tokens", "the bundle tokens does not say articulators"),
        ("listener", "the bundle listener does not say articulators"),
    ],
)
def test_what_cannot_be_opened_is_one_line(model, words, tmp_path, capsys):
    pytest.importorskip("torch", reason="the lab extra is not installed")
    assert main(["unbundle", model, RECIPE, "-o", str(tmp_path / "x.safetensors")]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and words in err
    assert not list(tmp_path.iterdir())


def test_the_shipped_animator_goes_on(tmp_path):
    """Its own numbers, in the network of the recipe that is to train it."""
    torch = pytest.importorskip("torch", reason="the lab extra is not installed")
    import numpy as np

    from utterface.engines.bundle import Network
    from utterface.lab.networks.animator import animator_config
    from utterface.lab.training.recipe import read_recipe
    from utterface.lab.unbundle import AnimatorNetwork, fill

    network = AnimatorNetwork(animator_config(read_recipe(RECIPE)))
    fill(network, bundles()["animator"])
    samples = 0.1 * np.random.default_rng(0).standard_normal((1, 16000)).astype(np.float32)
    shipped = Network(bundles()["animator"], threads=1)
    expected, _ = shipped.step(samples, shipped.zero_state())
    with torch.inference_mode():
        output, _ = network.step(torch.from_numpy(samples), network.zero_state(1))
    said = torch.cat([output.articulators, output.closure[..., None], output.silence[..., None]], 2).numpy()
    assert np.abs(said - expected[..., : said.shape[2]]).max() < 1e-3
