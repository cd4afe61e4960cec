"""Controls of the animator beside the sound: strength of articulation and emotions.

The network may take both as inputs. What it then should answer is made by `articulation`: articulators that strength
has scaled already, and what `express` adds to the channels, which gives way where the lips must seal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from utterface.articulation import ARTICULATORS, EMOTIONS, express, render
from utterface.articulation.rendering import SCALED
from utterface.engines.bundle import CONTROLS, STRENGTHS
from utterface.errors import ConfigError
from utterface.motion import CHANNELS, Motion

STRENGTH = CONTROLS[0]
SCALED_COLUMNS = [ARTICULATORS.index(name) for name in SCALED]
_WIDE = 0.4  # of jawOpen: lips that nothing holds together


@dataclass(frozen=True)
class ControlConfig:
    """The recipe's table `controls`; all chances are per crop.

    Attributes:
        strength: chance of another strength than 1, drawn from 0.5 to 1.5.
        mood: chance of an emotion, at any intensity.
        second: chance of another one with it.
    """

    strength: float = 0.5
    mood: float = 0.5
    second: float = 0.2


def check_controls(names: Sequence[str]) -> None:
    """ConfigError for names that are no controls, or twice."""
    unknown = sorted(set(names) - set(CONTROLS)) or [n for n in names if names.count(n) > 1]
    if unknown:
        raise ConfigError(f"network.controls has {unknown[0]!r}; it takes each once of {', '.join(CONTROLS)}")


def neutral(names: Sequence[str]) -> np.ndarray:
    """(K,) float32 neutral controls: strength 1, no emotion."""
    return np.array([name == STRENGTH for name in names], np.float32)


def moods_of(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in EMOTIONS)


@cache
def whole_faces(moods: tuple[str, ...]) -> tuple[tuple[str, ...], np.ndarray]:
    """The channels that emotions move, E, and (M, E) float32 the most that each emotion adds to them.

    Open lips show most of it, sealed ones what holds them together.
    """
    closed, wide = np.zeros((2, 1, len(CHANNELS)), np.float32)
    wide[:, CHANNELS.index("jawOpen")] = _WIDE
    most = [
        np.max([express(Motion(values), {mood: 1.0}).values[0] - values[0] for values in (closed, wide)], axis=0)
        for mood in moods
    ]
    faces = np.array(most, np.float32).reshape(len(moods), len(CHANNELS))
    faces[np.abs(faces) < 1e-6] = 0
    moved = np.flatnonzero(faces.any(0))
    return tuple(CHANNELS[i] for i in moved), faces[:, moved]


class Director:
    """Draws controls and gives the targets that go with them.

    Args:
        names: of the network's controls.
        config: chances of each control.
    """

    def __init__(self, names: tuple[str, ...], config: ControlConfig) -> None:
        check_controls(names)
        self.names, self.config = names, config
        self.moods = moods_of(names)
        self.expression, _ = whole_faces(self.moods)
        self._columns = [CHANNELS.index(name) for name in self.expression]

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """(K,) float32."""
        controls = neutral(self.names)
        strength, mood, second = rng.random(3) < (self.config.strength, self.config.mood, self.config.second)
        amount, intensities = rng.uniform(*STRENGTHS), rng.uniform(0, 1, 2)
        if strength and STRENGTH in self.names:
            controls[self.names.index(STRENGTH)] = amount
        if mood and self.moods:
            chosen = rng.permutation(self.moods)[: 1 + int(second)]
            for name, intensity in zip(chosen, intensities, strict=False):
                controls[self.names.index(str(name))] = intensity
        return controls

    def targets(self, articulators: np.ndarray, controls: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(n, A) articulators and (K,) controls → (n, A) scaled, (n, E) what the emotions add."""
        named = dict(zip(self.names, controls.tolist(), strict=True))
        strength = named.get(STRENGTH, 1.0)
        scaled = articulators.astype(np.float32)
        scaled[:, SCALED_COLUMNS] *= np.float32(strength)
        emotions = {mood: named[mood] for mood in self.moods if named[mood]}
        if not emotions:
            return scaled, np.zeros((len(articulators), len(self._columns)), np.float32)
        plain = render(articulators, strength=strength)
        added = express(plain, emotions).values - plain.values
        return scaled, added[:, self._columns]
