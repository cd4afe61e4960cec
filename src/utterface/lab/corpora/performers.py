"""Invented performers: their face shape, their way of speaking, their expression.

A performer is drawn from (seed, split, number) alone and belongs to one split. What one take adds to that (tonight's
strength, a mood that is held or comes and goes) is drawn with it, so the same sentence is never performed twice alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from utterface.articulation import ARTICULATORS, EMOTIONS, blend, express, render
from utterface.life import Manner, live
from utterface.motion import CHANNELS, Motion
from utterface.phones import Span
from utterface.speech import TRACK_RATE, Prosody

HOWS = ("held", "swelling", "fading", "passing")  # how a mood goes through a take; WITH_VOICE is never drawn
WITH_VOICE = "with the voice"
_FINE = 60.0  # Hz at which lips are made, so that no closure falls between frames
_SHAPED = ("jaw", "aperture", "rounding", "spread")  # articulators that people move more or less; closures are not
_SLURRED = tuple(ARTICULATORS.index(name) for name in (*_SHAPED, "tongue_tip", "tongue_body"))
_HABITS = {  # channels of what a resting face may hold: how much at most
    "browInnerUp": 0.2, "browDown": 0.2, "eyeSquint": 0.3, "cheekSquint": 0.15, "eyeWide": 0.15,
}  # fmt: skip
_TILT = {"headYaw": 0.06, "headPitch": 0.06, "headRoll": 0.07}  # rad, how a head may be carried
_SIDES = ("Left", "Right")
_BROWS = ("browInnerUp", "browOuterUpLeft", "browOuterUpRight")


@dataclass(frozen=True)
class Performer:
    """Somebody who moves.

    Attributes:
        name: of the performer.
        strength: how much the mouth articulates, 1 is as measured.
        shape: how much more or less than others jaw, aperture, rounding and spread move.
        slur: seconds over which everything but closures is rounded off.
        lopsided: −1…1, right or left of the face moves more.
        manner: of the life layer.
        frown: 0…1, the share of brow accents that pull down rather than up.
        habits: weights that the resting face holds, and the angles at which the head is carried.
        moods: chance of every emotion in the order of `EMOTIONS`.
        warmth: 0…1, how much of a mood shows.
    """

    name: str
    strength: float
    shape: tuple[float, ...]
    slur: float
    lopsided: float
    manner: Manner
    frown: float
    habits: dict[str, float]
    moods: np.ndarray
    warmth: float

    @classmethod
    def drawn(cls, seed: int, split: str, number: int) -> "Performer":
        """The performer of a number; the same in every corpus of that seed."""
        rng = np.random.default_rng([seed, number, *split.encode()])
        blink, gaze, brows, head = (float(v) for v in np.exp(0.45 * rng.standard_normal(4)))
        rng.standard_normal(31)  # once of a face; drawn still, so that performers stay who they were
        return cls(
            name=f"{split}-{seed}-{number}",
            strength=float(rng.uniform(0.65, 1.3)),
            shape=tuple(float(v) for v in np.exp(0.18 * rng.standard_normal(len(_SHAPED)))),
            slur=float(rng.choice([0.0, rng.uniform(0.03, 0.08)])),
            lopsided=float(np.clip(0.3 * rng.standard_normal(), -1, 1)),
            manner=Manner(blink, gaze, brows, head),
            frown=float(rng.beta(0.6, 0.9)),
            habits=_habits(rng),
            moods=rng.dirichlet([2.0, *[0.35] * (len(EMOTIONS) - 1)]),
            warmth=float(rng.uniform(0.3, 1.0)),
        )


def _habits(rng: np.random.Generator) -> dict[str, float]:
    held: dict[str, float] = {}
    for stem, most in _HABITS.items():
        amount = float(most * max(0.0, rng.uniform(-1, 1)))  # every other face holds none of it
        held |= dict.fromkeys((stem,) if stem in CHANNELS else (stem + side for side in _SIDES), amount)
    return held | {name: float(most * rng.uniform(-1, 1)) for name, most in _TILT.items()}


@dataclass(frozen=True)
class Performance:
    """What is drawn for one performance.

    Attributes:
        seed: of the life layer.
        strength: of the articulation, the performer's own included.
        emotion, intensity: the mood and how much of it shows; `neutral` and 0 where none does.
        how: of HOWS, or WITH_VOICE.
        turn: 0…1, the share of the take at which a passing mood is greatest.
    """

    seed: int
    strength: float
    emotion: str
    intensity: float
    how: str
    turn: float

    @classmethod
    def drawn(
        cls, performer: Performer, rng: np.random.Generator, emotion: str = "", intensity: float = 0.0
    ) -> "Performance":
        """A take of a performer; the clip's own emotion and its intensity, where it has one, go before a mood."""
        mood = str(rng.choice(list(EMOTIONS), p=performer.moods))
        shown = float(rng.uniform(0.35, 1.0)) * performer.warmth
        strength = float(np.clip(performer.strength * rng.uniform(0.85, 1.15), 0.5, 1.5))
        drawn = cls(int(rng.integers(2**31)), strength, mood, shown, str(rng.choice(HOWS)), float(rng.uniform()))
        if emotion in EMOTIONS:
            mood, shown = emotion, intensity or shown
        if mood == "neutral":
            shown = 0.0
        return Performance(drawn.seed, drawn.strength, mood, shown, drawn.how, drawn.turn)


