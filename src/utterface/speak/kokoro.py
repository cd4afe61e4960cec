"""Kokoro-82M: 40 voices in seven languages, in a session of our own, from a folder that `fetching` fills.

Its network tells the frames of each symbol only inside, at the node `_DURATIONS`. Pronunciations are hibari's for
English where it is installed, else eSpeak NG's. https://github.com/hexgrad/kokoro, Apache-2.0
"""

import os
import re
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from utterface.errors import ModelError
from utterface.files import cache_folder
from utterface.sessions import open_session
from utterface.speak import hibari
from utterface.speak.contract import SpeakingManner, SyntheticUtterance, SyntheticVoice, whole
from utterface.speak.durations import phones_of
from utterface.text import espeak

_DURATIONS = "/encoder/Clip_output_0"
_RATE = 24_000  # Hz
_OFFSET = 0.06  # seconds that its boundaries are late: bilabials against PocketSphinx, less what Flite's are
_STYLES = (510, 256)  # of a voice: a vector for each number of symbols
_SPEEDS = (0.5, 2.0)
_LANGUAGES = {"a": "en-us", "b": "en-gb", "e": "es", "f": "fr", "h": "hi", "i": "it", "p": "pt-br"}
_CODES = {"fr": "fr-fr"}  # eSpeak NG's own
# the symbols of its alphabet by number, as in config.json of hexgrad/Kokoro-82M
_RUNS = {
    1: ";:,.!?", 9: '—…"()“” \u0303ʣʥʦʨᵝꭧAI', 31: "O", 33: "Q", 35: "ST", 39: "W", 41: "Yᵊabcdef", 50:
    "hijklmnopqrstuvwxyzɑɐɒæ", 75: "βɔɕç", 80: "ɖðʤə", 85: "ɚɛɜ", 90: "ɟ", 92: "ɡ", 99: "ɥ", 101: "ɨɪʝ", 110:
    "ɯɰŋɳɲɴø", 118: "ɸθœ", 123: "ɹ", 125: "ɾɻ", 128: "ʁɽʂʃʈʧ", 135: "ʊʋ", 138: "ʌɣɤ", 142: "χʎ", 147: "ʒʔ", 156:
    "ˈˌː", 162: "ʰ", 164: "ʲ", 169: "↓", 171: "→↗↘", 177: "ᵻ"
}  # fmt: skip
_IDS = {symbol: first + i for first, symbols in _RUNS.items() for i, symbol in enumerate(symbols)}
_ESPEAK = (("tʃ", "ʧ"), ("dʒ", "ʤ"), ("eɪ", "A"), ("aɪ", "I"), ("oʊ", "O"), ("əʊ", "Q"), ("aʊ", "W"), ("ɔɪ", "Y"),
           ("ɝ", "ɜɹ"), ("ɚ", "əɹ"), ("r", "ɹ"), ("x", "k"), ("ɬ", "l"))  # fmt: skip
_ELSEWHERE = (("tʃ", "ʧ"), ("dʒ", "ʤ"), ("ts", "ʦ"), ("dz", "ʣ"))


def folder() -> Path:
    """Where model and voices lie: `UTTERFACE_KOKORO`, or `voices/kokoro` in the cache folder."""
    return Path(os.environ.get("UTTERFACE_KOKORO") or cache_folder() / "voices" / "kokoro")


def voices() -> tuple[SyntheticVoice, ...]:
    """The voices whose files are there and whose language has pronunciations here."""
    if not (folder() / "model.onnx").is_file():
        return ()
    there = sorted((folder() / "voices").glob("*.bin"))
    named = [(path.stem, _LANGUAGES[path.stem[0]]) for path in there if path.stem[0] in _LANGUAGES]
    return tuple(
        SyntheticVoice("kokoro", name, language, f"kokoro-{name}", "test", "Apache-2.0")
        for name, language in named
        if find_spec("espeakng_loader") or (language.startswith("en") and find_spec("hibari"))
    )


def speak(voice: SyntheticVoice, sentences: Sequence[tuple[str, SpeakingManner]]) -> list[SyntheticUtterance | None]:
    """Each sentence as sound with phone times; None for one that the engine could not say."""
    return [_speak(voice, text, manner) for text, manner in sentences]


def _speak(voice: SyntheticVoice, text: str, manner: SpeakingManner) -> SyntheticUtterance | None:
    symbols = [c for c in _symbols(text, voice.language) if c in _IDS][: _STYLES[0] - 1]
    if not any(c.isalpha() for c in symbols):
        return None
    feeds = {
        "tokens": np.array([[0, *(_IDS[c] for c in symbols), 0]]),
        "style": _styles(folder() / "voices" / f"{voice.name}.bin")[len(symbols)][None],
        "speed": np.array([min(max(manner.rate, _SPEEDS[0]), _SPEEDS[1])], np.float32),
    }
    samples, *_, frames = open_session(folder() / "model.onnx", 0, _DURATIONS).run(None, feeds)
    samples = samples.ravel()
    phones = phones_of(["", *symbols, ""], frames.ravel() * len(samples) / _RATE / frames.sum(), _OFFSET)
    return whole(samples, phones, text, _RATE)


@cache
def _styles(path: Path) -> np.ndarray:
    """(510, 256) vectors of a voice; ModelError for another file."""
    values = np.fromfile(path, np.float32)
    if values.size != _STYLES[0] * _STYLES[1] or not np.isfinite(values).all():
        raise ModelError(f"{path} is no voice of Kokoro: expected {_STYLES[0]} vectors of {_STYLES[1]} numbers")
    return values.reshape(_STYLES)


def _symbols(text: str, language: str) -> str:
    """A sentence in Kokoro's alphabet."""
    if language.startswith("en") and find_spec("hibari"):
        return str(hibari.pronunciations(language == "en-gb")(text))
    pieces = [piece.strip() for piece in re.split(r"([,;:.!?…—]+)", text)]
    spoken = iter(espeak.transcribe(pieces[::2], _CODES.get(language, language)))
    names = "".join(next(spoken) if i % 2 == 0 else piece[:1] + " " for i, piece in enumerate(pieces))
    for name, symbol in _ESPEAK if language.startswith("en") else _ELSEWHERE:
        names = names.replace(name, symbol)
    return names.strip()
