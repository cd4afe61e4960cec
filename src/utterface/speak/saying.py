"""Marked text → utterances of a voice, one a phrase, with the moments of words, emphasis, moods and gestures."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from utterface import timing
from utterface.errors import TextError
from utterface.phones import SILENCE, Span, inventory
from utterface.speak import engine_named
from utterface.speak.contract import SyntheticUtterance, SyntheticVoice
from utterface.speak.marks import MarkedWord, marked_words, phrases
from utterface.speak.words import timed_words
from utterface.text.languages import scripts_of

LONGEST = 60_000  # characters of one take: an hour of speech
_EDGE = 0.12  # seconds of silence kept at either end of a phrase
_LEVEL = 0.5  # of full scale: the loudest sample of a phrase at the usual loudness
_STRONGER = 1.4  # factor of emphasised words


@dataclass(frozen=True)
class SpokenPart:
    """A stretch of what is said, from its first sample on.

    Attributes:
        samples: (N,) float32.
        sample_rate: the voice's own, Hz.
        phones: IPA, without gaps from 0 to the end; vowels of emphasised words have primary stress.
        words: those that are said, as they are written.
        emphases: start and end of emphasised words, and of the last word of questions and exclamations.
        moods: (name, intensity, start, end).
        gestures: (name, moment).
    """

    samples: np.ndarray
    sample_rate: int = timing.SAMPLE_RATE
    phones: tuple[Span, ...] = ()
    words: tuple[Span, ...] = ()
    emphases: tuple[Span, ...] = ()
    moods: tuple[tuple[str, float, float, float], ...] = ()
    gestures: tuple[tuple[str, float], ...] = ()

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.sample_rate

    def at_rate(self, sample_rate: int) -> "SpokenPart":
        """The same at another sample rate."""
        import soxr

        return replace(
            self, samples=soxr.resample(self.samples, self.sample_rate, sample_rate), sample_rate=sample_rate
        )

    def later(self, by: float) -> "SpokenPart":
        """The same with all its moments `by` seconds later; the samples are as they were."""
        shift = lambda spans: tuple(replace(s, start=s.start + by, end=s.end + by) for s in spans)  # noqa: E731
        return replace(
            self,
            phones=shift(self.phones),
            words=shift(self.words),
            emphases=shift(self.emphases),
            moods=tuple((name, much, start + by, end + by) for name, much, start, end in self.moods),
            gestures=tuple((name, at + by) for name, at in self.gestures),
        )


def parts(text: str, voice: SyntheticVoice) -> Iterator[SpokenPart]:
    """What a voice says, a phrase at a time, as soon as it is spoken; pauses stand before their phrase.

    Raises:
        TextError: nothing to say, too much for one take, a mark that is not known, or words that the voice cannot say.
    """
    planned = planned_phrases(text, voice.language)
    return (part for phrase in planned if (part := _part(phrase, voice)) is not None)


def planned_phrases(text: str, language: str = "en") -> list[list[MarkedWord]]:
    """The phrases of a text; TextError where there are none, too many for one take, or another language's letters."""
    if len(text) > LONGEST:
        hours = len(text) / LONGEST
        raise TextError(
            f"{len(text):,} characters are about {hours:.0f} hours of speech, too long for one take; a line each is "
            "written with a folder: -o out/ -o .html"
        )
    planned = phrases(marked_words(text))
    if not any(_is_word(word.text) for phrase in planned for word in phrase):
        raise TextError("nothing to say: the text has no words")
    letters = [c for phrase in planned for word in phrase for c in word.text if c.isalpha()]
    scripts = scripts_of(language) | ({"CJK"} if language.startswith("ja") else set())
    foreign = [c for c in letters if unicodedata.name(c, "?").split()[0] not in scripts]
    if len(foreign) > len(letters) / 2:
        raise TextError(
            f"a voice of the language {language} cannot read {''.join(foreign[:12])!r}; name the text's by --language"
        )
    return planned


def join(spoken: Sequence[SpokenPart]) -> SpokenPart:
    """Parts in a row as one."""
    rate = spoken[0].sample_rate
    spoken = [part if part.sample_rate == rate else part.at_rate(rate) for part in spoken]
    moved, at = [], 0.0
    for part in spoken:
        moved.append(part.later(at))
        at += part.duration
    chain = lambda name: tuple(x for part in moved for x in getattr(part, name))  # noqa: E731
    rest = (chain(name) for name in ("words", "emphases", "moods", "gestures"))
    return SpokenPart(np.concatenate([p.samples for p in spoken]), rate, _without_seams(chain("phones")), *rest)