def act(
    performer: Performer, take: Performance, phones: Sequence[Span], voice: Prosody, duration: float, frame_rate: float
) -> Motion:
    """One performance of timed phones, on all 61 channels.

    Args:
        performer, take: who and how.
        phones: timed phones.
        voice: energy and pitch, which brows and head follow.
        duration: seconds.
        frame_rate: frames a second.
    """
    face = _speak(performer, take.strength, phones, duration).at_rate(frame_rate)
    if take.intensity:
        felt = express(face, {take.emotion: take.intensity})
        share = (_voiced_course(voice, face) if take.how == WITH_VOICE else _course(take, len(face)))[:, None]
        # both mouths are sealed wherever one is, and on a linear rig so is everything between them
        face = face.with_values((1 - share) * face.values + share * felt.values)
    face = face.with_values(_habitual(performer, face))
    still = face.with_values(np.zeros_like(face.values))
    lift = live(still, voice.energy, voice.pitch, phones, take.seed, ("brows",), manner=performer.manner)
    face = face.with_values(_accented(performer, face.values, lift.select(_BROWS)))
    parts = ("blink", "gaze", "head")
    return live(face, voice.energy, voice.pitch, phones, take.seed, parts, manner=performer.manner)


def _speak(performer: Performer, strength: float, phones: Sequence[Span], duration: float) -> Motion:
    """Lips in the performer's way; seals, teeth and rests stay as the phones have them."""
    x = blend(phones, duration, _FINE)
    for name, amount in zip(_SHAPED, performer.shape, strict=True):
        x[:, ARTICULATORS.index(name)] *= amount
    width = round(performer.slur * _FINE)
    if width > 1:
        kernel = np.hanning(width + 2)[1:-1]
        for column in _SLURRED:
            padded = np.pad(x[:, column], (width // 2, width - 1 - width // 2), mode="edge")
            x[:, column] = np.convolve(padded, kernel / kernel.sum(), "valid")
    motion = render(x, _FINE, strength)
    return motion.with_values(_one_sided(performer, motion.values))


def _one_sided(performer: Performer, values: np.ndarray) -> np.ndarray:
    """The mouth moves more on one side; what both sides do together, the lip gap too, stays."""
    gain = np.ones(len(CHANNELS), np.float32)
    for i, name in enumerate(CHANNELS):
        if name.startswith("mouth") and name.endswith(_SIDES):
            gain[i] += 0.4 * performer.lopsided * (1 if name.endswith("Left") else -1)
    return np.asarray(np.clip(values * gain, 0, 1), np.float32)


def _course(take: Performance, count: int) -> np.ndarray:
    """(T,) 0…1, how much of the mood shows."""
    u = np.linspace(0, 1, count)
    if take.how == "held":
        return np.ones(count)
    if take.how == "passing":
        return np.exp(-0.5 * ((u - take.turn) / 0.2) ** 2)
    rise = 0.1 + 0.9 * u * u * (3 - 2 * u)
    return rise if take.how == "swelling" else rise[::-1]


def _voiced_course(voice: Prosody, face: Motion) -> np.ndarray:
    """(T,) 0.5…1, more of the mood where the voice is loud, over a third of a second."""
    window = np.hanning(35)
    padded = np.pad(voice.energy, 17, mode="edge")
    loud = np.convolve(padded, window / window.sum(), "valid")
    low, high = np.percentile(loud, (10, 95))
    at = np.interp(face.times, np.arange(len(loud)) / TRACK_RATE, loud)
    return 0.5 + 0.5 * np.clip((at - low) / max(high - low, 1e-3), 0, 1)


def _habitual(performer: Performer, face: Motion) -> np.ndarray:
    """What the face holds at rest, joined with what it does so that weights stay in 0…1; angles add up."""
    values = face.values.copy()
    for channel, amount in performer.habits.items():
        column = face.index(channel)
        here = values[:, column]
        values[:, column] = here + amount if channel in _TILT else 1 - (1 - here) * (1 - amount)
    return values


def _accented(performer: Performer, values: np.ndarray, lift: np.ndarray) -> np.ndarray:
    """Brow accents: inner, left and right lift (T, 3), a share of it turned into a frown, more on one side."""
    column = {name: i for i, name in enumerate(CHANNELS)}
    inner, left, right = lift.T
    up = 1 - performer.frown
    heights = {
        "browInnerUp": up * inner,
        "browOuterUpLeft": up * (1 + performer.lopsided) * left,
        "browOuterUpRight": up * (1 - performer.lopsided) * right,
        "browDownLeft": performer.frown * inner,
        "browDownRight": performer.frown * inner,
    }
    values = values.copy()
    for channel, height in heights.items():
        values[:, column[channel]] = 1 - (1 - values[:, column[channel]]) * (1 - np.clip(height, 0, 1))
    return values
