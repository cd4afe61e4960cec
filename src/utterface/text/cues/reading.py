"""Timed words → cues."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from utterface.phones import Span
from utterface.text.cues.lexicon import KINDS, CueLexicon, lexicon_of

MERGED = 0.4  # s; cues of one kind that are nearer are one
_PAUSE = 0.6  # s between words that ends a sentence where nothing else does
_REACH = 3  # words from a negation to the one that it turns over
_LAST = 4  # words at the end of a question over which the brows rise
_ASKED = 6  # words from a question word on over which they are drawn together
_ITEM = 3  # words of a list's item at most
_SENTENCE, _CLAUSE = re.compile(r"[.!?…。！？]+[\"'”’)\]]*$"), re.compile(r"[,;:—–]+[\"'”’)\]]*$")


@dataclass(frozen=True)
class _Token:
    """A word: in lower case without marks, whether a sentence, a clause or a question ends after it, its times."""

    bare: str
    span: Span
    stop: bool
    comma: bool
    asks: bool


def read_cues(words: Sequence[Span], language: str = "en") -> tuple[Span, ...]:
    """What the words of an utterance ask of a face.

    Args:
        words: in order, as they are written, with punctuation where it is known; recognised words have none, and
            questions are then known by the order of their words.
        language: code of the language; one without a lexicon gives questions and lists by their marks alone.

    Returns:
        Spans labelled by `KINDS`, in order of their start, from the start of the first word to the end of the last.
    """
    lexicon = lexicon_of(language)
    cues: list[Span] = []
    tokens = [token for word in words if (token := _token(word)).bare]
    marked = any(token.stop or token.comma for token in tokens)
    for sentence in _sentences(tokens):
        found = [] if lexicon is None else _word_cues(sentence, lexicon)
        found += _question(sentence, lexicon, marked)
        found += [("list item", at, at) for at in _items(sentence, lexicon)]
        cues += [Span(kind, sentence[a].span.start, sentence[b].span.end) for kind, a, b in found]
    return _merged(cues)


def _token(word: Span) -> _Token:
    text = word.label.strip().replace("’", "'")
    bare = re.sub(r"^[^\w]+|[^\w]+$", "", text.lower())
    asks = bool(re.search(r"[?？]+[\"'”)\]]*$", text))
    return _Token(bare, word, bool(_SENTENCE.search(text)), bool(_CLAUSE.search(text)), asks)


def _sentences(tokens: Sequence[_Token]) -> list[list[_Token]]:
    sentences: list[list[_Token]] = [[]]
    for token in tokens:
        before = sentences[-1][-1] if sentences[-1] else None
        if before and (before.stop or (token.span.start - before.span.end > _PAUSE and not before.comma)):
            sentences.append([])
        sentences[-1].append(token)
    return [sentence for sentence in sentences if sentence]


def _word_cues(sentence: Sequence[_Token], lexicon: CueLexicon) -> list[tuple[str, int, int]]:
    """(kind, first word, last word): entries of the lexicon; after a negation what is pleasant is not."""
    words, cues, at = [token.bare for token in sentence], [], 0
    negated = -_REACH - 1  # the last word of a negation
    while at < len(words):
        kind, count = lexicon.match(words, at)
        near = at - negated <= _REACH
        if near and kind == "intensifier":
            kind, negated = "", at  # not very good
        elif near and count == 1 and kind in ("pleasant", "unpleasant"):
            kind = "unpleasant" if kind == "pleasant" else ""
        if kind == "negation" and _turned(words, at, sentence[-1].asks, lexicon):
            kind = ""  # didn't you?
        if kind == "negation":
            negated = at + count - 1
        if kind:
            cues.append((kind, at, at + count - 1))
        at += count
        if sentence[at - 1].comma:
            negated = -_REACH - 1
    return cues


def _turned(words: Sequence[str], at: int, asks: bool, lexicon: CueLexicon) -> bool:
    """Whether a negated auxiliary stands before its subject in a question, which expects a yes."""
    inverted = words[at] in lexicon.grammar["auxiliaries"] and words[at + 1 : at + 2]
    return bool(asks and inverted and words[at + 1] in lexicon.grammar["subjects"])


def _question(sentence: Sequence[_Token], lexicon: CueLexicon | None, marked: bool) -> list[tuple[str, int, int]]:
    """The question that a sentence is, if it is one: over its last phrase, or from its question word on."""
    last, asks = len(sentence) - 1, sentence[-1].asks
    commas = [i for i, token in enumerate(sentence[:-1]) if token.comma]
    final = max([-1, *commas]) + 1
    if lexicon is not None and (asks or not marked):
        words, grammar = [token.bare for token in sentence], lexicon.grammar
        first = next((i for i, word in enumerate(words) if word not in grammar["openings"]), 0)
        tag = final > 0 and words[final] in grammar["auxiliaries"] and last - final < _ITEM
        opening = range(first, min(first + 3, last + 1))
        lead = next((i for i in opening if words[i].split("'")[0] in grammar["question_words"]), -1)
        helped = any(word in grammar["auxiliaries"] for word in words[lead + 1 : lead + 5]) or "'" in words[lead]
        if lead >= 0 and not tag and (asks or (lead == first and helped and last > lead)):
            return [("wh-question", lead, min(last, lead + _ASKED - 1))]
        inverted = first < last and words[first] in grammar["auxiliaries"] and words[first + 1] in grammar["subjects"]
        asks = asks or inverted
    if not asks:
        return []
    return [("yes-no question", max(final, last - _LAST + 1), last)]


def _items(sentence: Sequence[_Token], lexicon: CueLexicon | None) -> list[int]:
    """The last words of a list's items: short pieces between commas, the last after “and” or “or”."""
    commas = [i for i, token in enumerate(sentence[:-1]) if token.comma]
    if not commas or (lexicon is None and len(commas) < 2):
        return []
    if lexicon is None:
        short = [b - a <= _ITEM for a, b in pairwise(commas)]
        return [*commas, len(sentence) - 1] if all(short) and len(sentence) - 1 - commas[-1] <= _ITEM else []
    words, grammar = [token.bare for token in sentence], lexicon.grammar
    joint = next((i for i in range(commas[-1] + 1, len(words) - 1) if words[i] in grammar["joining"]), -1)
    inside = [(a + 1, b) for a, b in pairwise(commas)] + [(commas[-1] + 1, joint - 1)]
    inside = [(a, b) for a, b in inside if b >= a]
    if joint < 0 or len(inside) + (joint == commas[-1] + 1) < 1 or (joint == commas[-1] + 1 and len(commas) < 2):
        return []
    if any(b - a >= _ITEM or {*words[a : b + 1]} & (grammar["pronouns"] | grammar["auxiliaries"]) for a, b in inside):
        return []
    left = len(words) - 1 - joint
    if words[joint + 1] in grammar["pronouns"]:
        return []
    closing = joint + (left if left <= _ITEM else 1)
    return [commas[0], *(b for _, b in inside), closing]


def _merged(cues: Sequence[Span]) -> tuple[Span, ...]:
    """Cues in order; those of one kind that nearly touch are one, but for items of a list."""
    merged: list[Span] = []
    latest: dict[str, int] = {}
    for cue in sorted(cues, key=lambda cue: (cue.start, KINDS.index(cue.label))):
        at = latest.get(cue.label)
        if at is not None and cue.label != "list item" and cue.start - merged[at].end < MERGED:
            merged[at] = Span(cue.label, merged[at].start, max(cue.end, merged[at].end))
        else:
            latest[cue.label] = len(merged)
            merged.append(cue)
    return tuple(merged)
