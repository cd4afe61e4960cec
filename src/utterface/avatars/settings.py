"""What a user says of an avatar, in a TOML file: shapes of channels, bones, gains, landmarks."""

import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from utterface.avatars.names import KNOWN, Gains, pairs
from utterface.errors import ConfigError
from utterface.motion import HEAD

TABLES = ("map", "bones", "tune", "landmarks")
ROLES = ("head", "neck", "jaw", "leftEye", "rightEye")


@dataclass(frozen=True)
class BoneSetting:
    """A bone by the name of its node.

    Attributes:
        node: its name; empty to leave the bone out.
        axis: (3,) what it turns about, in its own space; None for the axis of its role.
        degrees: of a full turn, for the jaw; None for the usual.
    """

    node: str
    axis: tuple[float, float, float] | None = None
    degrees: float | None = None


@dataclass(frozen=True)
class Settings:
    """Overrides of what an avatar's names say.

    Attributes:
        shapes: channel → shapes with gains; an empty list leaves the channel out.
        bones: by role.
        gains: of channels, 1 where absent.
        offsets: of channels, 0 where absent.
        landmarks: vertex numbers of places on the face (`avatars/landmarks.py`).
    """

    shapes: Mapping[str, Gains] = field(default_factory=dict)
    bones: Mapping[str, BoneSetting] = field(default_factory=dict)
    gains: Mapping[str, float] = field(default_factory=dict)
    offsets: Mapping[str, float] = field(default_factory=dict)
    landmarks: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, path: str | PathLike[str]) -> "Settings":
        """A file that `inspect --save` wrote, or one written by hand; ConfigError for anything else."""
        path = Path(path)
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigError(f"cannot read {path}: {error.strerror or error}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ConfigError(f"{path} is no TOML: {error}") from None
        try:
            return cls.from_content(content)
        except ValueError as error:
            raise ConfigError(f"{path}: {error}") from None

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> "Settings":
        """Tables as TOML gives them; ValueError for what does not fit."""
        _refuse_unknown("table", content, TABLES)
        tables = {name: content.get(name, {}) for name in TABLES}
        for name, table in tables.items():
            if not isinstance(table, dict):
                raise ValueError(f"{name} is no table; write [{name}]")
        _refuse_unknown("channel", tables["map"], KNOWN)
        _refuse_unknown("bone", tables["bones"], ROLES)
        _refuse_unknown("tuning", tables["tune"], ("gain", "offset"))
        gains, offsets = tables["tune"].get("gain", {}), tables["tune"].get("offset", {})
        return cls(
            {channel: pairs(shapes) for channel, shapes in tables["map"].items()},
            {role: _bone(role, bone) for role, bone in tables["bones"].items()},
            {name: _number(f"gain.{name}", gain) for name, gain in _channels(gains).items()},
            {name: _number(f"offset.{name}", offset) for name, offset in _channels(offsets).items()},
            {name: _whole(name, vertex) for name, vertex in tables["landmarks"].items()},
        )

    def to_toml(self, notes: Mapping[str, str] | None = None) -> str:
        """The file that reads as these settings; `notes` are comments above tables."""
        lines = []
        for name, table in self._tables().items():
            lines += [f"# {line}" for line in (notes or {}).get(name, "").splitlines()]
            lines += [f"[{name}]", *(f"{json.dumps(key) if '.' in key else key} = {_value(v)}" for key, v in table)]
            lines.append("")
        return "\n".join(lines)

    def _tables(self) -> dict[str, list[tuple[str, Any]]]:
        shapes = [
            (channel, gains[0][0] if len(gains) == 1 and gains[0][1] == 1 else [list(each) for each in gains])
            for channel, gains in self.shapes.items()
        ]
        bones = [(role, _bone_value(bone)) for role, bone in self.bones.items()]
        return {"map": shapes, "bones": bones, "tune.gain": list(self.gains.items()),
                "tune.offset": list(self.offsets.items()), "landmarks": list(self.landmarks.items())}  # fmt: skip


def _channels(table: Any) -> dict[str, Any]:
    """Values by channel; `eyeWide` stands for both sides."""
    if not isinstance(table, dict):
        raise ValueError("[tune] takes gain.CHANNEL = number and offset.CHANNEL = number")
    spread: dict[str, Any] = {}
    for name, value in table.items():
        sides = [side for side in (f"{name}Left", f"{name}Right") if side in KNOWN]
        spread |= dict.fromkeys([name] if name in KNOWN or not sides else sides, value)
    _refuse_unknown("channel", spread, (*KNOWN, *HEAD))
    return spread


def _refuse_unknown(kind: str, given: Mapping[str, Any], known: tuple[str, ...]) -> None:
    from difflib import get_close_matches

    for name in given:
        if name not in known:
            near = get_close_matches(name, known, 1)
            meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(known[:6])} …"
            raise ValueError(f"no {kind} is called {name!r}; {meant}")


def _number(name: str, value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise ValueError(f"{name} is {value!r}, not a number")
    return float(value)


def _whole(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"the landmark {name} is {value!r}, not the number of a vertex")
    return value


def _bone(role: str, bone: Any) -> BoneSetting:
    if isinstance(bone, str) or bone is False:
        return BoneSetting(bone or "")
    if not isinstance(bone, dict) or not isinstance(bone.get("node"), str):
        raise ValueError(f'{role} takes the name of a node, or {{ node = "…", axis = [1, 0, 0], degrees = 20 }}')
    _refuse_unknown("setting", bone, ("node", "axis", "degrees"))
    axis = bone.get("axis")
    if axis is not None:
        if not isinstance(axis, list) or len(axis) != 3:
            raise ValueError(f"axis of {role} is {axis!r}, not three numbers")
        axis = tuple(_number("axis", each) for each in axis)
        if not any(axis):
            raise ValueError(f"axis of {role} has no direction")
    degrees = bone.get("degrees")
    return BoneSetting(bone["node"], axis, None if degrees is None else _number("degrees", degrees))


def _bone_value(bone: BoneSetting) -> str | dict[str, Any]:
    more = {"axis": bone.axis and list(bone.axis), "degrees": bone.degrees}
    more = {key: value for key, value in more.items() if value is not None}
    return {"node": bone.node, **more} if more else bone.node


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
