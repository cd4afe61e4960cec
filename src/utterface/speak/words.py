"""When each word is said, from the phones of an engine that does not tell: expected phones matched to spoken ones."""

from collections.abc import Sequence

import numpy as np

from utterface.align.lexicon import pronounce
from utterface.errors import MissingExtra
from utterface.phones import ARPABET_TO_IPA, SILENCE, Span, from_ipa, inventory
from utterface.text import espeak, is_english, to_words

_GAP = 0.7  # cost of a phone without a partner; 0 for the same phone, 1 for a vowel against a consonant
_KIND = 0.5  # of two vowels or two consonants


def timed_words(text: str, phones: Sequence[Span], language: str) -> tuple[Span, ...]:
    """One span for each word of a text as spaces divide it; a word that is not said takes no time.

    Args:
        text: what an engine spoke.
        phones: of the sound, in order, with `sil` in the pauses.
        language: code of the language.
    """
    tokens = text.split()
    spoken = [p for p in phones if p.label != SILENCE]
    expected = [(label, i) for i, token in enumerate(tokens) for label in _pronounced(token, language)]
    owners = _matched([label for label, _ in expected], [p.label for p in spoken])
    starts: list[float | None] = [None] * len(tokens)
    for place, owner in enumerate(owners):
        index = expected[owner][1] if owner >= 0 else -1
        if index >= 0 and starts[index] is None:
            starts[index] = spoken[place].start
    return by_starts(tokens, starts, spoken)


def by_starts(tokens: Sequence[str], starts: Sequence[float | None], phones: Sequence[Span]) -> tuple[Span, ...]:
    """Words from the moments they begin, each to the end of its last phone; None for one that is not said.

    Args:
        tokens: the words.
        starts: seconds, as many.
        phones: in order.
    """
    spoken = [p for p in phones if p.label != SILENCE]
    spans: list[Span] = []
    following = spoken[-1].end if spoken else 0.0
    for token, start in zip(reversed(tokens), reversed(starts), strict=True):
        if start is None or start >= following:
            spans.append(Span(token, following, following))
            continue
        end = max((p.end for p in spoken if start <= p.start < following - 1e-6), default=following)
        spans.append(Span(token, start, min(end, following)))
        following = start
    return tuple(reversed(spans))


def _pronounced(token: str, language: str) -> tuple[str, ...]:
    """Expected phones of a word as it is written; by its letters where no lexicon knows the language."""
    words = to_words(token, language)
    if is_english(language):
        found = [next(iter(pronounce(word)), ()) for word in words]
        return tuple(ARPABET_TO_IPA[name.rstrip("012")] for phones in found for name in phones)
    try:
        return tuple(label for ipa in espeak.transcribe(words, language) for label in from_ipa(ipa))
    except MissingExtra:
        return from_ipa("".join(words))


def _matched(expected: Sequence[str], spoken: Sequence[str]) -> list[int]:
    """The index of the expected phone that each spoken one is, −1 for one too many; Needleman & Wunsch 1970."""
    table = inventory()
    vowels = [np.array([table[label].is_vowel for label in labels], bool) for labels in (expected, spoken)]
    same = np.array(expected)[:, None] == np.array(spoken)[None] if expected and spoken else np.zeros((0, 0), bool)
    cost = np.where(same, 0.0, np.where(vowels[0][:, None] == vowels[1][None], _KIND, 1.0)) if same.size else same
    rows, columns = len(expected), len(spoken)
    total = np.zeros((rows + 1, columns + 1))
    total[:, 0], total[0] = _GAP * np.arange(rows + 1), _GAP * np.arange(columns + 1)
    for i in range(rows):
        above = np.minimum(total[i, 1:] + _GAP, total[i, :-1] + cost[i])
        for j in range(columns):
            total[i + 1, j + 1] = min(above[j], total[i + 1, j] + _GAP)
    owners, i, j = [-1] * columns, rows, columns
    while i and j:
        if np.isclose(total[i, j], total[i - 1, j - 1] + cost[i - 1, j - 1]):
            i, j = i - 1, j - 1
            owners[j] = i
        elif np.isclose(total[i, j], total[i - 1, j] + _GAP):
            i -= 1
        else:
            j -= 1
    return owners
