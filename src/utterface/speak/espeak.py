"""eSpeak NG's voices, through the library that `espeakng-loader` brings. It reports when every phoneme starts.

https://github.com/espeak-ng/espeak-ng, speak_lib.h
"""

import ctypes
import math
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np

from utterface.phones import Span, from_ipa, inventory
from utterface.speak.contract import SpeakingManner, SyntheticUtterance, SyntheticVoice, whole
from utterface.speak.words import by_starts

# the languages of training and those left out of it; poor ones in both
_TRAINED = (
    "en-us", "en-gb", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "ru", "uk", "el", "ro",
    "hr", "bg", "hi", "ta", "ar", "fa", "id", "vi", "cmn", "ja", "ko", "et", "lv", "ca", "cs",
)  # fmt: skip
_LEFT_OUT = ("tr", "hu", "sw", "cy", "eu", "mi", "ka", "kl")
_FILES = {"en-gb": "en"}  # where eSpeak's own name differs from the tag
# variants of the voice: other formants, pitch, breath. `klatt` are another synthesiser, the rest filters of the first.
_VARIANTS = (
    "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "f1", "f2", "f3", "f4", "f5", "klatt", "klatt2", "klatt3",
    "klatt4", "Alex", "Alicia", "Andrea", "Andy", "Annie", "Gene", "Lee", "Mario", "Michael", "Reed", "adam",
    "anika", "aunty", "belinda", "benjamin", "caleb", "david", "ed", "edward", "grandma", "grandpa", "iven", "john",
    "linda", "marcelo", "max", "michel", "miguel", "norbert", "pablo", "pedro", "quincy", "rob", "robert", "sandro",
    "shelby", "steph", "travis", "victor", "zac", "whisper", "whisperf", "croak",
)  # fmt: skip
_LEFT_OUT_VARIANTS = {"m8", "f5", "Annie", "victor", "klatt4"}
_LICENCE = "GPL-3.0 program; its sound is free"

_SYNCHRONOUS, _PHONEME_EVENTS, _PHONEME_IPA, _DONT_EXIT, _UTF8 = 2, 0x0001, 0x0002, 0x8000, 1
_RATE, _PITCH, _RANGE = 1, 3, 4  # espeak_PARAMETER
_END, _WORD, _PHONEME = 0, 1, 7  # espeak_EVENT_TYPE
_SHORTEST_PAUSE = 0.07  # seconds
_CLOSED = 0.03  # of the loudest sample around: quieter is a closed mouth (some variants echo into it)


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int), ("unique", ctypes.c_uint), ("text_position", ctypes.c_int), ("length", ctypes.c_int),
        ("audio_ms", ctypes.c_int), ("sample", ctypes.c_int), ("user", ctypes.c_void_p), ("id", _Id),
    )  # fmt: skip


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class _Library:
    """The loaded library; one a process, it is not made for threads."""

    def __init__(self) -> None:
        import espeakng_loader

        self.c = ctypes.CDLL(espeakng_loader.get_library_path())
        self._data = espeakng_loader.get_data_path().encode()
        self._callback = _Callback(self._hear)
        self.pieces: list[np.ndarray] = []
        self.events: list[tuple[float, str]] = []
        self.words: list[tuple[float, int]] = []  # seconds, the character of the text that a word begins with
        self.sample_rate = 0
        self.start()

    def start(self) -> None:
        """Switch to sound and phoneme events; `text.espeak` uses the same library for phonemes alone."""
        options = _PHONEME_EVENTS | _PHONEME_IPA | _DONT_EXIT
        self.sample_rate = self.c.espeak_Initialize(_SYNCHRONOUS, 0, self._data, options)
        self.c.espeak_SetSynthCallback(self._callback)

    def _hear(self, samples, count, events) -> int:  # type: ignore[no-untyped-def]
        if samples and count:
            self.pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        place = 0
        while events[place].type != _END:
            if events[place].type == _PHONEME:
                name = events[place].id.string.decode("utf-8", "ignore")
                self.events.append((events[place].sample / self.sample_rate, name))
            elif events[place].type == _WORD:
                self.words.append((events[place].sample / self.sample_rate, events[place].text_position - 1))
            place += 1
        return 0


@cache
def _library() -> _Library | None:
    try:
        library = _Library()
    except (ImportError, OSError):
        return None
    return library if library.sample_rate > 0 else None


@cache
def voices() -> tuple[SyntheticVoice, ...]:
    """Every language with every variant; empty where espeakng-loader is not installed."""
    if _library() is None:
        return ()
    rows = []
    for language in (*_TRAINED, *_LEFT_OUT):
        for variant in _VARIANTS:
            held = language in _LEFT_OUT or (variant in _LEFT_OUT_VARIANTS and language in ("en-us", "de", "es"))
            if held or variant not in _LEFT_OUT_VARIANTS:
                split = "test" if held else "train"
                name = f"{_FILES.get(language, language)}+{variant}"
                rows.append(SyntheticVoice("espeak", name, language, f"espeak-{name}", split, _LICENCE))
    return tuple(rows)


