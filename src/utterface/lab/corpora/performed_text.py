"""A corpus in which words move the upper face: sentences of a grammar, spoken by voices, performed by `life.gestures`.

Sound alone cannot tell most of it, so it shows what a system gains from text. Honest by construction: the last third
of each class of words is said in the test split only; pairs of sentences use one word in two senses; half of the
questions are spoken without the melody of a question. Sentence i of a split is a function of the seed and i alone.
"""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from utterface import speech
from utterface.articulation import articulate
from utterface.engines.expression import performed
from utterface.errors import ConfigError, TextError
from utterface.lab.corpora.manifest import SPLITS, Corpus, CorpusClip, CorpusInfo, read_corpus
from utterface.lab.corpora.writer import CorpusWriter
from utterface.life import Manner, gestures_of, live
from utterface.life.gestures import Gesture
from utterface.phones import Span
from utterface.speak import voices
from utterface.speak.contract import SyntheticVoice, to_16k
from utterface.speaking import spoken_by
from utterface.text.cues import KINDS

FRAME_RATE = 30.0  # Hz of the motion
TAKES = 2  # of each test sentence by its performer: their distance is the floor of any error
_PAIRED = 0.3  # share of sentences with a word of two senses
_CAST = 24
_SLOT = re.compile(r"\{(\w+)\}")
_MARK = re.compile(r"\{(\w+)\}|\[([\w\- ]+)(?::([^\]]+))?\]")


@dataclass(frozen=True)
class TextLine:
    """A sentence of the grammar.

    Attributes:
        text: with its punctuation.
        cues: (kind, first word, last word), words as spaces divide them.
        pair: the word of two senses that it was made for; empty for none.
        flat: a question that is spoken without its melody.
    """

    text: str
    cues: tuple[tuple[str, int, int], ...]
    pair: str
    flat: bool


@cache
def grammar() -> dict[str, Any]:
    """The file of templates and words."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def templates() -> list[str]:
    """All templates, those of the pairs included."""
    rows = list(grammar()["templates"].values())
    rows += [rows for pair in grammar()["pairs"].values() for rows in pair.values()]
    return [line for text in rows for line in text.strip().splitlines()]


def class_words(name: str, test: bool) -> list[str]:
    """Words of a class that the test split says alone, or those of the other splits."""
    words = grammar()["classes"][name]["words"].split()
    cut = len(words) - -(-len(words) // 3)
    return [word.replace("_", " ") for word in (words[cut:] if test else words[:cut])]


def line_of(seed: int, split: str, number: int) -> TextLine:
    """Sentence `number` of a split."""
    rng = np.random.default_rng([seed, SPLITS.index(split), number])
    table, test = grammar(), split == "test"
    pair = ""
    if rng.random() < _PAIRED:
        pair = str(rng.choice(list(table["pairs"])))
        rows = table["pairs"][pair][str(rng.choice(["one", "other"]))].strip().splitlines()
        rows = rows[len(rows) // 2 :] if test else rows[: len(rows) // 2]
    else:
        rows = table["templates"][str(rng.choice(list(table["templates"])))].strip().splitlines()
    kind, _, template = str(rng.choice(rows)).rpartition(" | ")
    text, cues, end = "", [], 0
    for match in _MARK.finditer(template):
        text += template[end : match.start()]
        slot, name, given = match.groups()
        word, cue = _word(slot, name, given, test, rng)
        first = len(text.split()) if not text or text.endswith(" ") else len(text.split()) - 1
        text += word
        end = match.end()
        if cue:
            cues.append((cue, first, first + len(word.split()) - 1))
    text += template[end:]
    last = len(text.split()) - 1
    if kind:
        cues.append(("wh-question", 0, min(last, 5)) if kind == "wh" else ("yes-no question", max(0, last - 3), last))
    flat = bool(rng.random() < 0.5) and bool(kind)
    return TextLine(text[0].upper() + text[1:], tuple(cues), pair, flat)


def _word(slot: str | None, name: str, given: str | None, test: bool, rng: np.random.Generator) -> tuple[str, str]:
    """What stands for a mark of a template, and the cue that it gives."""
    if slot:
        return _slot(slot, rng), ""
    if given:
        return _SLOT.sub(lambda match: _slot(match[1], rng), given), name
    return str(rng.choice(class_words(name, test))), grammar()["classes"][name]["kind"]


def _slot(name: str, rng: np.random.Generator) -> str:
    return str(rng.choice(grammar()["slots"][name].split())).replace("_", " ")


def place_of(clip: CorpusClip) -> tuple[int, str, int, int]:
    """(seed, split, number, take) of a clip's id; ConfigError where it is no clip of this corpus."""
    match = re.fullmatch(rf"text(\d+)-({'|'.join(SPLITS)})-(\d+)-t(\d+)", clip.id)
    if not match:
        raise ConfigError(f"{clip.id} is no clip of performed_text")
    return int(match[1]), match[2], int(match[3]), int(match[4])


