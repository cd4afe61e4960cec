"""What is said in a recording, given by a user, a file or a recogniser."""

from dataclasses import dataclass

from utterface.errors import TextError
from utterface.phones import Span


def valid_unicode(text: str) -> str:
    """The text with lone surrogates, as bytes of a command line that are not UTF-8 become, replaced by U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@dataclass(frozen=True)
class Transcript:
    """What is said in a recording.

    Attributes:
        text: the words, as people write them, without lone surrogates; numbers and symbols are read out later.
        language: code of the language spoken, e.g. `en`.
        words: the words with their times in seconds, where the source knows them.
        phones: IPA with their times from 0 to the end, where the source knows them, as a speech engine does; they are
            then articulated as they are, and nothing is aligned.
        source: where it comes from, e.g. `user`, a file's name, a recogniser's name.

    Raises:
        TextError: `text` is not a string.
    """

    text: str
    language: str = "en"
    words: tuple[Span, ...] = ()
    source: str = "user"
    phones: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.text, str):
            raise TextError(f"a transcript is a string, got {type(self.text).__name__}")
        object.__setattr__(self, "text", valid_unicode(self.text))
        object.__setattr__(self, "words", tuple(self.words))
        object.__setattr__(self, "phones", tuple(self.phones))
