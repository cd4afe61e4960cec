"""Piper's voices, from a file of the user's own: `piper:en_US-name.onnx`, with its `.onnx.json` beside it.

The network tells the frames of each symbol only inside, at the node `_DURATIONS`; phonemes are eSpeak NG's. A voice has
a licence of its own: read its MODEL_CARD. https://github.com/OHF-Voice/piper1-gpl
"""

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from utterface.errors import ConfigError
from utterface.sessions import open_session
from utterface.speak.contract import SpeakingManner, SyntheticUtterance, SyntheticVoice, whole
from utterface.speak.durations import phones_of
from utterface.text import espeak

_DURATIONS = "/Ceil_output_0"
_OFFSET = 0.021  # seconds that its boundaries are late, against PocketSphinx
_SCALES = {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8}
_PAD, _BEGIN, _END = "_", "^", "$"


def find(name: str, language: str | None = None) -> SyntheticVoice:
    """The voice of a file, or of the one `.onnx` file of a folder.

    Raises:
        ConfigError: no such file, or no `.onnx.json` of Piper's beside it.
    """
    path = Path(name).expanduser()
    if path.is_dir():
        inside = sorted(path.glob("*.onnx"))
        if len(inside) != 1:
            raise ConfigError(f"{path} holds {len(inside)} .onnx files; name one, as in piper:{path / 'name.onnx'}")
        path = inside[0]
    return SyntheticVoice(
        "piper", str(path), str(_config(path)["espeak"]["voice"]).lower(), path.stem, "test", "the voice's own"
    )


def speak(voice: SyntheticVoice, sentences: Sequence[tuple[str, SpeakingManner]]) -> list[SyntheticUtterance | None]:
    """Each sentence as sound with phone times; None for one that the engine could not say."""
    return [_speak(voice, text, manner) for text, manner in sentences]


@cache
def _config(path: Path) -> dict[str, Any]:
    place = path.with_name(f"{path.name}.json")
    try:
        config = json.loads(place.read_text(encoding="utf-8"))
        assert config["espeak"]["voice"] and config["audio"]["sample_rate"] and config["phoneme_id_map"][_PAD]
    except (OSError, ValueError, KeyError, TypeError, AssertionError):
        raise ConfigError(f"{path} is no voice of Piper: {place.name} beside it is missing or damaged") from None
    return dict(config)


def _speak(voice: SyntheticVoice, text: str, manner: SpeakingManner) -> SyntheticUtterance | None:
    path = Path(voice.name)
    config = _config(path)
    table = {key: ids[0] for key, ids in config["phoneme_id_map"].items()}
    symbols = [c for c in _symbols(text, config["espeak"]["voice"]) if c in table]
    if not any(c.isalpha() for c in symbols):
        return None
    padded = [_BEGIN, _PAD, *(c for symbol in symbols for c in (symbol, _PAD)), _END]
    scales = {**_SCALES, **config.get("inference", {})}
    scales["length_scale"] /= min(max(manner.rate, 0.4), 2.5)
    feeds = {
        "input": np.array([[table[c] for c in padded]]),
        "input_lengths": np.array([len(padded)]),
        "scales": np.array([scales[name] for name in _SCALES], np.float32),
    }
    if config.get("num_speakers", 1) > 1:
        feeds["sid"] = np.array([0])
    sound, *_, frames = open_session(path, 0, _DURATIONS).run(None, feeds)
    samples, rate = sound.ravel(), int(config["audio"]["sample_rate"])
    seconds = frames.ravel() * len(samples) / rate / frames.sum()
    blank = np.where(np.array(padded) == _PAD, seconds, 0.0)
    shared = np.where(blank > 0, 0.0, seconds) + 0.5 * (np.roll(blank, 1) + np.roll(blank, -1))  # blanks, halved
    kept = [i for i, symbol in enumerate(padded) if symbol != _PAD]
    phones = phones_of(["", *symbols, ""], shared[kept], _OFFSET)
    return whole(samples, phones, text, rate)


def _symbols(text: str, language: str) -> str:
    """Phonemes with the punctuation that parts them."""
    pieces = [piece.strip() for piece in re.split(r"([,;:.!?]+)", text)]
    spoken = iter(espeak.transcribe(pieces[::2], language))
    return " ".join(next(spoken) if i % 2 == 0 else piece[:1] for i, piece in enumerate(pieces)).replace(" ,", ",")