def cues_of(clip: CorpusClip) -> tuple[Span, ...]:
    """The cues that a clip's sentence holds by its template, timed by its words."""
    seed, split, number, _ = place_of(clip)
    words = clip.words()
    return _timed(line_of(seed, split, number), words)


def gestures_in(clip: CorpusClip) -> list[Gesture]:
    """The gestures that a clip's performer made."""
    seed, split, number, take = place_of(clip)
    return gestures_of(cues_of(clip), _take_seed(seed, split, number, take), _amounts(clip.performer))


def make_performed_text(
    folder: str | os.PathLike[str],
    counts: Mapping[str, int],
    seed: int = 0,
    report: Callable[[str], None] = lambda line: None,
) -> Corpus:
    """Make or resume the corpus.

    Args:
        folder: of the corpus.
        counts: split → sentences.
        seed: of everything drawn.
        report: called with a line every hundred sentences.

    Raises:
        ConfigError: no sentence is asked for, or no English voice for a split is installed.
    """
    if min(counts.values(), default=0) < 0 or not sum(counts.values()):
        raise ConfigError(f"sentences of each split must be 0 or more, and some above 0; got {dict(counts)}")
    writer = CorpusWriter(folder, CorpusInfo(shared_speakers=True))  # validation shares the voices of training
    for split, count in counts.items():
        spoken = _voices(split)
        for number in range(count):
            if f"text{seed}-{split}-{number:05d}-t0" not in writer:
                _perform(writer, spoken, seed, split, number)
            if (number + 1) % 100 == 0:
                report(f"{split}: {number + 1} of {count} sentences")
    return read_corpus(folder)


def _voices(split: str) -> list[SyntheticVoice]:
    kept = "test" if split == "test" else "train"
    engines = ("flite", "espeak", "festival")
    there = [v for v in voices() if v.engine in engines and v.language.startswith("en") and v.split == kept]
    if not there:
        raise ConfigError(f"no English voice of {', '.join(engines)} for the {split} split; install flite")
    return there


def _perform(writer: CorpusWriter, spoken: list[SyntheticVoice], seed: int, split: str, number: int) -> None:
    """All takes of one sentence; one that its voice cannot say word by word is passed over."""
    line = line_of(seed, split, number)
    rng = np.random.default_rng([seed, SPLITS.index(split), number, 1])
    voice = spoken[int(rng.integers(len(spoken)))]
    try:
        part = spoken_by(voice, line.text.replace("?", ".") if line.flat else line.text)
    except TextError:
        return
    tokens = line.text.split()
    if len(part.words) != len(tokens):
        return
    words = tuple(replace(word, label=token) for word, token in zip(part.words, tokens, strict=True))
    samples = to_16k(part.samples, part.sample_rate)
    duration = len(samples) / speech.SAMPLE_RATE
    limit = lambda spans: tuple(replace(s, end=min(s.end, duration)) for s in spans if s.start < duration)  # noqa: E731
    phones, words = limit(part.phones), limit(words)
    performer = f"{split}-{int(rng.integers(_CAST if split == 'train' else _CAST // 3))}"
    audio: np.ndarray | Path = samples
    for take in range(TAKES if split == "test" else 1):
        clip = CorpusClip(
            f"text{seed}-{split}-{number:05d}-t{take}", duration, voice.speaker, "en", line.text, split,
            f"made:{voice.engine}:{voice.name}", voice.licence, performer=performer,
        )  # fmt: skip
        chosen = _take_seed(seed, split, number, take)
        gestures = gestures_of(_timed(line, words), chosen, _amounts(performer))
        prosody = speech.prosody(samples)
        face = articulate(phones, duration, FRAME_RATE)
        alive = ("blink", "gaze", "brows", "head")
        manner = Manner(1.0, 0.6, 0.6, 0.6)
        face = live(face, prosody.energy, prosody.pitch, phones, chosen, alive, manner=manner)
        audio = writer.add(clip, audio, phones, performed(face, gestures), words=words).audio


def _timed(line: TextLine, words: tuple[Span, ...]) -> tuple[Span, ...]:
    spans = [Span(kind, words[first].start, words[last].end) for kind, first, last in line.cues]
    return tuple(sorted(spans, key=lambda span: (span.start, span.label)))


def _take_seed(seed: int, split: str, number: int, take: int) -> int:
    return int(np.random.default_rng([seed, SPLITS.index(split), number, take, 2]).integers(2**31))


def _amounts(performer: str) -> dict[str, float]:
    """How much a performer makes of each kind of cue."""
    rng = np.random.default_rng([*performer.encode()])
    return dict(zip(KINDS, np.exp(0.25 * rng.standard_normal(len(KINDS))).tolist(), strict=True))
