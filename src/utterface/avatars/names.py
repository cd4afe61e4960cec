"""Names of shapes → channels: exact tables after normalising, one a family of avatars (families.toml).

A name is compared whole: a table that matched parts of names would take `sleepy` for the vowel `ee`.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from utterface.motion import ARKIT, MOUTH
from utterface.phones import OCULUS

VISEMES = ("viseme_PP", "viseme_FF", "viseme_TH", "viseme_DD", "viseme_kk", "viseme_CH", "viseme_SS", "viseme_nn",
           "viseme_RR", "viseme_aa", "viseme_E", "viseme_I", "viseme_O", "viseme_U")  # fmt: skip
VOWELS = ("aa", "ih", "ou", "ee", "oh")
LOOKS = ("lookUp", "lookDown", "lookLeft", "lookRight")  # expressions of VRM 0 that turn both eyes
SILENT = "viseme_sil"
KNOWN = (*ARKIT, *VISEMES, SILENT, *VOWELS, *LOOKS)
ENOUGH_OF_A_FACE = 6  # channels of the mouth from which ARKit's names are driven rather than visemes or vowels
ENOUGH_VISEMES = 6
_SIDE = re.compile(r"(?<=[a-z0-9])_?([LR])$|(?<=[A-Za-z0-9])_([lr])$")
_PREFIX = re.compile(r"^(?:.*:)?(?:(?!vrc\.).*\.)?", re.DOTALL)

Gains = list[tuple[str, float]]  # shapes by name, and how much of each

assert len(VISEMES) + 1 == len(OCULUS)


@dataclass(frozen=True)
class Family:
    """Names of one kind of avatar.

    Attributes:
        name: in families.toml.
        title: shown to people.
        pattern: what a name looks like; its group `name` is what `table` lists.
        table: channel → normalised names with gains.
        otherwise: the same, for channels of which `table` finds nothing.
        least: channels below which the family does not count.
        needs: normalised names without which it does not count.
    """

    name: str
    title: str
    pattern: re.Pattern[str]
    table: Mapping[str, Gains]
    otherwise: Mapping[str, Gains] = field(default_factory=dict)
    least: int = 1
    needs: frozenset[str] = frozenset()

    def matches(self, names: Iterable[str]) -> dict[str, Gains]:
        """Channel → shapes among `names`, as they are spelt there."""
        spelt: dict[str, list[str]] = {}
        for name in names:
            found = self.pattern.fullmatch(unprefixed(name))
            if found:
                spelt.setdefault(normalised(found["name"]), []).append(name)
        if not self.needs <= spelt.keys():
            return {}
        matched: dict[str, Gains] = {}
        for table in (self.table, self.otherwise):
            for channel, wanted in table.items():
                gains = [(name, gain) for key, gain in wanted for name in spelt.get(key, ())]
                if gains and channel not in matched:
                    matched[channel] = gains
        return matched if len(matched) >= self.least else {}


def unprefixed(name: str) -> str:
    """A name without what comes before its last colon or dot: `Head.blendShape1.jawOpen` → `jawOpen`."""
    return _PREFIX.sub("", unicodedata.normalize("NFKC", name).strip())


def normalised(name: str) -> str:
    """A name as tables are searched by: letters and digits in lower case, `_L` and `_R` spelt out."""
    spelt = _SIDE.sub(lambda m: "Left" if (m[1] or m[2]) in "Ll" else "Right", unicodedata.normalize("NFKC", name))
    return "".join(letter for letter in spelt.lower() if letter.isalnum())


@cache
def families() -> tuple[Family, ...]:
    """All families of families.toml."""
    text = resources.files("utterface.avatars").joinpath("families.toml").read_text(encoding="utf-8")
    return tuple(_family(name, item) for name, item in tomllib.loads(text).items())


def match(names: Iterable[str]) -> tuple[dict[str, Gains], dict[str, str]]:
    """What of a face its names are known for.

    The family that knows most comes first; others fill in the channels that it lacks.

    Returns:
        Channel → shapes with gains, and channel → title of the family that knows them.
    """
    names = list(names)
    found = [(family.title, family.matches(names)) for family in families()]
    found.sort(key=lambda each: -len(each[1]))
    matched: dict[str, Gains] = {}
    titles: dict[str, str] = {}
    for title, channels in found:
        for channel, gains in channels.items():
            if channel not in matched:
                matched[channel], titles[channel] = gains, title
    return matched, titles


def of_one_kind(channels: Iterable[str]) -> tuple[str, set[str]]:
    """What drives the mouth, where a face has several kinds of shapes for it, and the channels to leave out then.

    Returns:
        `face` (ARKit's channels), `visemes`, `vowels`, or an empty name where the mouth has no shape.
    """
    present = set(channels)
    face = {channel for channel in present & set(ARKIT) if channel.startswith(MOUTH)}
    visemes, vowels = present & {*VISEMES, SILENT}, present & set(VOWELS)
    if (len(face) >= ENOUGH_OF_A_FACE and "jawOpen" in face) or len(face) >= 2 * ENOUGH_OF_A_FACE:
        return "face", visemes | vowels
    if len(visemes) >= ENOUGH_VISEMES:
        return "visemes", face | vowels
    if vowels:
        return "vowels", face | visemes
    return ("face" if face else ""), visemes


def _family(name: str, item: dict[str, Any]) -> Family:
    table = {channel: [(normalised(channel), 1.0)] for channel in ARKIT} if item.get("arkit") else {}
    return Family(
        name,
        item["title"],
        re.compile(item.get("pattern", "(?P<name>.*)"), re.DOTALL | re.IGNORECASE),
        table | {channel: gains_of(shapes) for channel, shapes in item.get("map", {}).items()},
        {channel: gains_of(shapes) for channel, shapes in item.get("otherwise", {}).items()},
        item.get("least", 1),
        frozenset(map(normalised, item.get("needs", ()))),
    )


def gains_of(shapes: str | list[Any]) -> Gains:
    """A table's entry, normalised: one name, or a list of names and of [name, gain]."""
    return [(normalised(name), gain) for name, gain in pairs(shapes)]


def pairs(shapes: str | list[Any]) -> Gains:
    """One name, or a list of names and of [name, gain], as names with gains; ValueError for anything else."""
    found: Gains = []
    for each in shapes if isinstance(shapes, list) else [shapes]:
        name, gain = each if isinstance(each, list) and len(each) == 2 else (each, 1.0)
        if not isinstance(name, str) or not isinstance(gain, int | float) or isinstance(gain, bool):
            raise ValueError(f"{each!r} is no name and no [name, gain]")
        if name:
            found.append((name, float(gain)))
    return found
