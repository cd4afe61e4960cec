"""How lively a face is, and which of its parts live."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from utterface.errors import ConfigError

PARTS = ("blink", "gaze", "brows", "head", "cheeks", "breath", "sides", "emotion")
LEVELS = {"calm": 0.6, "lively": 1.5}  # all amounts of a manner, times


@dataclass(frozen=True)
class Manner:
    """How lively a person is, where 1 is the average.

    Attributes:
        blink: how often, above 0.
        gaze: how far it strays, and how often it leaves the listener.
        brows: how high they rise.
        head: how far it turns.
        cheeks: how much cheeks, nose and corners of the mouth take part.
        smile: how friendly the resting face is.
        tempo: how fast head, brows and gaze wander, above 0.
        carriage: degrees of yaw, pitch (down) and roll at which the head is carried.
        lowered: degrees by which the gaze is lowered.
    """

    blink: float = 1.0
    gaze: float = 1.0
    brows: float = 1.0
    head: float = 1.0
    cheeks: float = 1.0
    smile: float = 1.0
    tempo: float = 1.0
    carriage: tuple[float, float, float] = (0.0, 0.0, 0.0)
    lowered: float = 0.0


USUAL = Manner()
# Directions after Wallbott 1998 (posture), Busso et al. 2007 (head), Kret et al. 2020 (blinks, gaze); amounts are ours.
_EMOTIONAL = {
    "joy": Manner(1.15, 0.9, 1.2, 1.25, 1.5, 1.0, 1.15, (0, -2.5, 2), 0),
    "anger": Manner(0.55, 0.35, 0.8, 1.3, 1.0, 0.05, 1.25, (0, 4, 0), -1.5),
    "sadness": Manner(1.2, 1.1, 0.6, 0.5, 0.5, 0.05, 0.65, (0, 5, 3), 4),
    "fear": Manner(1.7, 1.6, 1.0, 0.8, 0.8, 0.05, 1.45, (2, -2, 0), 0),
    "disgust": Manner(1.2, 1.2, 0.8, 0.85, 1.2, 0.05, 0.9, (4, -2, 3), 1.5),
    "surprise": Manner(0.6, 0.7, 1.2, 1.1, 1.0, 0.3, 1.2, (0, -3.5, 0), 0),
    "contempt": Manner(0.8, 0.8, 0.8, 0.7, 1.0, 0.05, 0.8, (-3, -4, 4), 2),
}
_FACTORS = ("blink", "gaze", "brows", "head", "cheeks", "smile", "tempo")


def parts_of(life: bool | str | Collection[str] | None) -> tuple[str, ...]:
    """The parts that an option switches on.

    Args:
        life: True or `on` for all of PARTS, False, None or `off` for none, or some of them: `blink,head`, or names.
            `calm` and `lively` stand for all parts where no part is named beside them.

    Raises:
        ConfigError: an unknown part.
    """
    if isinstance(life, bool) or life in (None, "on", "off"):
        return PARTS if life in (True, "on") else ()
    if not isinstance(life, Collection):
        raise ConfigError(f"life is True, False, or names of its parts, such as 'blink,head'; got {life!r}")
    names = _names(life)
    parts = tuple(name for name in names if name not in LEVELS)
    unknown = next((part for part in parts if part not in PARTS), None)
    if unknown is not None:
        raise ConfigError(f"life has no part {unknown!r}; give on, off, calm, lively, or some of {','.join(PARTS)}")
    return PARTS if names and not parts else parts


def manner_of(life: bool | str | Collection[str] | None, emotions: Mapping[str, float] | None = None) -> Manner:
    """The manner that an option and emotions ask for.

    Args:
        life: as of `parts_of`; `calm` and `lively` scale all amounts.
        emotions: intensity 0…1 by name: blinks, gaze, tempo and the carriage of the head follow them.
    """
    level = 1.0
    for name in _names(life):
        level *= LEVELS.get(name, 1.0)
    manner = Manner(level, level, level, level, level, tempo=level**0.3)
    for name, intensity in (emotions or {}).items():
        if name in _EMOTIONAL:
            manner = _moved(manner, _EMOTIONAL[name], intensity)
    return manner


def _moved(manner: Manner, by: Manner, intensity: float) -> Manner:
    blink, gaze, brows, head, cheeks, smile, tempo = (
        getattr(manner, name) * getattr(by, name) ** intensity for name in _FACTORS
    )
    yaw, pitch, roll = (a + intensity * b for a, b in zip(manner.carriage, by.carriage, strict=True))
    lowered = manner.lowered + intensity * by.lowered
    return Manner(blink, gaze, brows, head, cheeks, smile, tempo, (yaw, pitch, roll), lowered)


def _names(life: bool | str | Collection[str] | None) -> tuple[str, ...]:
    if life is None or isinstance(life, bool):
        return ()
    return tuple(name.strip() for name in life.split(",")) if isinstance(life, str) else tuple(life)
