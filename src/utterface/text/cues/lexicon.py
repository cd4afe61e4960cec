"""Words by the cue that they give, read from a file a language."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

WORD_KINDS = ("negation", "affirmation", "intensifier", "hedge", "pleasant", "unpleasant", "contrast")
KINDS = (*WORD_KINDS, "yes-no question", "wh-question", "list item")
LANGUAGES = ("en",)
_LONGEST = 6  # words of an entry


@dataclass(frozen=True)
class _Sense:
    """A kind, and the neighbours that decide for it; None takes any."""

    kind: str
    previous: frozenset[str] | None
    next: frozenset[str] | None


@dataclass(frozen=True)
class CueLexicon:
    """What words mean for a face.

    Attributes:
        entries: words in lower case → kind, empty where they give no cue.
        senses: word → what decides its kind, first to last.
        grammar: name of a word class → its words.
    """

    entries: Mapping[tuple[str, ...], str]
    senses: Mapping[str, tuple[_Sense, ...]]
    grammar: Mapping[str, frozenset[str]]

    def match(self, words: Sequence[str], at: int) -> tuple[str, int]:
        """(kind, number of words) of the longest entry that begins at a word; ("", 1) where none does."""
        for count in range(min(_LONGEST, len(words) - at), 0, -1):
            kind = self.entries.get(tuple(words[at : at + count]))
            if kind is not None and (count > 1 or words[at] not in self.senses):
                return kind, count
        for sense in self.senses.get(words[at], ()):
            before = words[at - 1] if at else "@start"
            after = words[at + 1] if at + 1 < len(words) else "@end"
            if self._fits(before, sense.previous) and self._fits(after, sense.next):
                return sense.kind, 1
        if words[at].endswith("n't"):
            return "negation", 1
        return "", 1

    def _fits(self, word: str, allowed: frozenset[str] | None) -> bool:
        return allowed is None or word in allowed or f"@{self.entries.get((word,), '')}" in allowed


@cache
def lexicon_of(language: str) -> CueLexicon | None:
    """The lexicon of a language by its code; None where there is none."""
    code = language.split("-", maxsplit=1)[0]
    if code not in LANGUAGES:
        return None
    table = tomllib.loads((Path(__file__).parent / f"{code}.toml").read_text(encoding="utf-8"))
    kinds = {kind: kind for kind in WORD_KINDS} | {"silent": ""}
    entries = {tuple(entry.split("_")): kinds[name] for name in kinds for entry in table[name].split()}
    senses = {
        word: tuple(_Sense(row["kind"], _some(row.get("previous")), _some(row.get("next"))) for row in rows)
        for word, rows in table["senses"].items()
    }
    return CueLexicon(entries, senses, {name: frozenset(words.split()) for name, words in table["grammar"].items()})


def _some(words: str | None) -> frozenset[str] | None:
    return None if words is None else frozenset(words.split())
