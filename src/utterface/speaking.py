"""Text in, a speaking face out: a voice's own phones are articulated, and what its marks ask for is laid over them."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from utterface import life as life_layer
from utterface import speech, timing
from utterface.articulation import articulate, check_emotions, express
from utterface.clip import Clip
from utterface.engines.animate import animate, check_options
from utterface.engines.expression import expression_strength, expressive
from utterface.life import turn_eyes
from utterface.motion import Motion, rest
from utterface.phones import Span
from utterface.speak import find_voice
from utterface.speak.contract import SyntheticVoice, to_16k
from utterface.speak.saying import SpokenPart, join, parts, planned_phrases
from utterface.text import Transcript

_HELD, _BLEND = 0.2, 0.1  # seconds of frames that await the next phrase; in which they meet those worked out before
_PAST, _KEPT = 1.5, 12.0  # seconds of phones before the first open frame; of phrases and sound that are kept
_RAMP = 0.35  # seconds in which a mood comes and goes
_BROW, _NOD = 0.55, 0.06  # weight and rad of an emphasised word
_DOWN, _TURN = 0.14, 0.16  # rad of a nod, of a shaken head
_LOOK = {
    "look left": ("eyeLookOutLeft", "eyeLookInRight"),
    "look right": ("eyeLookInLeft", "eyeLookOutRight"),
    "look up": ("eyeLookUpLeft", "eyeLookUpRight"),
    "look down": ("eyeLookDownLeft", "eyeLookDownRight"),
}


def say(
    text: str,
    *,
    voice: str | None = None,
    language: str | None = None,
    frame_rate: float = 60.0,
    emotions: Mapping[str, float] | None = None,
    life: bool | str | Collection[str] = True,
    expression: str | None = None,
    mouth_only: bool = False,
    strength: float = 1.0,
    seed: int | None = None,
    progress: Callable[[str, float | None], None] | None = None,
) -> Clip:
    """A talking face that says a text.

    Args:
        text: what is said, with marks (`*emphasis*`, `[joy]`, `[pause 0.5]`, `[nod]`) or tags of SSML.
        voice: `ENGINE:NAME`, see `speak.voices`; None takes the best that is installed.
        language: code or name of the language; None is the voice's, and without a voice English.
        frame_rate: frames a second of the motion, 1 to 240.
        emotions: name → intensity 0…1 of the whole take, see `articulation.EMOTIONS`.
        life: as of `animate`.
        expression: as of `animate`.
        mouth_only: keep jaw, mouth and tongue, leave the rest of the face still.
        strength: how much the lips articulate, 0 to 2.
        seed: of the life layer; None takes it from the sound.
        progress: called with what is being done and how far it is, 0…1 (None = unknown).

    Returns:
        The clip, with its words and phones; `clip.save("hello.html")` writes it.

    Raises:
        TextError: nothing to say, a mark that is not known, words that the voice cannot say.
        ConfigError: an option that does not exist or fit. MissingExtra: no voice is installed.
    """
    check_options(frame_rate=frame_rate, strength=strength, emotions=emotions, life=life, expression=expression)
    check_emotions(emotions or {})
    chosen = find_voice(voice, language)
    spoken = spoken_by(chosen, text, progress)
    options: dict[str, Any] = {"frame_rate": frame_rate, "emotions": emotions, "life": life, "strength": strength}
    options["expression"] = expression
    return face_of(spoken, chosen, mouth_only=mouth_only, seed=seed, progress=progress, **options)


def face_of(spoken: SpokenPart, voice: SyntheticVoice, *, mouth_only: bool = False, **options: Any) -> Clip:
    """The clip of what a voice has said; `options` as of `animate`."""
    name = voice.title
    text = " ".join(word.label for word in spoken.words)
    transcript = Transcript(text, voice.language, spoken.words, name, spoken.phones)
    clip = animate(to_16k(spoken.samples, spoken.sample_rate), transcript, mouth_only=mouth_only, **options)
    motion = clip.motion if mouth_only else marked(clip.motion, spoken)
    return replace(clip, motion=motion, engine=name)


def spoken_by(
    voice: SyntheticVoice, text: str, progress: Callable[[str, float | None], None] | None = None
) -> SpokenPart:
    """What a voice makes of a whole text."""
    total, done = len(planned_phrases(text, voice.language)), []
    for part in parts(text, voice):
        done.append(part)
        if progress:
            progress("speaking", len(done) / total)
    return join(done)


@dataclass(frozen=True)
class SpeechPiece:
    """The next stretch of a text that is still being spoken: sound and motion on one clock.

    Attributes:
        samples: (N,) float32, what follows the samples before; none in the last piece.
        sample_rate: Hz, the same in all pieces.
        start: seconds from the first sample of all to the first of these.
        motion: the frames that are settled now; `motion.start` is on the same clock, some 0.2 s behind the sound's end.
        words: those of this sound, on that clock.
    """

    samples: np.ndarray
    sample_rate: int
    start: float
    motion: Motion
    words: tuple[Span, ...] = ()


def stream(
    text: str,
    *,
    voice: str | None = None,
    language: str | None = None,
    frame_rate: float = 60.0,
    life: bool | str | Collection[str] = True,
    expression: str | None = None,
    strength: float = 1.0,
    seed: int = 0,
) -> Iterator[SpeechPiece]:
    """A text as sound and motion while it is being spoken, a phrase at a time.

    Args:
        text: as of `say`.
        voice: as of `say`.
        language: as of `say`.
        frame_rate: frames a second of the motion, 1 to 240.
        life: as of `animate`.
        expression: as of `animate`.
        strength: how much the lips articulate, 0 to 2.
        seed: of the life layer.

    Raises:
        TextError, ConfigError, MissingExtra: as `say`; before the first piece but for words that cannot be said.
    """
    check_options(frame_rate=frame_rate, strength=strength, life=life, expression=expression)
    source = find_voice(voice, language)
    planned_phrases(text, source.language)
    much = expression_strength(expression)
    return _Stream(frame_rate, life, strength, seed, much, source.language).pieces(parts(text, source))


class _Stream:
    """Phrases in order → pieces. Frames are worked out anew from `_PAST` seconds before the first that is open."""

    def __init__(
        self,
        frame_rate: float,
        life: bool | str | Collection[str],
        strength: float,
        seed: int,
        expression: float,
        language: str,
    ) -> None:
        self._rate, self._strength, self._seed = frame_rate, strength, seed
        self._expression, self._language = expression, language
        self._parts, self._manner = life_layer.parts_of(life), life_layer.manner_of(life)
        self._spoken: SpokenPart | None = None  # the last phrases, on the clock of all
        self._sound = np.zeros(0, np.float32)  # at 16 kHz, the last seconds
        self._since = self._end = 0.0  # seconds of its first sample, and of all sound so far
        self._settled = 0  # frames
        self._ahead = np.zeros((0, 0), np.float32)  # frames after them, as they were worked out last

    def pieces(self, phrases: Iterator[SpokenPart]) -> Iterator[SpeechPiece]:
        """A piece a phrase, and the frames that remain."""
        rate = timing.SAMPLE_RATE
        for phrase in phrases:
            start, rate = self._end, phrase.sample_rate
            moved = phrase.later(start)
            self._append(moved)
            count = timing.frame_count(max(0.0, self._end - _HELD), self._rate)
            yield SpeechPiece(phrase.samples, rate, start, self._frames(count), moved.words)
        count = timing.frame_count(self._end, self._rate)
        yield SpeechPiece(np.zeros(0, np.float32), rate, self._end, self._frames(count))

    def _append(self, part: SpokenPart) -> None:
        since = self._end - _KEPT
        recent = lambda spans: tuple(s for s in spans if s.end > since)  # noqa: E731
        old = self._spoken or SpokenPart(part.samples[:0])
        self._end += part.duration
        self._sound = np.concatenate([self._sound, to_16k(part.samples, part.sample_rate)])
        self._spoken = replace(
            part,
            phones=(*recent(old.phones), *part.phones),
            words=(*recent(old.words), *part.words),
            emphases=(*recent(old.emphases), *part.emphases),
            moods=(*(mood for mood in old.moods if mood[3] > since), *part.moods),
            gestures=(*(gesture for gesture in old.gestures if gesture[1] > since), *part.gestures),
        )

    def _frames(self, until: int) -> Motion:
        """The frames from the first that is open up to `until`; those beyond are kept to be blended with."""
        spoken, first = self._spoken, self._settled
        total = timing.frame_count(self._end, self._rate)
        if spoken is None or until <= first:
            return rest(0, self._rate, first / self._rate)
        back = max(0, first - round(_PAST * self._rate))
        begin = back / self._rate
        phones = [replace(p, start=p.start - begin, end=p.end - begin) for p in spoken.phones if p.end > begin]
        phones = [replace(p, start=max(0.0, p.start)) for p in phones]
        mouth = articulate(phones, self._end - begin, self._rate, self._strength)
        motion = replace(mouth, values=mouth.values[first - back : total - back], start=first / self._rate)
        dropped = max(0, len(self._sound) - round(_KEPT * timing.SAMPLE_RATE)) // speech.HOP * speech.HOP
        self._sound, self._since = self._sound[dropped:], self._since + timing.seconds(dropped)
        prosody = speech.prosody(self._sound)
        motion = life_layer.live(
            motion, prosody.energy, prosody.pitch, spoken.phones, self._seed, self._parts, self._since,
            self._manner, begin=0.1,
        )  # fmt: skip
        if self._expression:
            motion = expressive(
                motion, spoken.words, self._language, seed=self._seed, manner=self._manner, strength=self._expression
            )
        values = marked(motion, spoken).values
        count = min(len(self._ahead), len(values), round(_BLEND * self._rate))
        if count:
            share = (np.arange(1, count + 1) / (count + 1))[:, None].astype(np.float32)
            values = np.concatenate([self._ahead[:count] * (1 - share) + values[:count] * share, values[count:]])
        self._settled, self._ahead = until, values[until - first :]
        return replace(motion, values=values[: until - first])


def marked(motion: Motion, spoken: SpokenPart) -> Motion:
    """The motion with the moods, emphases and gestures of a text; lips that were sealed stay sealed."""
    times = motion.times
    for name, much, start, end in _moods(spoken):
        check_emotions({name: much})
        motion = express(motion, {name: much}, _course(times, start - _RAMP, start + _RAMP / 2, end, end + _RAMP))
    values = motion.values.copy()
    column = {name: i for i, name in enumerate(motion.channels)}

    def raise_by(names: Collection[str], amount: np.ndarray) -> None:
        for name in names:
            values[:, column[name]] = np.clip(values[:, column[name]] + amount, 0, 1)

    for word in spoken.emphases:
        up = _course(times, word.start - 0.15, word.start + 0.05, word.end, word.end + 0.3)
        raise_by(("browInnerUp", "browOuterUpLeft", "browOuterUpRight"), _BROW * up)
        raise_by(("eyeWideLeft", "eyeWideRight"), 0.2 * up)
        down = _course(times, word.start - 0.08, word.start + 0.08, word.start + 0.12, word.end + 0.25)
        values[:, column["headPitch"]] += _NOD * down
    for name, at in spoken.gestures:
        if name == "nod":
            values[:, column["headPitch"]] += _DOWN * _course(times, at - 0.1, at + 0.12, at + 0.16, at + 0.5)
        elif name == "shake":
            swing = np.sin(2 * np.pi * (times - at) / 0.45)
            values[:, column["headYaw"]] += _TURN * swing * _course(times, at, at + 0.1, at + 0.75, at + 0.95)
        elif name == "blink":
            raise_by(("eyeBlinkLeft", "eyeBlinkRight"), _course(times, at - 0.08, at, at + 0.03, at + 0.18))
        else:
            raise_by(_LOOK[name], 0.5 * _course(times, at - 0.05, at + 0.02, at + 0.8, at + 0.86))
    eyes = any(name in _LOOK for name, _ in spoken.gestures)
    return turn_eyes(motion.with_values(values)) if eyes else motion.with_values(values)


def _moods(spoken: SpokenPart) -> list[tuple[str, float, float, float]]:
    """Moods that go on from phrase to phrase as one."""
    joined: list[tuple[str, float, float, float]] = []
    for name, much, start, end in spoken.moods:
        if joined and joined[-1][:2] == (name, much) and start - joined[-1][3] < 2 * _RAMP:
            joined[-1] = (name, much, joined[-1][2], end)
        else:
            joined.append((name, much, start, end))
    return joined


def _course(times: np.ndarray, begin: float, top: float, over: float, end: float) -> np.ndarray:
    """(T,) 0 before `begin`, 1 from `top` to `over`, 0 after `end`, smooth in between."""
    rising, falling = np.clip((times - begin) / (top - begin), 0, 1), np.clip((end - times) / (end - over), 0, 1)
    level = np.minimum(rising, falling)
    return level * level * (3 - 2 * level)
