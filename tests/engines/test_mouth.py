"""Mouths of whole recordings: the jaw never snaps, lips never flash open, takes begin and end at rest."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from utterface import animate
from utterface.engines.bundle import shipped
from utterface.motion import CLOSED, MOUTH, Motion, runs
from utterface.recognise.phones import is_installed

ROOT = Path(__file__).parents[2]
HELLO = ROOT / "examples" / "hello.flac"
AUDIO = ROOT.parent / "shared" / "assets" / "audio"
RECORDINGS = {
    "hello": HELLO,
    "Claire": AUDIO / "nvidia" / "Claire_neutral.wav",
    "Mark": AUDIO / "nvidia" / "Mark_neutral.wav",
}
SAID = "Hello! I move my lips for every word, and I keep them shut for maps, pubs and bumblebees."
VISIBLE = 0.1  # of the opening: 3 mm


@cache
def mouth(name: str, model: str) -> Motion:
    if not RECORDINGS[name].is_file():
        pytest.skip("../shared is absent")
    if (model == "phones" and not is_installed()) or (model == "animator" and model not in shipped()):
        pytest.skip(f"{model} did not come with the package")
    text = SAID if model == "aligned" else None
    return animate(RECORDINGS[name], text, model=model, life=False).motion


TAKES = [("hello", "aligned"), *((name, model) for model in ("animator", "phones") for name in RECORDINGS)]


@pytest.mark.parametrize(("name", "model"), TAKES)
def test_the_jaw_never_snaps(name, model):
    jaw = mouth(name, model)["jawOpen"]
    assert np.abs(np.diff(jaw)).max() <= 0.1201 and jaw.max() > 0.2


@pytest.mark.parametrize(("name", "model"), TAKES)
def test_lips_never_flash_open(name, model):
    motion = mouth(name, model)
    opening = motion.opening()
    for begin, end in runs(opening > CLOSED):
        if begin > 0 and end < len(motion) and opening[begin:end].max() > VISIBLE:
            assert (end - begin) / 60 >= 0.08, f"{begin / 60:.2f} s"


@pytest.mark.parametrize(("name", "model"), TAKES)
def test_takes_begin_and_end_at_rest(name, model):
    motion = mouth(name, model)
    channels = [c for c in motion.channels if c.startswith(MOUTH)]
    assert np.abs(motion.select(channels)[[0, -1]]).max() < 0.01


def test_the_first_picture_is_friendly_and_looks_at_the_viewer():
    first = animate(HELLO, model="animator").motion
    assert 0.05 < first["mouthSmileLeft"][0] < 0.15 and first["jawOpen"][0] < 0.01
    assert not first.select(("headYaw", "headPitch", "headRoll", "eyeBlinkLeft", "browDownLeft"))[0].any()
    assert animate(HELLO, model="animator", emotions={"anger": 1.0}).motion["mouthSmileLeft"][0] < 0.01
