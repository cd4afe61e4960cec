"""Who the head is: age, sex, origins, build, modifiers of the face, and the colours of skin, eyes and hair."""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from utterface.errors import RigError
from utterface.rigs.human.data import HeadData, load

ORIGINS = ("african", "asian", "caucasian")
EYE_COLOURS = {"brown": "#5b3a21", "green": "#67754f", "grey": "#7c8890", "blue": "#5c80a4", "hazel": "#6b5433"}
HAIR_COLOURS = {
    "black": "#1b1613", "brown": "#4a3122", "auburn": "#6a3620", "blond": "#b58d57", "grey": "#85827e",
    "white": "#cfccc6",
}  # fmt: skip
HAIRS = ("none", "stubble", "cropped", "short", "bob", "bun", "curls")
_YOUNG, _OLD = 25.0, 90.0  # years of the data's faces
_LEAST_AGE, _MOST_AGE = 20.0, 80.0
PEOPLE_FILE = "people.toml"
DEFAULT = "mira"


@dataclass(frozen=True)
class Identity:
    """One person; every number within its limits gives a whole face.

    Attributes:
        name: shown to people.
        age: 20 to 80 years.
        sex: 0 female to 1 male.
        origins: weight of each of `ORIGINS`; they count relative to each other.
        weight, muscle: of the body, 0 to 1.
        modifiers: −1 to 1 by name (`modifier_limits`), 0 where absent.
        skin: 0 lightest to 1 darkest.
        eyes: one of `EYE_COLOURS`.
        hair: one of `HAIRS`.
        hair_colour: one of `HAIR_COLOURS`.
        brows: how thick, 0.5 to 1.5.
        lips: how red, 0 to 1.
    """

    name: str = "face"
    age: float = 30.0
    sex: float = 0.5
    origins: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(ORIGINS, 1.0))
    weight: float = 0.5
    muscle: float = 0.5
    modifiers: Mapping[str, float] = field(default_factory=dict)
    skin: float = 0.3
    eyes: str = "brown"
    hair: str = "short"
    hair_colour: str = "brown"
    brows: float = 1.0
    lips: float = 0.5

    def __post_init__(self) -> None:
        limits = {
            "age": (_LEAST_AGE, _MOST_AGE), "sex": (0.0, 1.0), "weight": (0.0, 1.0), "muscle": (0.0, 1.0),
            "skin": (0.0, 1.0), "brows": (0.5, 1.5), "lips": (0.0, 1.0),
        }  # fmt: skip
        for name, (low, high) in limits.items():
            _check_number(name, getattr(self, name), low, high)
        words = {"eyes": EYE_COLOURS, "hair": HAIRS, "hair_colour": HAIR_COLOURS}
        for name, known in words.items():
            word = getattr(self, name)
            if word not in known:
                raise RigError(f"{name} is one of {', '.join(known)}; got {word!r}{_near(word, known)}")
        for name, weight in self.origins.items():
            if name not in ORIGINS:
                raise RigError(f"no origin is called {name!r}; there are {', '.join(ORIGINS)}{_near(name, ORIGINS)}")
            _check_number(f"origins.{name}", weight, 0.0, np.inf)
        if not sum(self.origins.values()) > 0:
            raise RigError("origins must not all be 0")
        known_modifiers = modifier_limits()
        for name, amount in self.modifiers.items():
            if name not in known_modifiers:
                raise RigError(
                    f"no modifier is called {name!r}{_near(name, known_modifiers) or '; see docs/reference/faces.md'}"
                )
            _check_number(f"modifiers.{name}", amount, *known_modifiers[name])

    @classmethod
    def from_table(cls, table: Mapping[str, Any], base: "Identity | None" = None) -> "Identity":
        """One person from a TOML table, see `face.toml` in docs/reference/faces.md.

        Raises:
            RigError: a name or number that does not fit; one line.
        """
        known = [each.name for each in fields(cls)]
        for name, value in table.items():
            if name not in known:
                raise RigError(f"no key of a face is called {name!r}{_near(name, known)}")
            if name in ("origins", "modifiers") and not isinstance(value, Mapping):
                raise RigError(f"{name} is a table of numbers by name, got {value!r}")
        given = dict(table)
        if given.get("sex") in ("female", "male"):
            given["sex"] = 0.0 if given["sex"] == "female" else 1.0
        return replace(base or cls(), **given)

    @classmethod
    def drawn(cls, seed: int) -> "Identity":
        """Somebody at random, the same for the same seed."""
        rng = np.random.default_rng(seed)
        limits = modifier_limits()
        modifiers = {n: float(np.clip(0.35 * rng.standard_normal(), low, high)) for n, (low, high) in limits.items()}
        origins = dict(zip(ORIGINS, rng.dirichlet([0.6, 0.6, 0.6]).tolist(), strict=True))
        dark = 0.85 * origins["african"] + 0.35 * origins["asian"] + 0.2 * origins["caucasian"]
        return cls(
            name=f"drawn {seed}",
            age=float(rng.uniform(_LEAST_AGE, _MOST_AGE)),
            sex=float(rng.beta(0.4, 0.4)),
            origins=origins,
            weight=float(rng.uniform(0.2, 0.8)),
            muscle=float(rng.uniform(0.2, 0.8)),
            modifiers=modifiers,
            skin=float(np.clip(dark + 0.1 * rng.standard_normal(), 0, 1)),
            eyes=str(rng.choice(list(EYE_COLOURS))),
            hair=str(rng.choice(HAIRS)),
            hair_colour=str(rng.choice(list(HAIR_COLOURS))),
        )


