"""Timed words as the user wrote them: capitals, punctuation and figures of the transcript."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from utterface.phones import Span


def captions(words: Sequence[Span], text: str) -> list[str]:
    """What of the text each timed word shows, one a word; empty where the text says no more than the words.

    Of a token that is read as several words (`23`) the first shows it, the others nothing; what is not spoken (a dash)
    goes with the word before it.
    """
    tokens = text.split()
    labels = [_key(word.label) for word in words]
    shown = [word.label for word in words]
    for kind, i, end, j, stop in SequenceMatcher(None, labels, [_key(t) for t in tokens], False).get_opcodes():
        if kind == "equal":
            shown[i:end] = tokens[j:stop]
        elif kind == "replace":
            shown[i:end] = [" ".join(tokens[j:stop]), *[""] * (end - i - 1)]
        elif kind == "insert" and i:
            shown[i - 1] = " ".join([shown[i - 1], *(t for t in tokens[j:stop] if not _key(t))])
    return [] if shown == [word.label for word in words] else shown


def _key(token: str) -> str:
    return "".join(c for c in token.lower() if c.isalnum())
