"""Random sentences, with the phone statistics of the language.

English draws its words from the dictionary and n-gram model that ship with PocketSphinx, so words come as often, and
after one another, as they do in speech. Other languages build words from syllables of their own spelling
(`syllables.toml`); what a voice makes of them has that language's sounds, and that is all that is needed here.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

_LIPS = re.compile(r"[pbmfvw]")
_COMMON = 20_000  # words, the most frequent of the dictionary
_CANDIDATES = 24  # words drawn by frequency, from which the model picks one that follows
_OPENERS = ("and", "but", "so", "well", "now", "then", "oh", "hey", "maybe", "wow", "please", "hmm")
_NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "thirty", "forty",
    "fifty", "sixty", "seventy", "eighty", "ninety", "hundred", "thousand", "million", "point",
)  # fmt: skip


@dataclass(frozen=True)
class Syllables:
    """How a language spells its syllables; a part repeated in a list is drawn more often."""

    onsets: tuple[str, ...]
    nuclei: tuple[str, ...]
    codas: tuple[str, ...]
    space: str = " "
    joint: str = ""
    stops: tuple[str, ...] = (".", "?", "!")


def sentence(language: str, rng: np.random.Generator) -> str:
    """One sentence to say, of about 3 to 16 words, in a language of `languages()`."""
    if language.startswith("en"):
        return _english(rng)
    return _foreign(_syllables()[language.partition("-")[0]], rng)


def languages() -> tuple[str, ...]:
    """Primary language tags that sentences can be made for."""
    return ("en", *_syllables())


@cache
def _syllables() -> dict[str, Syllables]:
    with Path(__file__).with_name("syllables.toml").open("rb") as file:
        rows = tomllib.load(file)
    return {
        language: Syllables(
            onsets=_parts(row["onsets"]),
            nuclei=_parts(row["nuclei"]),
            codas=_parts(row["codas"]),
            space=row.get("space", " "),
            joint=row.get("joint", ""),
            stops=_parts(row.get("stops", ". . . ? !")),
        )
        for language, row in rows.items()
    }


def _parts(row: str) -> tuple[str, ...]:
    return tuple("" if part == "-" else part for part in row.split())


def _foreign(syllables: Syllables, rng: np.random.Generator) -> str:
    words = []
    for _ in range(int(rng.integers(3, 11))):
        length = rng.choice([1, 2, 3, 4], p=[0.22, 0.42, 0.27, 0.09])
        parts = [
            str(rng.choice(syllables.onsets)) + str(rng.choice(syllables.nuclei)) + str(rng.choice(syllables.codas))
            for _ in range(length)
        ]
        words.append(syllables.joint.join(parts))
        if rng.random() < 0.1:
            words[-1] += ","
    text = syllables.space.join(words).rstrip(",")
    return text[:1].upper() + text[1:] + str(rng.choice(syllables.stops))


def _english(rng: np.random.Generator) -> str:
    kind = rng.choice(["model", "rare", "lips", "list", "numbers", "short"], p=[0.5, 0.14, 0.16, 0.07, 0.06, 0.07])
    words, length = _lexicon(), int(rng.integers(4, 16))
    if kind == "model":
        line = _follow(rng, length)
    elif kind == "rare":
        line = [*_follow(rng, 3), *(str(w) for w in rng.choice(words.every, length // 2 + 1)), *_follow(rng, 3)]
    elif kind == "lips":
        drawn = rng.choice(words.lips, length)
        line = [w for pair in zip(_follow(rng, length), (str(w) for w in drawn), strict=True) for w in pair][:length]
    elif kind == "list":
        items = [" ".join(_follow(rng, int(rng.integers(1, 3)))) for _ in range(int(rng.integers(3, 7)))]
        line = [f"{item}," for item in items] + ["and", *_follow(rng, 1)]
    elif kind == "numbers":
        line = [*_follow(rng, 2), *(str(w) for w in rng.choice(_NUMBERS, int(rng.integers(3, 10))))]
    else:
        line = _follow(rng, int(rng.integers(1, 4)))
    if rng.random() < 0.12:
        line.insert(0, str(rng.choice(_OPENERS)) + ("," if rng.random() < 0.5 else ""))
    if len(line) > 6 and kind != "list" and rng.random() < 0.4:
        middle = int(rng.integers(2, len(line) - 2))
        line[middle] = line[middle].rstrip(",") + ","
    text = " ".join(line).rstrip(",")
    return text[:1].upper() + text[1:] + str(rng.choice([".", ".", ".", ".", "?", "!"]))


@dataclass(frozen=True)
class _Lexicon:
    every: np.ndarray  # (W,) str, all words of the dictionary
    common: np.ndarray  # (K,) str, the most frequent
    cumulative: np.ndarray  # (K,) float, their frequencies summed up, ends at 1
    logs: np.ndarray  # (K,) float, their log probabilities
    lips: np.ndarray  # (M,) str, frequent words with sounds that close or round the lips


@cache
def _model() -> tuple:
    import pocketsphinx

    scale = pocketsphinx.LogMath()
    path = f"{pocketsphinx.get_model_path()}/en-us/en-us.lm.bin"
    return pocketsphinx.NGramModel(pocketsphinx.Config(loglevel="FATAL"), scale, path), float(np.log(scale.exp(1)))


@cache
def _lexicon() -> _Lexicon:
    import pocketsphinx

    lines = (Path(pocketsphinx.get_model_path()) / "en-us" / "cmudict-en-us.dict").read_text("utf-8").splitlines()
    every = sorted({w for line in lines if re.fullmatch(r"[a-z']{2,}|a|i", w := line.split()[0]) and w.strip("'")})
    model, unit = _model()
    logs = np.array([model.prob([w]) for w in every], float) * unit
    common = np.argsort(-logs, kind="stable")[:_COMMON]
    common = common[np.isfinite(logs[common]) & (logs[common] > -30)]
    share = np.exp(logs[common])
    words = np.array(every)[common]
    lips = np.array([w for w in words[:8000] if _LIPS.search(w)])
    return _Lexicon(np.array(every), words, np.cumsum(share) / share.sum(), logs[common], lips)


def _follow(rng: np.random.Generator, length: int) -> list[str]:
    """Words that follow one another: drawn by frequency, kept by how much likelier the trigram model finds them."""
    words, (model, unit) = _lexicon(), _model()
    line: list[str] = []
    for _ in range(length):
        drawn = np.searchsorted(words.cumulative, rng.random(_CANDIDATES))
        drawn = np.minimum(drawn, len(words.common) - 1)
        before = line[:-3:-1]
        gain = np.array([model.prob([str(words.common[i]), *before]) for i in drawn], float) * unit - words.logs[drawn]
        weight = np.exp(gain - gain.max())
        line.append(str(words.common[rng.choice(drawn, p=weight / weight.sum())]))
    return line
