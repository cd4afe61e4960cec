"""Expression that follows the words: brows, lids, gaze and head of any engine's motion move with what is said."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from utterface import align, speech
from utterface.align import Alignment
from utterface.articulation.expression import lay
from utterface.engines.contract import check_range
from utterface.errors import ConfigError, MissingExtra, UtterfaceError
from utterface.life import USUAL, Manner, gesture_face, gestures_of, turn_eyes
from utterface.life.gestures import Gesture
from utterface.motion import CLOSED, Motion
from utterface.phones import Span
from utterface.text import Transcript
from utterface.text.captions import captions
from utterface.text.cues import LANGUAGES, lexicon_of, read_cues

STRENGTHS = (0.0, 2.0)
_LED = 0.1  # s around sealed lips in which a wrinkled nose comes and goes
_NO_WORDS = "no words are known, so the expression does not follow them; give a transcript (--text)"


def expression_strength(expression: str | None) -> float:
    """`words` → 1, `words:0.5` → 0.5, `off` or None → 0.

    Raises:
        ConfigError: anything else.
    """
    if expression in (None, "off"):
        return 0.0
    name, _, amount = expression.partition(":") if isinstance(expression, str) else ("", "", "")
    if name != "words":
        raise ConfigError(f"expression is words, words:0.5 or off, got {expression!r}")
    try:
        strength = float(amount) if amount else 1.0
    except ValueError:
        raise ConfigError(f"expression takes words or words:0..2, got {expression!r}") from None
    check_range("strength of the expression", strength, STRENGTHS, " (1 is as usual)")
    return strength


def expressive(
    motion: Motion,
    words: Sequence[Span],
    language: str = "en",
    *,
    seed: int = 0,
    manner: Manner = USUAL,
    strength: float = 1.0,
) -> Motion:
    """The motion with the gestures that its words ask for; jaw, mouth and tongue stay as they are.

    Args:
        motion: any stretch of a take on the 61 channels; its `start` places it.
        words: timed, as they are written; all of the sentences that the stretch shows.
        language: code of the language.
        seed: another seed, another take.
        manner: how lively the person is.
        strength: 0 to 2, how large the gestures are.
    """
    gestures = gestures_of(read_cues(words, language), seed)
    return performed(motion, gestures, manner, strength) if gestures else motion


def performed(motion: Motion, gestures: Sequence[Gesture], manner: Manner = USUAL, strength: float = 1.0) -> Motion:
    """The motion with gestures; a nose that would part sealed lips rests around them."""
    face = gesture_face(motion, gestures, manner, strength)
    opening = motion.opening()
    nose = [i for i, channel in enumerate(motion.channels) if channel.startswith("noseSneer")]
    if opening is not None and len(motion) and face[:, nose].any():
        reach = max(1, round(_LED * motion.frame_rate))
        near = np.convolve(opening <= CLOSED, np.ones(2 * reach + 1))[reach:-reach] > 0
        bell = np.hanning(2 * reach + 3)[1:-1]
        face[:, nose] *= 1 - np.convolve(near, bell / bell.sum())[reach:-reach, None]
    return turn_eyes(lay(motion, face))


def timed_words(
    sound: Path | np.ndarray,
    transcript: Transcript | None = None,
    alignment: Alignment | None = None,
    language: str = "en",
    words_model: str | None = None,
) -> tuple[tuple[Span, ...], list[str]]:
    """Words of a recording with their times, as they are written, and warnings.

    Those of the engine, else of the transcript, else aligned for this, else recognised where the extra `words` is.
    """
    text, language = (transcript.text, transcript.language) if transcript else ("", language)
    warnings = []
    if lexicon_of(language) is None:
        known = ", ".join(LANGUAGES)
        warnings.append(f"words of the language {language} are not known ({known} are); gestures follow marks alone")
    words = alignment.words if alignment else ()
    words = words or (transcript.words if transcript else ())
    if not words:
        samples = sound if isinstance(sound, np.ndarray) else speech.read(sound).samples
        words, remark = _aligned(samples, text, language) if text else _recognised(samples, language, words_model)
        warnings += remark
    shown = captions(words, text) if text else []
    named = zip(shown or [word.label for word in words], words, strict=True)
    return tuple(Span(label, word.start, word.end) for label, word in named if label), warnings


def _aligned(samples: np.ndarray, text: str, language: str) -> tuple[tuple[Span, ...], list[str]]:
    try:
        return align.align(samples, text, language).words, []
    except UtterfaceError as error:
        return (), [f"{error}; the expression does not follow the words"]


def _recognised(samples: np.ndarray, language: str, model: str | None) -> tuple[tuple[Span, ...], list[str]]:
    from utterface.recognise.words import WordRecogniser

    try:
        recogniser = WordRecogniser(model)
    except MissingExtra:
        return (), [f"{_NO_WORDS}, or install utterface[words]"]
    words = recogniser.recognise(samples, language).words
    return words, [f"the expression follows words that {recogniser.name} recognised" if words else _NO_WORDS]