def modifier_limits() -> dict[str, tuple[float, float]]:
    """Modifier → its least and greatest value: −1 to 1, or 0 to 1 where only one direction exists."""
    data = load()
    return {name: (-1.0 if f"{name}-" in data.modifiers else 0.0, 1.0) for name in data.modifier_names}


def people() -> dict[str, Identity]:
    """The named people that come with the package."""
    text = resources.files("utterface.rigs.human").joinpath(PEOPLE_FILE).read_text(encoding="utf-8")
    return {name: Identity.from_table({"name": name, **table}) for name, table in tomllib.loads(text).items()}


def read_identity(face: str | Path) -> Identity:
    """One of `people` by name, or the person in a .toml file.

    Raises:
        RigError: neither, or a file that does not fit; one line.
    """
    known = people()
    if str(face).lower() in known:
        return known[str(face).lower()]
    path = Path(face)
    if path.suffix.lower() != ".toml":
        raise RigError(
            f"no face is called {str(face)!r}; there are {', '.join(known)}, or give a .toml file"
            f"{_near(str(face).lower(), known)}"
        )
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RigError(f"no such file: {path}") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise RigError(f"cannot read the face in {path}: {' '.join(str(problem).split())}") from None
    base = table.pop("like", None)
    try:
        return Identity.from_table({"name": path.stem, **table}, None if base is None else _person(base, known))
    except RigError as problem:
        raise RigError(f"{path}: {problem}") from None


def identity_of(face: Identity | str | None = None, hair: str | None = None) -> Identity:
    """A face as `rigs.head` takes it, the default person where it is None; with other hair if any is named.

    Raises:
        RigError: no such face or hair.
    """
    identity = face if isinstance(face, Identity) else read_identity(face or DEFAULT)
    return identity if hair is None else replace(identity, hair=hair)


def _person(name: Any, known: Mapping[str, Identity]) -> Identity:
    if name not in known:
        raise RigError(f"no face is called {name!r}; there are {', '.join(known)}{_near(str(name), known)}")
    return known[name]


def shaped(identity: Identity, data: HeadData) -> np.ndarray:
    """(n, 3) mm: the coarse head of a person, origin in the middle between the eyes."""
    old = float(np.clip((identity.age - _YOUNG) / (_OLD - _YOUNG), 0, 1))
    total = sum(identity.origins.values())
    points = data.base.copy()
    for sex, of_sex in (("female", 1 - identity.sex), ("male", identity.sex)):
        for age, of_age in (("young", 1 - old), ("old", old)):
            amounts = {origin: weight / total for origin, weight in identity.origins.items()}
            for ends, value in (
                ("{}muscle-averageweight", identity.muscle),
                ("averagemuscle-{}weight", identity.weight),
            ):
                amounts[ends.format("max" if value > 0.5 else "min")] = 2 * abs(value - 0.5)
            for name, amount in amounts.items():
                if amount * of_sex * of_age:
                    points += amount * of_sex * of_age * data.macros[f"{sex}-{age}-{name}"]
    for name, amount in identity.modifiers.items():
        if amount:
            points += abs(amount) * data.modifiers[f"{name}{'-' if amount < 0 else '+'}"]
    return points - points[np.concatenate([data.left_eye, data.right_eye])].mean(0)


def _check_number(name: str, value: Any, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        bound = f"{low:g} to {high:g}" if np.isfinite(high) else f"at least {low:g}"
        raise RigError(f"{name} must be a number, {bound}; got {value!r}")


def _near(word: Any, known: Any) -> str:
    near = difflib.get_close_matches(str(word), list(known), 1)
    return f"; did you mean {near[0]}?" if near else ""
