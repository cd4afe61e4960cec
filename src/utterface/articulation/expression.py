"""Emotions as facial action units, laid over speech so that the lips still seal."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from utterface.errors import ConfigError
from utterface.motion import ARKIT, Motion

# Action units (Ekman, Friesen & Hager 2002) as ARKit weights.
_UNITS: dict[str, dict[str, float]] = {
    "1": {"browInnerUp": 1.0},
    "2": {"browOuterUpLeft": 1.0, "browOuterUpRight": 1.0},
    "4": {"browDownLeft": 1.0, "browDownRight": 1.0},
    "5": {"eyeWideLeft": 1.0, "eyeWideRight": 1.0},
    "6": {"cheekSquintLeft": 1.0, "cheekSquintRight": 1.0},
    "7": {"eyeSquintLeft": 1.0, "eyeSquintRight": 1.0},
    "9": {"noseSneerLeft": 1.0, "noseSneerRight": 1.0},
    "10": {"mouthUpperUpLeft": 1.0, "mouthUpperUpRight": 1.0},
    "12": {"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0},
    "12L": {"mouthSmileLeft": 1.0},
    "14L": {"mouthDimpleLeft": 1.0},
    "15": {"mouthFrownLeft": 1.0, "mouthFrownRight": 1.0},
    "17": {"mouthShrugLower": 1.0},
    "16": {"mouthLowerDownLeft": 1.0, "mouthLowerDownRight": 1.0},
    "20": {"mouthStretchLeft": 1.0, "mouthStretchRight": 1.0},
    "24": {"mouthPressLeft": 1.0, "mouthPressRight": 1.0},
    "26": {"jawOpen": 1.0},
    "29": {"jawForward": 1.0},
    "43": {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0},
}
# Prototypes after EMFACS (Friesen & Ekman 1983), with contempt on one side (Ekman & Friesen 1986).
_PROTOTYPES: dict[str, dict[str, float]] = {
    "neutral": {},
    "joy": {"6": 0.9, "12": 0.9, "7": 0.3, "10": 0.2, "16": 0.12, "26": 0.05},
    "anger": {"4": 1.0, "5": 0.25, "7": 0.5, "9": 0.5, "10": 0.2, "15": 0.35, "17": 0.3, "24": 0.5, "29": 0.35},
    "sadness": {"1": 0.95, "4": 0.3, "15": 0.75, "43": 0.18},
    "fear": {"1": 0.9, "2": 0.5, "4": 0.45, "5": 0.95, "16": 0.25, "20": 0.8, "26": 0.12},
    "disgust": {"9": 1.0, "10": 0.55, "4": 0.4, "6": 0.45, "7": 0.5, "15": 0.45, "17": 0.4, "16": 0.15},
    "surprise": {"1": 1.0, "2": 1.0, "5": 0.9, "26": 0.3},
    "contempt": {"12L": 0.55, "14L": 0.6, "7": 0.2},
}
EMOTIONS = MappingProxyType({
    name: {c: weight * full for unit, weight in units.items() for c, full in _UNITS[unit].items()}
    for name, units in _PROTOTYPES.items()
})  # fmt: skip

# Lip gap in mm for a weight of 1, as on ICT-FaceKit: what each channel does to a closure.
GAP_MM = {
    "jawOpen": 26.8, "mouthClose": -35.8, "mouthFunnel": 8.5, "mouthPucker": -2.0, "mouthLowerDownLeft": 2.7,
    "mouthLowerDownRight": 2.7, "mouthUpperUpLeft": 3.4, "mouthUpperUpRight": 3.4, "noseSneerLeft": 3.1,
    "noseSneerRight": 3.1, "mouthShrugLower": -6.1, "mouthShrugUpper": 3.9, "mouthPressLeft": -0.9,
    "mouthPressRight": -0.9, "mouthDimpleLeft": -0.9, "mouthDimpleRight": -0.9, "mouthRollLower": -0.9,
    "mouthRollUpper": 2.1,
}  # fmt: skip
# A wrinkled nose lifts the upper lip and would twitch if it gave way to every closure: half of it stays, and the chin
# pushes the lower lip up to meet it (action unit 17), as people do.
_STAYS = {"noseSneerLeft": 0.5, "noseSneerRight": 0.5}
_CHIN = "mouthShrugLower"
_CORNERS = ("mouthSmile", "mouthFrown", "mouthStretch", "mouthDimple")  # pulled; rounded lips hold them back
_BLOCK = 3000  # frames worked on at once
_CLOSED_MM, _OPEN_MM, _DEEPEST_MM = 0.6, 3.0, -0.7
_APART_MM = 1.2  # speech never leaves lips nearer than this without closing them


def check_emotions(emotions: Mapping[str, float]) -> None:
    """ConfigError where `emotions` does not map names of EMOTIONS to intensities 0…1."""
    if not isinstance(emotions, Mapping):
        raise ConfigError(f"emotions map names to intensities, e.g. {{'joy': 0.5}}; got {emotions!r}")
    for name, intensity in emotions.items():
        if name not in EMOTIONS:
            raise ConfigError(f"no emotion is called {name!r}; there are {', '.join(EMOTIONS)}")
        number = not isinstance(intensity, bool | str) and isinstance(intensity, int | float | np.number)
        if not number or not 0 <= intensity <= 1:
            raise ConfigError(f"intensity of {name} must lie in 0 to 1, got {intensity!r}")


def express(
    motion: Motion,
    emotions: Mapping[str, float],
    course: np.ndarray | None = None,
    resting: np.ndarray | None = None,
) -> Motion:
    """Add emotions to a motion, frame by frame; where the lips were sealed they stay sealed.

    Args:
        motion: speech on channels named like ARKit's; those it lacks are passed over.
        emotions: intensity 0…1 by name (EMOTIONS); several add up.
        course: (T,) how much of them shows in each frame, 1 = their intensity.
        resting: (T,) 1 where closed lips rest and an emotion may part them, 0 where they are closed for a sound.

    Raises:
        ConfigError: see `check_emotions`.
    """
    face = face_of(emotions, motion.channels)
    if not face.any():
        return motion
    shown = np.ones(len(motion), np.float32) if course is None else np.asarray(course, np.float32)
    return _expressed(motion, [(face, shown)], resting)


def express_courses(motion: Motion, courses: Mapping[str, np.ndarray], resting: np.ndarray | None = None) -> Motion:
    """As `express`, with a course for each emotion: name → (T,) how much of it shows, 1 = in full."""
    check_emotions(dict.fromkeys(courses, 1.0))
    faces = []
    for name, course in courses.items():
        own = EMOTIONS[name]
        face = np.array([own.get(channel, 0.0) for channel in motion.channels], np.float32)
        faces.append((face, np.asarray(course, np.float32)))
    return _expressed(motion, faces, resting) if faces else motion


def _expressed(motion: Motion, faces: Sequence[tuple[np.ndarray, np.ndarray]], resting: np.ndarray | None) -> Motion:
    """The motion with whole faces (C,), each with its course (T,), added up and laid over it."""
    free = np.zeros(len(motion), np.float32) if resting is None else np.asarray(resting, np.float32)
    blocks = []
    for first in range(0, len(motion), _BLOCK):
        here = slice(first, first + _BLOCK)
        total = np.minimum(sum(course[here, None] * face for face, course in faces), 1)
        blocks.append(put_on(motion.with_values(motion.values[here]), total, free[here]))
    return motion.with_values(np.concatenate(blocks)) if blocks else motion


def face_of(emotions: Mapping[str, float], channels: Sequence[str]) -> np.ndarray:
    """(C,) float32, the sum of emotions on channels; ConfigError as of `check_emotions`."""
    check_emotions(emotions)
    face = dict.fromkeys(channels, np.float32(0))
    for name, intensity in emotions.items():
        for channel in EMOTIONS[name].keys() & face.keys():
            face[channel] += np.float32(intensity * EMOTIONS[name][channel])
    return np.array(list(face.values()), np.float32)


def lay(motion: Motion, face: np.ndarray) -> Motion:
    """Add a face that changes from frame to frame, as a network says it; what would part sealed lips is taken back.

    Args:
        motion: speech on channels named like ARKit's.
        face: (T, C) what is added to its channels.
    """
    gains = np.array([GAP_MM.get(c, 0.0) for c in motion.channels], np.float32)
    opening = np.where(gains > 0, face, 0)
    parted, held = _sum(opening, gains), _sum(-np.where(gains < 0, face, 0), gains)
    excess = np.clip((parted - held) / np.maximum(parted, 1e-6), 0, 1)
    values = motion.values + face - opening * (_closed(_sum(motion.values, gains), _APART_MM) * excess)[:, None]
    weights = [i for i, c in enumerate(motion.channels) if c in ARKIT]
    values[:, weights] = np.clip(values[:, weights], 0, 1)
    return motion.with_values(values)


def _sum(values: np.ndarray, gains: np.ndarray) -> np.ndarray:
    """(T, C), (C,) → (T,); a product of BLAS would add in an order that depends on T."""
    return np.asarray((values * gains).sum(1))


def _closed(gap: np.ndarray, apart: float = _OPEN_MM) -> np.ndarray:
    """(T,) mm → 1 where the lips are closed, 0 from `apart` on, smooth in between."""
    u = np.clip((apart - gap) / (apart - _CLOSED_MM), 0, 1)
    return u * u * (3 - 2 * u)


def put_on(motion: Motion, face: np.ndarray, resting: np.ndarray) -> np.ndarray:
    """(T, C) motion plus the face (T, C); what would part closed lips gives way as they close, unless they rest.

    Each row is computed alone, to the last bit: rows may be frames of many voices.
    """
    gains = np.array([GAP_MM.get(c, 0.0) for c in motion.channels], np.float32)
    stays = np.array([_STAYS.get(c, 0.0) for c in motion.channels], np.float32)
    gap = _sum(motion.values, gains)
    closed = (_closed(gap) * (1 - resting))[:, None]
    opening, closing = np.where(gains > 0, face, 0), np.where(gains < 0, face, 0)
    parted = opening * (1 - closed * (1 - stays))
    room = np.clip((gap - _DEEPEST_MM) / np.maximum(_sum(-closing, gains), 1e-6), 0, 1)[:, None]
    pressed = closing * room
    pulled = np.array([0.5 * c.startswith(_CORNERS) for c in motion.channels], np.float32)
    held = 1 - pulled * motion.select(("mouthPucker",))
    if _CHIN in motion.channels:
        chin = motion.index(_CHIN)
        meeting = closed[:, 0] * _sum(opening * stays, gains) / -GAP_MM[_CHIN]
        pressed[:, chin] = np.maximum(pressed[:, chin], meeting)
    values = motion.values + (parted + pressed + np.where(gains == 0, face, 0)) * held
    weights = [i for i, c in enumerate(motion.channels) if c in ARKIT]
    values[:, weights] = np.clip(values[:, weights], 0, 1)
    return values
