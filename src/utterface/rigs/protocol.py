"""The contract every rig keeps. One file a rig, no inheritance between rigs."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np


@dataclass(frozen=True)
class Part:
    """A run of triangles with one material: `skin`, `eyes`, `teeth`, `gums`, `tongue`, `brows`, `lashes` …

    `triangles` is a slice of the rig's triangle array.
    """

    name: str
    material: str
    triangles: slice


@dataclass(frozen=True)
class Material:
    """A surface.

    Attributes:
        colour: linear red, green, blue and alpha, which a picture multiplies.
        roughness: 0…1.
        two_sided: whether its back shows.
        unlit: whether it shows its colour whatever the light.
        opaque: alpha from which it is drawn; 0 where all of it is.
        is_textured: whether it has a picture, perhaps one that cannot be read.
        picture: a file of PNG, JPEG or WebP; empty where there is none.
    """

    colour: tuple[float, ...]
    roughness: float
    two_sided: bool = False
    unlit: bool = False
    opaque: float = 0.0
    is_textured: bool = False
    picture: bytes = b""


@dataclass(frozen=True)
class Joint:
    """What turns rigidly after the weights have moved the vertices: the head on its neck, an eyeball in the head.

    Attributes:
        name: `head`, `leftEye`, `rightEye`.
        pivot: (3,) metres.
        channels: the yaw, pitch and roll that turn it, R = R_y(−yaw) · R_x(pitch) · R_z(roll).
        follow: (V,) float32, how much each vertex takes part, 0…1.
        parent: name of the joint that carries it; empty where it stands on the ground.
    """

    name: str
    pivot: np.ndarray
    channels: tuple[str, str, str]
    follow: np.ndarray
    parent: str = ""


@runtime_checkable
class Rig(Protocol):
    """Channels → vertices. World: right-handed, +Y up, the face looks to +Z, metres, counter-clockwise triangles.

    Attributes:
        name: shown to people.
        template: (V, 3) float32 metres, the neutral face.
        triangles: (F, 3) int32 into the vertices.
        channels: names of the channels it understands.
        parts: runs of triangles with their material; empty where the rig has none.
        regions: named vertex sets, (n,) int64 each. Every rig with a mouth has `lips_inner_upper` and
            `lips_inner_lower`, paired one to one around the middle of the mouth; the lip gap is measured there.
        joints: what turns rigidly (head and eyes), carriers of others included; empty where nothing does.
        tint: (V,) float32, how much of the lips' red each vertex has; None where the rig tints nothing.
        openness: (V,) float32 as `rigs.shading.openness` measures it; None where it is to be measured.
        colours: (V, 3) float32 sRGB, 0 to 1, lips and all; None where renderers colour by material and `tint`.
    """

    @property
    def name(self) -> str: ...

    @property
    def template(self) -> np.ndarray: ...

    @property
    def triangles(self) -> np.ndarray: ...

    @property
    def channels(self) -> tuple[str, ...]: ...

    @property
    def parts(self) -> tuple[Part, ...]: ...

    @property
    def regions(self) -> dict[str, np.ndarray]: ...

    @property
    def joints(self) -> tuple[Joint, ...]: ...

    @property
    def tint(self) -> np.ndarray | None: ...

    @property
    def openness(self) -> np.ndarray | None: ...

    @property
    def colours(self) -> np.ndarray | None: ...

    def vertices(self, values: np.ndarray) -> np.ndarray:
        """(T, C) values of `channels` → (T, V, 3) float32 metres; zero values give the template."""
        ...
