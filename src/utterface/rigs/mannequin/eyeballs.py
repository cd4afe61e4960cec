"""The eyeballs: sclera, iris, pupil and cornea, turning about their centres."""

import numpy as np

from utterface.rigs.mannequin import proportions as at

AROUND = 22
# Rings of each part as (radius from the optical axis, depth along it), mm; pupil and cornea end in a point.
_SOCKET_HALF_WIDTH, _SOCKET_HALF_HEIGHT, _SOCKET_DEPTH = 15.6, 3.0, 1.0  # mm; behind the corners of the lids
_LIMBUS = np.degrees(np.arcsin(at.IRIS_RADIUS / at.EYE_RADIUS))


def _sphere(degrees: float, radius: float = at.EYE_RADIUS) -> tuple[float, float]:
    angle = np.radians(degrees)
    return radius * np.sin(angle), radius * np.cos(angle)


def _cornea(share: float) -> tuple[float, float]:
    r, z = _sphere(_LIMBUS * share * 1.02)
    return r, z + at.CORNEA_RISE * (1 - share**2) + 0.02


PROFILES: dict[str, tuple[tuple[float, float], ...]] = {
    "sclera": tuple(_sphere(a) for a in (118, 95, 74, 56, 42, 33, _LIMBUS)),
    "iris": (
        (at.IRIS_RADIUS + 0.05, _sphere(_LIMBUS)[1] + 0.01),
        (at.IRIS_RADIUS * 0.9, _sphere(_LIMBUS)[1] - 0.25),
        (at.IRIS_RADIUS * 0.6, _sphere(_LIMBUS)[1] - 0.45),
        (at.PUPIL_RADIUS, _sphere(_LIMBUS)[1] - 0.6),
    ),
    "pupil": ((at.PUPIL_RADIUS, _sphere(_LIMBUS)[1] - 0.6), (0.0, _sphere(_LIMBUS)[1] - 0.7)),
    "cornea": (_cornea(1.0), _cornea(0.7), _cornea(0.38), _cornea(0.0)),
}


def revolve(profile: tuple[tuple[float, float], ...]) -> tuple[np.ndarray, np.ndarray]:
    """(n, 3) vertices and (f, 3) triangles of rings around +z, outside facing away from the axis and forward."""
    turn = 2 * np.pi * np.arange(AROUND) / AROUND
    vertices: list[np.ndarray] = []
    triangles: list[tuple[int, int, int]] = []
    for number, (radius, depth) in enumerate(profile):
        if radius == 0:
            vertices.append(np.array([[0.0, 0.0, depth]]))
        else:
            vertices.append(np.stack([radius * np.cos(turn), radius * np.sin(turn), np.full(AROUND, depth)], -1))
        if number == 0:
            continue
        old, new = (number - 1) * AROUND, number * AROUND
        for k in range(AROUND):
            n = (k + 1) % AROUND
            if radius == 0:
                triangles.append((old + k, old + n, new))
            else:
                triangles += [(old + k, old + n, new + n), (old + k, new + n, new + k)]
    return np.concatenate(vertices), np.array(triangles)


def socket() -> tuple[np.ndarray, np.ndarray]:
    """(4, 3) vertices mm about the eye's centre and (2, 3) triangles: closes the corners that no ball can fill.

    The fissure is longer than the ball is wide, so straight ahead one would look past it into the head.
    """
    half = np.array([_SOCKET_HALF_WIDTH, _SOCKET_HALF_HEIGHT])
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
    return np.column_stack([corners, np.full(4, _SOCKET_DEPTH)]), np.array([(0, 1, 2), (0, 2, 3)])


def ball() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Part name → vertices (n, 3) mm about the eye's centre, and triangles."""
    return {name: revolve(profile) for name, profile in PROFILES.items()}
