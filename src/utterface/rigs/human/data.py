"""The head as the package build took it from MakeHuman's data (building/makehuman_head.py), in millimetres."""

from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

import numpy as np

from utterface.arrays import read_arrays
from utterface.errors import RigError
from utterface.motion import ARKIT
from utterface.rigs.subdivision import Refinement, catmull_clark

FILE = "head.npz"
UPPER_LOOP = np.r_[27:38, 0:12]  # places in a loop of the lips, from the right to the left corner
LOWER_LOOP = np.arange(25, 12, -1)  # fewer than above
CORNERS = (26, 12)


@dataclass(frozen=True)
class HeadData:
    """The coarse head: n vertices, those of the skin first. Origin between the eyes, +Y up, the face looks to +Z.

    Attributes:
        base: (n, 3) mm, before any target.
        mirror: (n,) each vertex's mirror image.
        skin, tongue, upper_teeth, lower_teeth: (Q, 4) quads.
        left_eye, right_eye: (k,) vertices, which show where the eyeballs are.
        lip_loops: (8, 38) edge loops of the lips from their border to the inside, each from its upper middle.
        lid_loops: (3, 28) of the left eye: before, on and behind the margin of the lids.
        macros: displacements (n, 3) of `SEX-AGE-ORIGIN` and `SEX-AGE-BUILD`.
        modifiers: displacements (n, 3) of `NAME-` and `NAME+`.
        units: (52, n, 3) in the order of `ARKIT`.
    """

    base: np.ndarray
    mirror: np.ndarray
    skin: np.ndarray
    tongue: np.ndarray
    upper_teeth: np.ndarray
    lower_teeth: np.ndarray
    left_eye: np.ndarray
    right_eye: np.ndarray
    lip_loops: np.ndarray
    lid_loops: np.ndarray
    macros: dict[str, np.ndarray]
    modifiers: dict[str, np.ndarray]
    units: np.ndarray

    @cached_property
    def skin_count(self) -> int:
        """Vertices of the skin."""
        return int(self.skin.max()) + 1

    @cached_property
    def refinement(self) -> Refinement:
        """The skin subdivided once."""
        return catmull_clark(self.skin, self.skin_count)

    @cached_property
    def modifier_names(self) -> tuple[str, ...]:
        """Names of the modifiers, each with its least value: −1, or 0 where only one direction exists."""
        return tuple(dict.fromkeys(name[:-1] for name in self.modifiers))


@cache
def load() -> HeadData:
    """The head of this installation.

    Raises:
        RigError: the package was built without it.
    """
    file = resources.files("utterface.rigs.human").joinpath(FILE)
    try:
        with resources.as_file(file) as path:
            kept = read_arrays(path)
    except OSError:
        raise RigError("the head was not built with this install; run `pip install .` again, with network") from None

    def named(kind: str) -> dict[str, np.ndarray]:
        return {str(name): moved for name, moved in zip(kept[f"{kind}_names"], kept[kind], strict=True)}

    units = named("unit")
    return HeadData(
        base=kept["base"].astype(np.float64),
        mirror=kept["mirror"].astype(np.int64),
        skin=kept["skin"].astype(np.int64),
        tongue=kept["tongue"].astype(np.int64),
        upper_teeth=kept["upper_teeth"].astype(np.int64),
        lower_teeth=kept["lower_teeth"].astype(np.int64),
        left_eye=np.unique(kept["l_eye"]),
        right_eye=np.unique(kept["r_eye"]),
        lip_loops=kept["lip_loops"].astype(np.int64),
        lid_loops=kept["lid_loops"].astype(np.int64),
        macros=named("macro"),
        modifiers=named("modifier"),
        units=np.stack([units[name] for name in ARKIT]).astype(np.float64),
    )
