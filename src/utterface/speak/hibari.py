"""hibari: a small English voice, distilled from Kokoro's `af_heart`; the default of `pip install 'utterface[say]'`.

Its network tells the frames of each symbol only inside, at the node `_DURATIONS`, so it runs in our own session; its
pronunciations and its synthesis of waves are used as they are. https://github.com/MMWilliams/hibari, Apache-2.0
"""

import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from utterface.sessions import open_session
from utterface.speak.contract import SpeakingManner, SyntheticUtterance, SyntheticVoice, whole
from utterface.speak.durations import phones_of

_DURATIONS = "/Clip_output_0"
_OFFSET = 0.055  # seconds that its boundaries are late: 45 bilabials against PocketSphinx, less what Flite's are
_SPEEDS = (0.5, 2.0)


@cache
def voices() -> tuple[SyntheticVoice, ...]:
    """The voices that are there: the one in the package, and others that hibari has fetched; empty without it."""
    if importlib.util.find_spec("hibari") is None:
        return ()
    from hibari.voices import VOICES

    return tuple(
        SyntheticVoice("hibari", name, about["language"].lower(), f"kokoro-{about['kokoro']}", "test", "Apache-2.0")
        for name, about in VOICES.items()
        if _model(name) is not None
    )


def speak(voice: SyntheticVoice, sentences: Sequence[tuple[str, SpeakingManner]]) -> list[SyntheticUtterance | None]:
    """Each sentence as sound with phone times; None for one that the engine could not say."""
    return [_speak(voice, text, manner) for text, manner in sentences]


def _model(name: str) -> Path | None:
    """Where a voice's network lies; nothing is fetched here."""
    from hibari.voices import voice_path

    try:
        return Path(voice_path(name, download_missing=False))
    except FileNotFoundError:
        return None


@cache
def pronunciations(british: bool) -> Any:
    """hibari's text to phonemes, in misaki's alphabet, called with a sentence."""
    from hibari.g2p import G2P

    return G2P(british=british)


@cache
def vocabulary() -> dict[str, int]:
    """Symbols that the network knows; Kokoro's."""
    import json

    import hibari

    text = (Path(hibari.__file__).parent / "assets" / "vocab.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def _speak(voice: SyntheticVoice, text: str, manner: SpeakingManner) -> SyntheticUtterance | None:
    from hibari import dsp

    symbols = [c for c in pronunciations(voice.language == "en-gb")(text) if c in vocabulary()]
    model = _model(voice.name)
    if not symbols or model is None:
        return None
    ids = np.array([[0, *(vocabulary()[c] for c in symbols), 0]])
    speed = np.array([min(max(manner.rate, _SPEEDS[0]), _SPEEDS[1])], np.float32)
    *spectra, frames = open_session(model, 1, _DURATIONS).run(None, {"ids": ids, "speed": speed})
    samples = dsp.synth(*(spectrum[0] for spectrum in spectra), np.random.default_rng(0))
    phones = phones_of(["", *symbols, ""], frames * len(samples) / dsp.SR / frames.sum(), _OFFSET)
    return whole(samples, phones, text, dsp.SR)
