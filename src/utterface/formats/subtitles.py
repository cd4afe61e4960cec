"""Subtitles of a clip's words, SRT and WebVTT, with the user's own spelling and punctuation.

Cues break at sentences and pauses and hold two lines of 42 characters at most, as broadcasters have them.
https://www.w3.org/TR/webvtt1/
"""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path

from utterface.clip import Clip
from utterface.errors import OutputError
from utterface.phones import Span
from utterface.text.words import ABBREVIATIONS

LINE = 42  # characters
LONGEST = 7.0  # seconds of a cue
PAUSE = 0.6  # seconds that part two cues
LINGER = 0.3  # seconds that a cue stays after its last word, where no other follows
_SENTENCE, _CLAUSE = (".", "!", "?", "…", "。", "！", "？"), (",", ";", ":", "–", "—", "-", "、", "，")
_CLOSING = "\"'”’»)]"


def write_srt(clip: Clip, path: Path, rig: object = None) -> None:
    """Numbered cues."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for number, cue in enumerate(cues_of(clip), 1):
            start, end = (_stamp(moment).replace(".", ",") for moment in _times(cue))
            file.write(f"{number}\n{start} --> {end}\n{_wrapped([word.label for word in cue])}\n\n")


def write_vtt(clip: Clip, path: Path, rig: object = None) -> None:
    """Cues with the time of each word inside, for players that mark what is being said."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("WEBVTT\n")
        for cue in cues_of(clip):
            start, end = map(_stamp, _times(cue))
            marks = ["", *(f"<{_stamp(word.start)}>" for word in cue[1:])]
            words = [mark + html.escape(word.label, quote=False) for mark, word in zip(marks, cue, strict=True)]
            file.write(f"\n{start} --> {end}\n{_wrapped([word.label for word in cue], words)}\n")


def cues_of(clip: Clip) -> list[list[Span]]:
    """Written words with their times, a list a cue; a cue's last word ends when the cue does.

    Raises:
        OutputError: no words are known.
    """
    if not clip.words:
        raise OutputError("subtitles need words; give a transcript by --text, or recognise words by --model recogniser")
    cues: list[list[Span]] = []
    for word in written(clip.text, clip.words):
        if not cues or _breaks(cues[-1], word):
            cues.append([])
        cues[-1].append(word)
    for cue, following in zip(cues, [*(cue[0].start for cue in cues[1:]), clip.duration], strict=True):
        last = cue[-1]
        cue[-1] = Span(last.label, last.start, max(last.end, min(last.end + LINGER, following)))
    return cues


def written(text: str, words: tuple[Span, ...]) -> list[Span]:
    """Spoken words as the transcript writes them: `12` for `twelve`, with capitals and punctuation.

    What is written and spoken alike holds both together; between such words, what is written stands for what is spoken.
    A sign without a word belongs to the word before it.
    """
    tokens = text.split()
    pairs = SequenceMatcher(None, [_plain(token) for token in tokens], [_plain(w.label) for w in words], autojunk=False)
    units: list[Span] = []
    for kind, t1, t2, w1, w2 in pairs.get_opcodes():
        if kind == "equal":
            units += [Span(token, w.start, w.end) for token, w in zip(tokens[t1:t2], words[w1:w2], strict=True)]
            continue
        unspoken = tokens[t1:t2]
        while units and len(unspoken) > (w1 < w2) and not _plain(unspoken[0]):
            units[-1] = replace(units[-1], label=f"{units[-1].label} {unspoken.pop(0)}")
        if not unspoken:
            units += words[w1:w2]
        elif w1 < w2:
            units.append(Span(" ".join(unspoken), words[w1].start, words[w2 - 1].end))
    return units


def _plain(word: str) -> str:
    return re.sub(r"[^\w']|_", "", word.lower()).strip("'")


def _breaks(cue: list[Span], word: Span) -> bool:
    """Whether a word begins another cue."""
    text, last = " ".join(each.label for each in cue), cue[-1]
    mark = last.label.rstrip(_CLOSING)
    return (
        (mark.endswith(_SENTENCE) and _plain(mark) not in ABBREVIATIONS)
        or word.start - last.end >= PAUSE
        or word.end - cue[0].start > LONGEST
        or not _fits(f"{text} {word.label}")
        or (mark.endswith(_CLAUSE) and len(text) > LINE)
    )


def _fits(text: str) -> bool:
    return len(text) <= LINE or _middle(text.split()) > 0


def _middle(words: list[str]) -> int:
    """Number of words of the first of two lines, as even as can be; 0 where two lines do not hold them."""
    sizes = [max(len(" ".join(words[:i])), len(" ".join(words[i:]))) for i in range(1, len(words))]
    return sizes.index(min(sizes)) + 1 if sizes and min(sizes) <= LINE else 0


def _wrapped(plain: list[str], shown: list[str] | None = None) -> str:
    """One line, or two where one is too long; `shown` stands for the plain words."""
    shown = shown or plain
    at = _middle(plain) if len(" ".join(plain)) > LINE else 0
    return "\n".join(" ".join(line) for line in (shown[:at], shown[at:]) if line)


def _times(cue: list[Span]) -> Iterator[float]:
    yield from (cue[0].start, cue[-1].end)


def _stamp(seconds: float) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{thousandths:03d}"
