"""The life layer over a motion: what its parts give, put on the channels."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from utterface.life.breath import breath
from utterface.life.gaze import fixations, glances, vergence
from utterface.life.head import turns
from utterface.life.lids import beside_blinks, blink_dip, lids
from utterface.life.manner import PARTS, USUAL, Manner, parts_of
from utterface.life.passage import Events, Passage, stacked
from utterface.life.sides import leans, shifts
from utterface.life.upper_face import brows, cheeks
from utterface.life.voices import AHEAD, VoiceTracks
from utterface.motion import ARKIT, Motion
from utterface.phones import Span

_BLOCK = 3000  # frames worked on at once

# rad of eye angle for an eyeLook weight of 1, as in a real Live Link take
_LEFT_YAW, _RIGHT_YAW, _PITCH = 0.607, 0.603, 0.555


def live(
    motion: Motion,
    energy: np.ndarray,
    pitch: np.ndarray,
    phones: Sequence[Span] = (),
    seed: int = 0,
    parts: Collection[str] = PARTS,
    since: float = 0.0,
    manner: Manner = USUAL,
    until: float | None = None,
    begin: float = 0.0,
) -> Motion:
    """Add blinks, gaze, brows, cheeks, head motion, breath and uneven sides.

    Args:
        motion: any stretch of a take; its `start` places it.
        energy: (N,) dB against full scale at 100 Hz.
        pitch: (N,) Hz at 100 Hz, 0 where the voice does not sound.
        phones: timed phones, where they are known: brows then rise and the head nods on stressed vowels, blinks favour
            pauses between phones, and lips open for a breath before phrases; without them all follow the voice.
        seed: another seed, another take; `SoundSeed` takes it from the sound.
        parts: which of PARTS to add.
        since: the moment of the first value of `energy` and `pitch`; a stream must keep `CONTEXT` seconds.
        manner: how lively the person is.
        until: the end of the take, where it is known: no blink begins that it would cut.
        begin: the moment at which the face begins to live, out of rest; `SoundSeed` knows it.

    Raises:
        ConfigError: an unknown part.
    """
    parts = parts_of(tuple(parts))
    events = Events.of(phones)
    values = motion.values.copy()
    times = motion.times
    seeds, manners = np.array([seed % 2**64], np.uint64), stacked([manner])
    begins, untils = np.array([begin]), np.array([np.inf if until is None else until])
    for first in range(0, len(values), _BLOCK):
        here = times[first : first + _BLOCK]
        voices = VoiceTracks.around(here, np.asarray(energy), np.asarray(pitch), since, AHEAD if events.known else 0)
        of = np.zeros(len(here), int)
        passage = Passage(here, of, here[:1], here[-1:], voices, events, seeds, manners, begins, untils)
        enliven(motion.channels, values[first : first + _BLOCK], passage, parts)
    return motion.with_values(values)


def turn_eyes(motion: Motion) -> Motion:
    """Derive the eye angles from the eyeLook weights, as `live` does, for gaze that comes from elsewhere."""
    values = motion.values.copy()
    _turn_eyes(_Face(motion.channels, values))
    return motion.with_values(values)


class _Face:
    """Channels of a block of frames, by name; channels that the motion lacks are passed over."""

    def __init__(self, channels: Sequence[str], values: np.ndarray) -> None:
        self.column = {name: i for i, name in enumerate(channels)}
        self.values = values

    def get(self, channel: str) -> np.ndarray:
        return self.values[:, self.column[channel]] if channel in self.column else np.zeros(len(self.values))

    def put(self, channel: str, value: np.ndarray) -> None:
        if channel in self.column:
            self.values[:, self.column[channel]] = value

    def add(self, channel: str, value: np.ndarray) -> None:
        self.put(channel, self.get(channel) + value)

    def scale(self, channel: str, factor: np.ndarray) -> None:
        self.put(channel, self.get(channel) * factor)

    def join(self, weights: Mapping[str, np.ndarray]) -> None:
        """Join weights with what is there already so that sums stay in 0…1."""
        for channel, value in weights.items():
            self.put(channel, 1 - (1 - self.get(channel)) * (1 - value))


def enliven(channels: Sequence[str], values: np.ndarray, passage: Passage, parts: Collection[str]) -> None:
    """Add parts to the frames of a passage, (T, C), in place."""
    face = _Face(channels, values)
    lid = lids(passage) if "blink" in parts else np.zeros(len(passage.times))
    eyes, followed = glances(passage) if "gaze" in parts else (np.zeros((len(lid), 2)), np.zeros((len(lid), 2)))
    turn = np.zeros((len(lid), 3))
    if "head" in parts:
        turn = turns(passage, followed)
        for channel, angle in zip(("headYaw", "headPitch", "headRoll"), turn.T, strict=True):
            face.add(channel, angle)
    if "gaze" in parts:
        gaze = passage.awake[:, None] * (fixations(passage) + eyes) - turn[:, :2]
        gaze[:, 1] += blink_dip(lid)
        _look(face, gaze, passage.awake * vergence(eyes))
    if "brows" in parts:
        face.join(brows(passage))
    if "cheeks" in parts:
        face.join(cheeks(passage))
    if "breath" in parts and passage.events.breaths.size:
        face.join(breath(passage))
    if "sides" in parts:
        _lean(face, leans(passage))
        face.join(shifts(passage))
    if "blink" in parts:
        face.join({"eyeBlinkLeft": lid, "eyeBlinkRight": lid, **beside_blinks(lid)})
        for side in ("Left", "Right"):
            face.scale(f"eyeWide{side}", 1 - lid)
    _turn_eyes(face)


def _lean(face: _Face, leans: Mapping[str, np.ndarray]) -> None:
    for channel in face.column:
        if channel in ARKIT and channel.endswith("Left") and channel not in ("mouthLeft", "jawLeft"):
            lean = next((value for name, value in leans.items() if channel.startswith(name)), None)
            other = channel.replace("Left", "Right")
            if lean is not None:
                face.put(channel, np.clip(face.get(channel) * (1 + lean), 0, 1))
                face.put(other, np.clip(face.get(other) * (1 - lean), 0, 1))


def _look(face: _Face, gaze: np.ndarray, inward: np.ndarray) -> None:
    """Put gaze angles relative to the head, (T, 2) rad, and vergence (T,) onto the eyeLook weights."""
    yaw, pitch = np.clip(gaze, -0.5, 0.5).T
    left, right = (yaw + inward) / _LEFT_YAW, (yaw - inward) / _RIGHT_YAW
    for channel, weight in (
        ("eyeLookInLeft", left), ("eyeLookOutLeft", -left),
        ("eyeLookInRight", -right), ("eyeLookOutRight", right),
        ("eyeLookDownLeft", pitch / _PITCH), ("eyeLookUpLeft", -pitch / _PITCH),
        ("eyeLookDownRight", pitch / _PITCH), ("eyeLookUpRight", -pitch / _PITCH),
    ):  # fmt: skip
        face.put(channel, np.clip(face.get(channel) + np.maximum(weight, 0), 0, 1))


def _turn_eyes(face: _Face) -> None:
    """Derive the eye angles from the eyeLook weights."""
    face.put("leftEyeYaw", _LEFT_YAW * (face.get("eyeLookInLeft") - face.get("eyeLookOutLeft")))
    face.put("rightEyeYaw", -_RIGHT_YAW * (face.get("eyeLookInRight") - face.get("eyeLookOutRight")))
    face.put("leftEyePitch", _PITCH * (face.get("eyeLookDownLeft") - face.get("eyeLookUpLeft")))
    face.put("rightEyePitch", _PITCH * (face.get("eyeLookDownRight") - face.get("eyeLookUpRight")))
