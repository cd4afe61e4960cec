"""What alignment answers, and how its spans tile the time."""

from collections.abc import Sequence
from dataclasses import dataclass

from utterface.phones import ARPABET_TO_IPA, SILENCE, Span

FRAME_RATE = 100  # Hz, PocketSphinx's frames
_CRUMB = 0.03  # seconds; a gap this short belongs to the phone before it


@dataclass(frozen=True)
class Alignment:
    """When each word and each phone is said.

    Attributes:
        words: in order; pauses lie between them.
        phones: IPA, tiling the time from 0 to `duration` with `sil` in the pauses.
        duration: seconds of sound.
        confidence: 0…1, how surely the words fit the sound; of recognised phones their mean probability, or None.
        engine: what aligned.
        unspoken: seconds from and to where the sound is as loud as speech and the text has no words.
        recognised: seconds from and to whose phones were recognised, where the text lacks what is spoken.
        passed_over: parts of the text that are not spoken.
        unread: words of the text that cannot be read, as they are written.
        sources: which recogniser gave the phones where, where several recognise: its name, start, end.
    """

    words: tuple[Span, ...]
    phones: tuple[Span, ...]
    duration: float
    confidence: float | None = None
    engine: str = "PocketSphinx en-us"
    unspoken: tuple[tuple[float, float], ...] = ()
    recognised: tuple[tuple[float, float], ...] = ()
    passed_over: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    sources: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Timed:
    """A dictionary word at its place, with its ARPAbet phones.

    `index` counts the words of the text; −1 for silence and noise.
    """

    index: int
    start: float
    end: float
    phones: tuple[Span, ...]


def tile(phones: Sequence[Span], duration: float) -> tuple[Span, ...]:
    """Phones in order, joined without gap or overlap from 0 to `duration`; gaps become silence, neighbours in it one.

    Labels may be ARPAbet or IPA; they come out as IPA.
    """
    tiled: list[Span] = []

    def add(label: str, end: float, stress: int = 0) -> None:
        start = tiled[-1].end if tiled else 0.0
        if end <= start:
            return
        if label == SILENCE and tiled and tiled[-1].label == SILENCE:
            tiled[-1] = Span(SILENCE, tiled[-1].start, end)
        else:
            tiled.append(Span(label, start, end, stress))

    for phone in phones:
        label = ARPABET_TO_IPA.get(phone.label, phone.label)
        at = tiled[-1].end if tiled else 0.0
        if phone.start - at > (_CRUMB if tiled else 0.0):
            add(SILENCE, phone.start)
        elif phone.start > at and tiled:
            tiled[-1] = Span(tiled[-1].label, tiled[-1].start, phone.start, tiled[-1].stress)
        add(label, min(phone.end, duration), phone.stress)
    if tiled and 0 < duration - tiled[-1].end <= _CRUMB:
        tiled[-1] = Span(tiled[-1].label, tiled[-1].start, duration, tiled[-1].stress)
    add(SILENCE, duration)
    return tuple(tiled)
