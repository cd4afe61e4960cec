"""The system on sounds of one pitch whose brows follow the word alone."""

from pathlib import Path

import numpy as np
import pytest
import torch

from support.toy_speech import speak
from utterface.errors import ConfigError
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.corpora.writer import CorpusWriter
from utterface.lab.systems.registry import make_system
from utterface.motion import CHANNELS, rest
from utterface.phones import Span

SMALL = {"audio": 8, "words": 16, "text": 8, "width": 16, "hidden": 16}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Eight clips that sound alike; brows are up where the word is `what`."""
    folder, rng = tmp_path_factory.mktemp("corpora"), np.random.default_rng(0)
    writer = CorpusWriter(folder / "toy")
    for number in range(8):
        samples, phones = speak([("sil", 0.3), ("ɑ", 0.6), ("sil", 0.3)], 180, rng)
        duration = len(samples) / 16000
        word = "what" if number % 2 else "that"
        motion = rest(round(duration * 30), 30.0)
        values = motion.values.copy()
        values[9:27, CHANNELS.index("browInnerUp")] = float(word == "what")
        split = "valid" if number > 5 else "train"
        clip = CorpusClip(f"c{number}", duration, f"speaker{number}", text=word, split=split)
        writer.add(clip, samples, phones, motion.with_values(values), words=(Span(word, 0.3, 0.9),))
    return folder


def recipe(folder: Path, fusion: str, **tables):
    return {
        "system": "audio_text",
        "train": {"seed": 1},
        "speech": {"representation": "mel", "store": str(folder / "tracks")},
        "text": {"encoder": "random:12", "store": str(folder / "texts")},
        "data": {"root": folder, "corpora": ("toy",), "batch": 4, "seconds": 1.2},
        "decoder": {"fusion": fusion, **SMALL},
        **tables,
    }


def brows(folder: Path, fusion: str) -> dict[str, float]:
    """Word → mean height of the brows in held-out clips while it is said, after a short training."""
    system = make_system(recipe(folder, fusion))
    optimiser, batches = torch.optim.Adam(system.network.parameters(), 1e-2), system.batches(0, 1)
    for step in range(60):
        loss = system.losses(system.network, next(batches), (0, step))["motion"]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    system.network.eval()
    heights = {
        clip.text: system.face.predict_clip(system.network, clip, 0)["browInnerUp"] for clip in system.face.held_out
    }
    return {word: float(height[12:24].mean()) for word, height in heights.items()}


@pytest.mark.parametrize("fusion", ["tensor", "text"])
def test_words_tell_what_sound_does_not(folder, fusion):
    height = brows(folder, fusion)
    assert height["what"] > 0.7 and height["that"] < 0.3


def test_sound_alone_gives_the_mean(folder):
    height = brows(folder, "audio")
    assert abs(height["what"] - height["that"]) < 0.2 and 0.2 < height["what"] < 0.8


def test_validation_and_sound_alone_need_no_text_encoder(folder):
    system = make_system(recipe(folder, "audio", text={"encoder": "hub:nobody/has-this"}))
    assert system.texts is None and np.isfinite(system.validate(system.network)["lve"])


def test_another_decoder_and_an_unknown_key_are_refused(folder):
    with pytest.raises(ConfigError, match=r"decoder\.kind"):
        make_system(recipe(folder, "audio", decoder={"kind": "transformer"}))
    with pytest.raises(ConfigError, match=r"\[text\] has no key 'layer'"):
        make_system(recipe(folder, "tensor", text={"layer": 3}))
