import json

import numpy as np
import pytest
import torch

from utterface.cli import main
from utterface.engines import Request
from utterface.engines.bundle import Windows
from utterface.engines.windowed import WindowedAnimator
from utterface.errors import ConfigError
from utterface.lab.bundles.face import export_face
from utterface.lab.systems.face_windows import FaceWindow
from utterface.lab.systems.registry import train
from utterface.lab.systems.tokens_to_faces import make
from utterface.lab.training.checkpoints import load_average
from utterface.motion import join

MOVED = ("jawOpen", "mouthClose", "headYaw")  # the last goes below 0
SIZES = {
    "transformer": ["decoder.layers=2"],
    "gru_diffusion": ["sampling.sampler=renoise"],
    "animator": ["decoder.pool_frames=6"],
}
BLOCK, PAST, OVERLAP = 12, 18, 6  # frames


@pytest.fixture
def recipe(tokens_recipe):
    changes = ['data.channels=["jawOpen", "mouthClose", "headYaw"]', "data.judged=1", "train.validate_every=9"]
    changes += ['bundle={licence="MIT", provenance=["tones", "noise"], weights="floats", past=0.6}']
    return lambda decoder, *overrides: tokens_recipe(decoder, *changes, *SIZES[decoder], *overrides)


def voice(seconds: float) -> np.ndarray:
    """Hum and hiss by turns."""
    t = np.arange(round(seconds * 16000)) / 16000
    hiss = 0.1 * np.random.default_rng(0).standard_normal(len(t))
    return np.where(t % 0.3 < 0.15, 0.3 * np.sin(2 * np.pi * 200 * t), hiss).astype(np.float32)


def restored(checkpoint):
    """The system with a checkpoint's weights, at rest."""
    weights, recipe, _ = load_average(checkpoint)
    system = make(recipe)
    system.network.load_state_dict(weights)
    system.network.eval()
    return system


def windowed(system, samples: np.ndarray, windows: Windows) -> np.ndarray:
    """The system's own `animate`, a window at a time on the grid, with silence around, faded by hand."""
    count = int(np.ceil(len(samples) / 16000 * 30 - 1e-6))
    padded = np.concatenate([np.zeros(9600), samples, np.zeros(32_000)]).astype(np.float32)
    result = np.zeros((count + 3 * BLOCK, len(MOVED)), np.float32)
    fade = 0.5 - 0.5 * np.cos(np.pi * (np.arange(OVERLAP)[:, None] + 0.5) / OVERLAP)
    for k in range(-(-count // BLOCK)):
        window = padded[k * 6400 : k * 6400 + 22_400]
        said = system.face.animate(system.network, system.face.tracks.encode(window), windows.length).values
        answer = said[PAST : PAST + BLOCK + OVERLAP].copy()
        if k:
            answer[:OVERLAP] = result[k * BLOCK : k * BLOCK + OVERLAP] * (1 - fade) + answer[:OVERLAP] * fade
        result[k * BLOCK : k * BLOCK + BLOCK + OVERLAP] = answer
    return clipped(result[:count])


def clipped(motion: np.ndarray) -> np.ndarray:
    """As the engine hands it out: weights are weights, angles go anywhere."""
    return np.concatenate([motion[:, :2].clip(0, 1), motion[:, 2:]], 1)


def played(folder, samples: np.ndarray, seed: int = 0) -> np.ndarray:
    animator = WindowedAnimator(folder, Request(seed=seed))
    return join([animator.push(samples), animator.flush()]).select(MOVED)


@pytest.mark.parametrize(("decoder", "speech"), [("transformer", "units"), ("animator", "vectors")])
def test_the_bundle_moves_as_the_system_does_window_by_window(recipe, units, decoder, speech, tmp_path):
    options = [f"speech.representation={units}"] if speech == "units" else []
    checkpoint = train(recipe(decoder, *options), lambda line: None)
    folder = export_face(checkpoint, tmp_path / "bundle")
    system, samples = restored(checkpoint), voice(3.0)
    result = played(folder, samples)
    assert result.shape == (90, 3) and result[:, 2].std() > 1e-3
    assert np.abs(result - windowed(system, samples, Windows(0.4, 0.6, 0.4, 0.2))).max() < 1e-4
    if decoder == "animator":  # it hears 0.4 s back and 33 ms ahead, and knows no places, so windows change nothing
        whole = clipped(system.face.animate(system.network, system.face.tracks.encode(samples), 3.0).values)
        assert np.abs(result - whole)[18:-6].max() < 1e-4
    told = json.loads((folder / "config.json").read_text())
    assert told["provenance"] == ["tones", "noise"] and told["look_ahead"] == pytest.approx(0.8)
    assert "store" not in told["recipe"]["speech"] and "data" not in told["recipe"]


def test_a_denoiser_is_unrolled_and_takes_its_noise(recipe, units, tmp_path):
    checkpoint = train(recipe("gru_diffusion", f"speech.representation={units}"), lambda line: None)
    folder, card = tmp_path / "bundle", tmp_path / "card.md"
    card.write_text("by hand")
    assert main(["bundle", str(checkpoint), "-o", str(folder), "--card", str(card)]) == 0
    assert (folder / "CARD.md").read_text() == "by hand"
    told = json.loads((folder / "config.json").read_text())
    assert told["noise"] == {"channels": 3, "draws": 3}  # where it starts, and two steps noise anew; the last does not
    first, again, other = (played(folder, voice(1.0), seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again) and np.abs(first - other).max() > 1e-3


@pytest.mark.parametrize("decoder", ["transformer", "gru_diffusion", "animator"])
@pytest.mark.parametrize("speech", ["units", "vectors"])
def test_a_window_is_predicted_as_animate_predicts_it(recipe, units, decoder, speech):
    """Of units and vectors, on their own clock or read at frames."""
    options = [f"speech.representation={units}", *(["speech.units=false"] if speech == "vectors" else [])]
    system = make(recipe(decoder, *options, "sampling.sampler=dpm++"))
    system.network.eval()
    windows, samples = Windows(0.4, 0.6, 0.4, 0.2), voice(1.4)
    window = FaceWindow(system.face, windows).eval()
    assert window.draws == (decoder == "gru_diffusion")
    generator = torch.Generator().manual_seed(4)
    noise = torch.randn(1, 42, 3, generator=generator)
    with torch.inference_mode():
        result = window(torch.from_numpy(samples[None]), noise[:, None] if window.draws else None)[0].numpy()
    expected = system.face.animate(system.network, system.face.tracks.encode(samples), 1.4, 4).values
    assert np.abs(result - expected).max() < 1e-5


def test_what_cannot_be_a_bundle_is_refused(recipe, tmp_path):
    checkpoint = train(recipe("gru_diffusion", "decoder.levels=100", "sampling.steps=60"), lambda line: None)
    with pytest.raises(ConfigError, match="unrolls at most 50 steps, got 60"):
        export_face(checkpoint, tmp_path / "bundle")
    with pytest.raises(ConfigError, match=r"no table \[bundle\]"):
        export_face(checkpoint, tmp_path / "bundle", {})
    with pytest.raises(ConfigError, match="has no key 'licences'"):
        export_face(checkpoint, tmp_path / "bundle", {"licences": "MIT"})
    with pytest.raises(ConfigError, match=r"licence"):
        export_face(checkpoint, tmp_path / "bundle", {"past": 0.6})
    assert not (tmp_path / "bundle").exists()
