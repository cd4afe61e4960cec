"""Text in, a speaking face out: a voice's own phones are articulated, and what its marks ask for is laid over them."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from utterface.articulation import check_emotions, express
from utterface.clip import Clip
from utterface.engines.animate import animate, check_options
from utterface.life import turn_eyes
from utterface.motion import Motion
from utterface.speak import find_voice
from utterface.speak.contract import SyntheticVoice, to_16k
from utterface.speak.saying import SpokenPart, join, parts, planned_phrases
from utterface.text import Transcript

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
    check_options(frame_rate=frame_rate, strength=strength, emotions=emotions, life=life)
    chosen = find_voice(voice, language)
    spoken = spoken_by(chosen, text, progress)
    options: dict[str, Any] = {"frame_rate": frame_rate, "emotions": emotions, "life": life, "strength": strength}
    return face_of(spoken, chosen, mouth_only=mouth_only, seed=seed, progress=progress, **options)


def face_of(spoken: SpokenPart, voice: SyntheticVoice, *, mouth_only: bool = False, **options: Any) -> Clip:
    """The clip of what a voice has said; `options` as of `animate`."""
    name = f"{voice.engine}:{voice.name}"
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


def marked(motion: Motion, spoken: SpokenPart) -> Motion:
    """The motion with the moods, emphases and gestures of a text; lips that were sealed stay sealed."""
    times = motion.times
    for name, much, start, end in spoken.moods:
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


def _course(times: np.ndarray, begin: float, top: float, over: float, end: float) -> np.ndarray:
    """(T,) 0 before `begin`, 1 from `top` to `over`, 0 after `end`, smooth in between."""
    rising, falling = np.clip((times - begin) / (top - begin), 0, 1), np.clip((end - times) / (end - over), 0, 1)
    level = np.minimum(rising, falling)
    return level * level * (3 - 2 * level)
