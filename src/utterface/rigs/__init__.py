"""Rigs: what turns channels into vertices."""

from typing import TYPE_CHECKING

from utterface.rigs.protocol import Joint, Part, Rig
from utterface.rigs.solver import Solution, Strengths, solve

if TYPE_CHECKING:
    from utterface.rigs.human.identity import Identity
    from utterface.rigs.human.rig import HeadRig

__all__ = ["Joint", "Part", "Rig", "Solution", "Strengths", "head", "solve"]


def head(face: "Identity | str | None" = None, hair: str | None = None, detail: str = "high") -> "HeadRig":
    """The built-in head: ARKit's 52 shapes, teeth, tongue, eyes, brows, lashes and hair.

    Args:
        face: one of the people by name, a .toml file, or an `Identity`; None is the default person.
        hair: in place of the face's own, one of `rigs.human.identity.HAIRS`.
        detail: `high`, or `low` for few vertices.

    Raises:
        RigError: no such face, hair or detail.
    """
    from utterface.rigs.human.build import head as build
    from utterface.rigs.human.identity import identity_of

    return build(identity_of(face, hair), detail)