def _part(phrase: Sequence[MarkedWord], voice: SyntheticVoice) -> SpokenPart | None:
    """A phrase as it is said; None for a phrase without words, such as a dash."""
    text = " ".join(word.text for word in phrase)
    if not _is_word(text):
        return None
    (utterance,) = engine_named(voice.engine).speak(voice, [(text, phrase[0].manner)])
    if utterance is None:
        shown = text if len(text) < 60 else f"{text[:57]}…"
        raise TextError(f"the voice {voice.engine}:{voice.name} ({voice.language}) cannot say {shown!r}")
    words = utterance.words
    if not words or any(w.end <= w.start and _is_word(w.label) for w in words):
        words = timed_words(text, utterance.phones, voice.language)
    rate = utterance.sample_rate
    samples, phones, cut = _trimmed(utterance)
    words = tuple(replace(w, start=max(0.0, w.start - cut), end=max(0.0, w.end - cut)) for w in words)
    samples = _level(samples, rate, phrase, words)
    emphasised = [w for word, w in zip(phrase, words, strict=True) if word.emphasis and w.end > w.start]
    closing = [w for w in words[-1:] if phrase[-1].text.rstrip("\"')”’").endswith(("?", "!")) and w.end > w.start]
    phones = tuple(replace(p, stress=2) if _inside(p, emphasised) else p for p in phones)
    mood = phrase[0].emotion
    lead, part = phrase[0].pause, SpokenPart(
        samples,
        rate,
        phones,
        tuple(w for w in words if w.end > w.start and _is_word(w.label)),
        (*emphasised, *closing),
        ((mood[0], mood[1], 0.0, len(samples) / rate),) if mood else (),
        tuple((name, w.start) for word, w in zip(phrase, words, strict=True) for name in word.gestures),
    )  # fmt: skip
    count = round(lead * rate)
    if not count:
        return part
    later, lead = part.later(count / rate), count / rate
    return replace(
        later, samples=np.concatenate([np.zeros(count, np.float32), samples]),
        phones=(Span(SILENCE, 0.0, lead), *later.phones),
    )  # fmt: skip


def _without_seams(phones: Sequence[Span]) -> tuple[Span, ...]:
    """Silences that touch as one, so that a pause is as long as it is."""
    joined: list[Span] = []
    for phone in phones:
        if joined and phone.label == SILENCE == joined[-1].label:
            joined[-1] = replace(joined[-1], end=phone.end)
        else:
            joined.append(phone)
    return tuple(joined)


def _is_word(text: str) -> bool:
    return any(c.isalnum() for c in text)


def _inside(phone: Span, spans: Sequence[Span]) -> bool:
    middle = (phone.start + phone.end) / 2
    return inventory()[phone.label].is_vowel and any(s.start <= middle <= s.end for s in spans)


def _trimmed(utterance: SyntheticUtterance) -> tuple[np.ndarray, tuple[Span, ...], float]:
    """Samples and phones with `_EDGE` of silence before and twice that behind; the seconds that were cut at the start.

    A voice that begins at once gets the silence, and the cut is negative: a face needs time to open and to close.
    """
    first, last = utterance.phones[0], utterance.phones[-1]
    rate, sound = utterance.sample_rate, utterance.samples if utterance.sound is None else utterance.sound
    begin = round(((first.end if first.label == SILENCE else 0.0) - _EDGE) * rate)
    end = round(((last.start if last.label == SILENCE else utterance.duration) + 2 * _EDGE) * rate)
    padded = np.pad(sound, (max(0, -begin), max(0, end - len(sound))))[max(0, begin) :][: end - begin]
    spoken = [p for p in utterance.phones if p is not first or p.label != SILENCE]
    spoken = spoken[:-1] if spoken[-1].label == SILENCE else spoken
    cut, duration = begin / rate, len(padded) / rate
    moved = [replace(p, start=p.start - cut, end=p.end - cut) for p in spoken]
    phones = (Span(SILENCE, 0.0, moved[0].start), *moved, Span(SILENCE, moved[-1].end, duration))
    return padded, phones, cut


def _level(samples: np.ndarray, rate: int, phrase: Sequence[MarkedWord], words: Sequence[Span]) -> np.ndarray:
    """Every phrase equally loud but for its manner, emphasised words louder."""
    gain = np.full(len(samples), _LEVEL * phrase[0].manner.loudness / max(float(np.abs(samples).max()), 1e-3))
    times = np.arange(len(samples)) / rate
    for marked, span in zip(phrase, words, strict=True):
        if marked.emphasis:
            gain *= 1 + (_STRONGER - 1) * np.interp(times, [span.start - 0.03, span.start, span.end, span.end + 0.03],
                                                    [0, 1, 1, 0])  # fmt: skip
    return np.clip(samples * gain, -1, 1).astype(np.float32)
