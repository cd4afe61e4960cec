"""Life: blinks, gaze, brows and head motion, a seeded layer over any engine's motion.

Everything is a function of the seed, the absolute moment and the voice shortly before it, never of the call, so any
chunking gives the same face. Random numbers are hashes of (seed, stream, index) on a grid that starts at time 0.

Figures: people who talk blink about 20 times a minute (Bentivoglio et al. 1997), rather at the ends of phrases; a lid
closes in 0.08 s and opens in 0.2 s. Gaze rests 0.3 to 3 s and jumps in 21 ms + 2.2 ms a degree (Bahill, Clark & Stark
1975). Brows rise with the pitch of stressed words (Cavé et al. 1996), the head moves with loudness and pitch (Munhall
et al. 2004). Eyes turn against the head, so a fixation holds.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from utterface.errors import ConfigError
from utterface.motion import Motion
from utterface.phones import SILENCE, Span

PARTS = ("blink", "gaze", "brows", "head")
TRACK_RATE = 100  # Hz of energy and pitch
CONTEXT = 5.8  # s of voice before a frame that it depends on; none after it, unless the phones are known
AHEAD = 0.3  # s after it where they are
_BLOCK = 3000  # frames worked on at once
_SEGMENT = 20.0  # s; blinks and fixations are drawn anew for each

# rad of eye angle for an eyeLook weight of 1, as in a real Live Link take
_LEFT_YAW, _RIGHT_YAW, _PITCH = 0.607, 0.603, 0.555
_BLINK_COURSE = np.array([0, 0.08, 0.125, 0.33])  # s: begins to close, is closed, begins to open, is open
_BLINK, _PAUSE_BLINK, _GAZE, _BROW, _HEAD = 1, 2, 3, 4, 5  # streams of random numbers


@dataclass(frozen=True)
class Manner:
    """How lively a person is, where 1 is the average.

    Attributes:
        blink: how often, above 0.
        gaze: how far it strays.
        brows: how high they rise.
        head: how far it turns.
    """

    blink: float = 1.0
    gaze: float = 1.0
    brows: float = 1.0
    head: float = 1.0


USUAL = Manner()


def parts_of(life: bool | str | Collection[str] | None) -> tuple[str, ...]:
    """The parts that an option switches on.

    Args:
        life: True or `on` for all of PARTS, False, None or `off` for none, or some of them: `blink,head`, or names.

    Raises:
        ConfigError: an unknown part.
    """
    if isinstance(life, bool) or life in (None, "on", "off"):
        return PARTS if life in (True, "on") else ()
    parts = tuple(part.strip() for part in life.split(",")) if isinstance(life, str) else tuple(life or ())
    unknown = next((part for part in parts if part not in PARTS), None)
    if unknown is not None:
        raise ConfigError(f"life has no part {unknown!r}; give on, off, or some of {','.join(PARTS)}")
    return parts


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
) -> Motion:
    """Add blinks, gaze, brows and head motion.

    Args:
        motion: any stretch of a take; its `start` places it.
        energy: (N,) dB against full scale at 100 Hz.
        pitch: (N,) Hz at 100 Hz, 0 where the voice does not sound.
        phones: timed phones, where they are known: brows then rise on stressed vowels and blinks favour pauses between
            phones; without them both follow the voice.
        seed: another seed, another take.
        parts: which of PARTS to add.
        since: the moment of the first value of `energy` and `pitch`; a stream must keep `CONTEXT` seconds.
        manner: how lively the person is.
        until: the end of the take, where it is known: no blink begins that it would cut.

    Raises:
        ConfigError: an unknown part.
    """
    parts = parts_of(parts)
    events = _Events.of(phones)
    values = motion.values.copy()
    times = motion.times
    for first in range(0, len(values), _BLOCK):
        here = slice(first, first + _BLOCK)
        voice = _Voice.around(times[here], np.asarray(energy), np.asarray(pitch), since, AHEAD if events.known else 0)
        face = _Face(motion.channels, values[here])
        turn = np.zeros((len(times[here]), 3))
        if "head" in parts:
            turn = manner.head * _head(times[here], voice, seed)
            for channel, angle in zip(("headYaw", "headPitch", "headRoll"), turn.T, strict=True):
                face.add(channel, angle)
        if "gaze" in parts:
            _look(face, manner.gaze * _gaze(times[here], seed) - turn[:, :2])
        if "brows" in parts:
            lift = np.minimum(1, manner.brows * _brows(times[here], voice, events, seed))
            face.raise_to("browInnerUp", 0.5 * lift)
            face.raise_to("browOuterUpLeft", 0.38 * lift)
            face.raise_to("browOuterUpRight", 0.38 * lift)
        if "blink" in parts:
            lid = _blinks(times[here], voice, events, seed, manner.blink, until)
            for side in ("Left", "Right"):
                face.raise_to(f"eyeBlink{side}", lid)
                face.scale(f"eyeWide{side}", 1 - lid)
        _turn_eyes(face)
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

    def raise_to(self, channel: str, value: np.ndarray) -> None:
        """Join a weight with what is there already so that the sum stays in 0…1."""
        self.put(channel, 1 - (1 - self.get(channel)) * (1 - value))


# ---------------------------------------------------------------------------------------------------------- the voice


@dataclass(frozen=True)
class _Voice:
    """What the voice does around a block of frames, at 100 Hz on the absolute grid; it looks at the past alone.

    Attributes:
        first: grid index of element 0.
        level: (G,) 0 quiet … 1 as loud as the last seconds got.
        lift: (G,) octaves that the pitch stands above that of the last seconds.
    """

    first: int
    level: np.ndarray
    lift: np.ndarray

    @classmethod
    def around(cls, times: np.ndarray, energy: np.ndarray, pitch: np.ndarray, since: float, ahead: float) -> "_Voice":
        margin = 230  # grid steps kept before the block: a pause that long ago may still hold a blink back
        window = round(CONTEXT * TRACK_RATE) - margin
        first = int(np.floor(times[0] * TRACK_RATE)) - margin
        last = int(np.ceil((times[-1] + ahead) * TRACK_RATE)) + 2
        grid = np.arange(first - window + 1, last) - round(since * TRACK_RATE)
        known = (grid >= 0) & (grid < len(energy))
        inside = np.clip(grid, 0, max(len(energy) - 1, 0))
        loud = np.where(known, energy[inside] if len(energy) else -80.0, -80.0).astype(np.float64)
        high = np.where(known, pitch[inside] if len(pitch) else 0.0, 0.0).astype(np.float64)

        peak = np.lib.stride_tricks.sliding_window_view(loud, window).max(1)
        now = loud[window - 1 :]
        level = np.clip((now - peak + 30) / 25, 0, 1) * np.clip((now + 60) / 10, 0, 1)
        voiced = (high > 0).astype(np.float64)
        octave = np.log2(np.where(high > 0, high, 1.0))
        ones = np.ones(window)
        count = np.convolve(voiced, ones, "valid")
        usual = np.convolve(voiced * octave, ones, "valid") / np.maximum(count, 1)
        voiced_now = voiced[window - 1 :] * (count >= 20)
        lift = _smooth(voiced_now * (octave[window - 1 :] - usual), 20) / np.maximum(_smooth(voiced_now, 20), 0.2)
        return cls(first, level, lift)

    def at(self, track: np.ndarray, times: np.ndarray) -> np.ndarray:
        """(T,) a track of this voice at the moments of frames."""
        return np.interp(times * TRACK_RATE - self.first, np.arange(len(track)), track)


def _smooth(track: np.ndarray, steps: int) -> np.ndarray:
    """Causal raised-cosine average over the last `steps` grid steps."""
    kernel = np.hanning(steps + 2)[1:-1]
    return np.convolve(np.pad(track, (steps - 1, 0)), kernel / kernel.sum(), "valid")


@dataclass(frozen=True)
class _Events:
    """Events of the phones: start and end of stressed vowels, (S, 2), and starts of pauses, (P,)."""

    stressed: np.ndarray
    pauses: np.ndarray
    known: bool

    @classmethod
    def of(cls, phones: Sequence[Span]) -> "_Events":
        spoken = [p for p in phones if p.label != SILENCE]
        stressed = [(p.start, p.end) for p in spoken if p.stress == 2]
        follows = [*(p.start for p in spoken), np.inf][1:]
        pauses = [p.end for p, then in zip(spoken, follows, strict=True) if then - p.end > 0.2]
        return cls(np.array(stressed).reshape(-1, 2), np.array(pauses), bool(spoken))


# ------------------------------------------------------------------------------------------------------- random numbers


def _uniform(seed: int, stream: int, index: np.ndarray) -> np.ndarray:
    """0…1 for each index, the same in every call (splitmix64; Steele, Lea & Flood 2014)."""
    start = (seed * 0x9E3779B97F4A7C15 + stream * 0xD1B54A32D192ED03) % 2**64
    with np.errstate(over="ignore"):
        z = np.asarray(index).astype(np.int64).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(start)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)) / float(2**53)


def _drawn_moments(
    times: np.ndarray, seed: int, stream: int, least: float, mean: float
) -> tuple[np.ndarray, np.ndarray]:
    """Moments at least `least` and on average `mean` seconds apart, from a segment before `times` on; their index."""
    first, last = int(np.floor(times[0] / _SEGMENT)) - 1, int(np.floor(times[-1] / _SEGMENT))
    most = int(_SEGMENT / least) + 1
    index = np.arange(first, last + 1)[:, None] * 1024 + np.arange(most)
    waits = least - (mean - least) * np.log1p(-_uniform(seed, stream, index))
    within = np.cumsum(waits, 1) - least / 2
    moments = within + np.arange(first, last + 1)[:, None] * _SEGMENT
    kept = within < _SEGMENT - least / 2
    return moments[kept], index[kept]


def _noise(times: np.ndarray, seed: int, stream: int, step: float) -> np.ndarray:
    """Smooth noise in -1…1 that wanders within about `step` seconds: a cubic B-spline through random knots."""
    place = times / step
    knot = np.floor(place).astype(np.int64)
    u = place - knot
    shares = ((1 - u) ** 3 / 6, (3 * u**3 - 6 * u**2 + 4) / 6, (-3 * u**3 + 3 * u**2 + 3 * u + 1) / 6, u**3 / 6)
    return sum(share * (2 * _uniform(seed, stream, knot + k) - 1) for k, share in enumerate(shares))


def _ease(x: np.ndarray) -> np.ndarray:
    u = np.clip(x, 0, 1)
    return u * u * (3 - 2 * u)


def _pulses(times: np.ndarray, moments: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """(T,) 0…1: one rise, hold and fall for each row of moments (E, 4), joined so that overlaps stay in 0…1."""
    absent = np.ones(len(times))
    begin, end = times[0], times[-1]
    for (a, b, c, d), height in zip(moments, heights, strict=True):
        if d > begin and a < end:
            absent *= 1 - height * _ease((times - a) / (b - a)) * _ease((d - times) / (d - c))
    return 1 - absent


# -------------------------------------------------------------------------------------------------------------- parts


def _blinks(
    times: np.ndarray, voice: _Voice, events: _Events, seed: int, often: float, until: float | None
) -> np.ndarray:
    """(T,) lid closure 0…1."""
    regular, _ = _drawn_moments(times, seed, _BLINK, 1.2, max(1.3, 3.8 / often))
    pauses = events.pauses if events.known else _quiet_moments(voice)
    pauses = pauses[(pauses > times[0] - 3) & (pauses < times[-1] + 1)]
    chosen = pauses[_uniform(seed, _PAUSE_BLINK, np.round(pauses * TRACK_RATE)) < 0.6] + 0.18
    chosen = chosen[[not np.any((regular > p - 1.0) & (regular <= p)) for p in chosen]] if len(chosen) else chosen
    regular = regular[[not np.any((chosen > r - 1.0) & (chosen <= r)) for r in regular]] if len(chosen) else regular
    starts = np.concatenate([regular, chosen])
    starts = starts if until is None else starts[starts + _BLINK_COURSE[-1] <= until]
    return _pulses(times, starts[:, None] + _BLINK_COURSE, np.full(len(starts), 0.97))


def _quiet_moments(voice: _Voice) -> np.ndarray:
    """Seconds at which the voice stopped after a phrase: 0.15 s of quiet after half a second mostly loud."""
    quiet = voice.level < 0.06
    before, after = 50, 15
    views = np.lib.stride_tricks.sliding_window_view(quiet, before + after)
    ended = (views[:, :before].mean(1) < 0.6) & ~views[:, before - 1] & views[:, before:].all(1)
    return (np.flatnonzero(ended) + before + voice.first) / TRACK_RATE


def _gaze(times: np.ndarray, seed: int) -> np.ndarray:
    """(T, 2) yaw and pitch of the gaze in space, rad: mostly at the listener, else a little aside."""
    moments, index = _drawn_moments(times, seed, _GAZE, 0.35, 1.3)
    draw = np.stack([_uniform(seed, _GAZE + 16 * k, index) for k in range(1, 5)], 1)
    aside = draw[:, 0] < 0.45
    far = np.radians(3 + 6 * draw[:, 1]) * np.where(aside, 1, 0.08)
    way = 2 * np.pi * draw[:, 2]
    target = np.stack([far * np.cos(way), 0.55 * far * np.sin(way) + np.where(aside, np.radians(0.6), 0)], 1)
    i = np.clip(np.searchsorted(moments, times, "right") - 1, 1, len(moments) - 1)
    jump = np.degrees(np.hypot(*(target[i] - target[i - 1]).T))
    done = _ease((times - moments[i]) / (0.021 + 0.0022 * jump))[:, None]
    return target[i - 1] + done * (target[i] - target[i - 1])


def _look(face: _Face, gaze: np.ndarray) -> None:
    """Put gaze angles relative to the head, (T, 2) rad, onto the eyeLook weights."""
    yaw, pitch = np.clip(gaze, -0.5, 0.5).T
    for channel, weight in (
        ("eyeLookInLeft", yaw / _LEFT_YAW), ("eyeLookOutLeft", -yaw / _LEFT_YAW),
        ("eyeLookInRight", -yaw / _RIGHT_YAW), ("eyeLookOutRight", yaw / _RIGHT_YAW),
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


def _brows(times: np.ndarray, voice: _Voice, events: _Events, seed: int) -> np.ndarray:
    """(T,) brow raise 0…1: on some stressed vowels, rather on those where the pitch goes up."""
    if len(events.stressed):
        near = (events.stressed[:, 1] > times[0] - 0.5) & (events.stressed[:, 0] < times[-1] + 0.15)
        start, end = events.stressed[near].T
        lift = voice.at(voice.lift, start + 0.12)
    else:
        high = voice.lift > 0.2
        rising = np.flatnonzero(high[1:] & ~high[:-1]) + 1
        start = (rising + voice.first) / TRACK_RATE
        lift, end = np.full(len(start), 0.12), start + 0.15
    index = np.round(start * TRACK_RATE)
    taken = _uniform(seed, _BROW, index) < 0.15 + 1.5 * np.clip(lift, 0, 0.4)
    start, end = start[taken], end[taken]
    height = 0.3 + 0.3 * _uniform(seed, _BROW + 16, index[taken]) + np.clip(lift[taken], 0, 0.3)
    ahead = 0.12 if len(events.stressed) else 0.0
    moments = np.stack([start - ahead, start + 0.18 - ahead, end + 0.05, end + 0.45], 1)
    return _pulses(times, moments, height)


def _head(times: np.ndarray, voice: _Voice, seed: int) -> np.ndarray:
    """(T, 3) yaw, pitch, roll in rad: slow drift, nods with loudness, a lift with pitch."""
    talking = voice.at(_smooth(voice.level, 100), times)
    beat = voice.at(_smooth(voice.level, 40) - _smooth(voice.level, 100), times)
    lift = np.clip(voice.at(_smooth(voice.lift, 40), times), -0.5, 0.5)
    sway = 0.35 + 0.65 * talking
    yaw = 0.075 * sway * _noise(times, seed, _HEAD, 0.9)
    pitch = 0.040 * sway * _noise(times, seed, _HEAD + 16, 0.8) + 0.05 * beat - 0.03 * lift
    roll = 0.045 * sway * _noise(times, seed, _HEAD + 32, 1.1) + 0.2 * yaw
    return np.stack([yaw, pitch, roll], 1)
