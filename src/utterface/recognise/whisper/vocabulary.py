"""Tokens of a Whisper model: their text, and the special ones."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from utterface.errors import ModelError

_CODES = {"cmn": "zh", "nb": "no"}  # ours → Whisper's
_ENGLISH_ONLY = 51864  # tokens of the models that know English alone


@dataclass(frozen=True)
class Vocabulary:
    """Tokens by number, and those that are never said.

    Attributes:
        tokens: names by number; bytes are written as GPT-2 writes them.
        suppressed: tokens that are no speech: symbols, notes.
        suppressed_first: those that no text begins with.
    """

    tokens: tuple[str, ...]
    suppressed: tuple[int, ...]
    suppressed_first: tuple[int, ...]

    @property
    def english_only(self) -> bool:
        """Whether the model knows no other language."""
        return len(self.tokens) <= _ENGLISH_ONLY

    def number(self, *names: str) -> int:
        """The number of a special token by the first of its names that is there.

        Raises:
            ModelError: there is none.
        """
        for name in names:
            if f"<|{name}|>" in self.tokens:
                return self.tokens.index(f"<|{name}|>")
        raise ModelError(f"the vocabulary of this Whisper model has no <|{names[0]}|>")

    def prompt(self, language: str) -> list[int]:
        """The tokens that ask for a transcript without times; ModelError for a language that is not among them."""
        start, plain = self.number("startoftranscript"), self.number("notimestamps")
        if self.english_only:
            return [start, plain]
        return [start, self.number(code_in_whisper(language)), self.number("transcribe"), plain]

    def text(self, numbers: Sequence[int]) -> str:
        """What tokens say."""
        letters = "".join(self.tokens[number] for number in numbers)
        return bytes(_bytes()[letter] for letter in letters if letter in _bytes()).decode("utf-8", "replace").strip()


def code_in_whisper(language: str) -> str:
    """The code of a language as Whisper has it: `cmn` → `zh`, `pt-br` → `pt`."""
    base = language.partition("-")[0]
    return _CODES.get(base, base)


def read_vocabulary(folder: Path) -> Vocabulary:
    """`vocabulary.txt` or `vocabulary.json`, and `config.json`; ModelError where they are missing or damaged."""
    try:
        lines = folder / "vocabulary.txt"
        if lines.is_file():
            tokens = lines.read_text("utf-8").removesuffix("\n").split("\n")
        else:
            tokens = json.loads((folder / "vocabulary.json").read_text("utf-8"))
            if not isinstance(tokens, list):
                raise TypeError("a list of tokens is wanted")
        config = json.loads((folder / "config.json").read_text("utf-8"))
        never = tuple(int(number) for number in config["suppress_ids"] if 0 <= number < len(tokens))
        return Vocabulary(tuple(map(str, tokens)), never, tuple(map(int, config["suppress_ids_begin"])))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"the vocabulary in {folder} is missing or damaged ({type(error).__name__})") from None


@cache
def _bytes() -> dict[str, int]:
    """Letter → byte, as GPT-2's vocabulary writes bytes: printable ones as they are, others from U+0100 on."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(others)}