def find(name: str) -> SyntheticVoice | None:
    """Any voice of eSpeak NG: a language, perhaps with a variant, as `de`, `en-us+f3`; None where it has no such."""
    library, (language, _, variant) = _library(), name.partition("+")
    known = library is not None and (not variant or variant in _VARIANTS)
    if library is None or not known or library.c.espeak_SetVoiceByName(_FILES.get(language, language).encode()) != 0:
        return None
    return _plain(language, variant)


def _plain(language: str, variant: str = "") -> SyntheticVoice:
    name = f"{_FILES.get(language, language)}{variant and '+' + variant}"
    language = next((tag for tag, file in _FILES.items() if file == language), language)
    return SyntheticVoice("espeak", name, language, f"espeak-{name}", "train", _LICENCE)


def listed() -> tuple[SyntheticVoice, ...]:
    """A voice a language, the plain one; each has the variants of `find`."""
    return tuple(_plain(language) for language in (*_TRAINED, *_LEFT_OUT)) if _library() else ()


def speak(voice: SyntheticVoice, sentences: Sequence[tuple[str, SpeakingManner]]) -> list[SyntheticUtterance | None]:
    """Each sentence as sound with phone times; None for one that the engine could not say."""
    library = _library()
    if library is None:
        return [None] * len(sentences)
    library.start()
    if library.c.espeak_SetVoiceByName(voice.name.encode()) != 0:
        return [None] * len(sentences)
    _speak(library, "a", SpeakingManner())  # the first sentence after a change of voice may lose events
    return [_speak(library, text, prosody) for text, prosody in sentences]


def _speak(library: _Library, text: str, prosody: SpeakingManner) -> SyntheticUtterance | None:
    library.pieces, library.events, library.words = [], [], []
    settings = {
        _RATE: 165 * prosody.rate,  # words a minute
        _PITCH: 50 + 60 * math.log2(prosody.pitch),  # 0…99, about an octave below to an octave above
        _RANGE: 50 * prosody.range,
    }
    bounds = {_RATE: (90, 360), _PITCH: (0, 99), _RANGE: (0, 99)}
    for parameter, value in settings.items():
        library.c.espeak_SetParameter(parameter, round(min(max(value, bounds[parameter][0]), bounds[parameter][1])), 0)
    encoded = text.encode()
    library.c.espeak_Synth(encoded, len(encoded) + 1, 0, 0, 0, _UTF8, None, None)
    library.c.espeak_Synchronize()
    if not library.pieces:
        return None
    samples = np.concatenate(library.pieces).astype(np.float32) / 32768
    phones = from_events(library.events, len(samples) / library.sample_rate)
    phones = with_closures(phones, samples, library.sample_rate)
    utterance = whole(samples, phones, text, library.sample_rate)
    return utterance and replace(utterance, words=_words(text, library.words, utterance.phones))


def _words(text: str, events: Sequence[tuple[float, int]], phones: Sequence[Span]) -> tuple[Span, ...]:
    """Words as spaces divide the text; several that one is read as (`23`) are one."""
    tokens = list(re.finditer(r"\S+", text))
    starts: list[float | None] = [None] * len(tokens)
    ends = [token.end() for token in tokens]
    for start, place in events:
        index = min(bisect_right(ends, place), len(tokens) - 1)
        starts[index] = start if starts[index] is None else starts[index]
    return by_starts([token[0] for token in tokens], starts, phones)


def from_events(events: Sequence[tuple[float, str]], end: float) -> list[Span]:
    """Phoneme starts (seconds, IPA name) as spans; a name of several phones shares its time among them.

    A short stretch without a name is no pause but the way into the next phone (the onset of a trill, a glide).
    """
    spans: list[Span] = []
    onset = None
    for (start, name), (stop, _) in pairwise([*events, (end, "")]):
        labels, first = from_ipa(name), start if onset is None else onset
        onset = None
        if not labels:
            inside = bool(spans) and spans[-1].end >= start - 1e-6
            onset = first if inside and stop - first < _SHORTEST_PAUSE else None
            continue
        stress = 2 if "ˈ" in name else 1 if "ˌ" in name else 0
        width = (stop - first) / len(labels)
        spans += [Span(x, first + i * width, first + (i + 1) * width, stress) for i, x in enumerate(labels)]
    return spans


def with_closures(phones: Sequence[Span], samples: np.ndarray, sample_rate: int) -> list[Span]:
    """Plosives from the moment the mouth closes: eSpeak counts the silence before a burst to the phone before."""
    step, spans, table = max(1, sample_rate // 400), list(phones), inventory()
    for i in range(1, len(spans)):
        before, stop = spans[i - 1], spans[i]
        if table[stop.label].manner not in ("plosive", "affricate") or before.end < stop.start - 1e-6:
            continue
        start = at = round(stop.start * sample_rate)
        first, last = round(before.start * sample_rate), round(stop.end * sample_rate)
        quiet = _CLOSED * np.abs(samples[first:last]).max(initial=0)
        while at - step >= (first + start) // 2 and np.abs(samples[at - step : at]).max(initial=0) <= quiet:
            at -= step
        if at < start:
            spans[i - 1], spans[i] = replace(before, end=at / sample_rate), replace(stop, start=at / sample_rate)
    return spans
