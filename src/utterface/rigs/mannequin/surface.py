"""The clay: the head's skin as a smooth implicit surface, a union of rounded forms with soft seams.

The field is negative inside. Each form is an ellipsoid or a tapered bone in millimetres; the forms are joined in order
by a smooth minimum (or carved out by a smooth maximum), so that every seam has its own softness. The mouth, the lids
and the ears are not here: they are laid as loops on this surface by their own modules.

Frame (millimetres): +x the subject's left, +y up, +z forward; y = 0 at the pupils, z = 0 at the ear canals.
Sizes follow the means of adult women and men in Farkas, Anthropometry of the Head and Face (2nd ed., 1994): head
breadth 150, head length 192, face width 135, jaw width 102, nasion to gnathion 118, nose width 33.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

FloatArray = np.ndarray


@dataclass(frozen=True)
class Form:
    """One lump of clay.

    Attributes:
        name: what it stands for.
        centre: (x, y, z) of an ellipsoid, or one end of a bone.
        radii: (rx, ry, rz) of an ellipsoid; of a bone (start radius, end radius, sideways stretch).
        blend: softness of the seam to what was there before, in mm.
        end: the other end of a bone; None for an ellipsoid.
        tilt: degrees of (pitch about x, yaw about y, roll about z) of an ellipsoid.
        carve: take away rather than add.
    """

    name: str
    centre: tuple[float, float, float]
    radii: tuple[float, float, float]
    blend: float = 20.0
    end: tuple[float, float, float] | None = None
    tilt: tuple[float, float, float] = (0.0, 0.0, 0.0)
    carve: bool = False

    @property
    def paired(self) -> bool:
        """Off the middle: there is one on either side."""
        return abs(self.centre[0]) > 0


FORMS = (
    Form("cranium", (0, 29, 0), (72.5, 80, 93), 0),
    Form("forehead", (0, 32, 37), (59, 55, 58), 25),
    Form("temple", (50, 6, 44), (17, 32, 28), 30),
    Form("midface", (0, -34, 38), (58, 60, 54), 28),
    Form("ramus", (45.5, -56, 16), (11, 34, 24), 30, tilt=(-12, 0, -9)),
    Form("jaw", (0, -84, 46), (42, 26, 48), 28, tilt=(9, 0, 0)),
    Form("muzzle", (0, -69, 71), (33, 27, 35), 24),
    Form("chin", (0, -102, 91), (17.5, 13, 15), 24),
    Form("cheekbone", (45, -22, 56), (19, 14, 22), 26, tilt=(0, 35, 12)),
    Form("cheek", (30, -44, 68), (21, 26, 20), 26),
    Form("neck", (0, -70, -16), (47, 50, 1.0), 14, end=(0, -205, -30)),
    Form("trapezius", (26, -140, -44), (15, 20, 1.0), 34, end=(112, -212, -42)),
    Form("shoulder", (60, -236, -30), (34, 36, 1.0), 40, end=(118, -244, -34)),
    Form("chest", (0, -262, -16), (112, 72, 60), 45),
    Form("sternomastoid", (47, -80, -18), (6, 5, 1.0), 24, end=(12, -202, 20)),
    Form("clavicle", (16, -200, 30), (6, 5, 1.0), 18, end=(120, -192, -4)),
    Form("orbit", (34, -1, 94), (20, 12, 14), 18, tilt=(0, 22, 0), carve=True),
    Form("inner socket", (15.5, 3, 101), (6, 8, 10), 12, carve=True),
    Form("brow", (12, 16, 85), (8, 6.5, 1.0), 18, end=(43, 19, 67)),
    Form("nose bridge", (0, 9, 86.5), (6.2, 7.6, 1.0), 16, end=(0, -30, 104.5)),
    Form("nose side", (8.0, -30, 95), (5.0, 12, 8), 14, tilt=(0, 30, 0)),
    Form("nose tip", (0, -38.4, 109.8), (9.4, 9.0, 11), 8),
    Form("nose wing", (13.2, -40.4, 102.8), (6.0, 7.0, 8.8), 3, tilt=(0, -24, 0)),
    Form("columella", (0, -45, 104), (3.3, 3.6, 1.0), 5, end=(0, -45.2, 112)),
    Form("philtrum", (0, -54, 113.3), (3.0, 9, 3.2), 6, carve=True),
    Form("mentolabial", (0, -87, 114), (26, 4.5, 9), 14, carve=True),
)


@cache
def _rotation(tilt: tuple[float, float, float]) -> FloatArray:
    """(3, 3) world from local for degrees of pitch, yaw, roll."""
    pitch, yaw, roll = np.radians(tilt)
    cx, sx, cy, sy, cz, sz = np.cos(pitch), np.sin(pitch), np.cos(yaw), np.sin(yaw), np.cos(roll), np.sin(roll)
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return about_y @ about_x @ about_z


def _ellipsoid(points: FloatArray, form: Form) -> tuple[FloatArray, FloatArray]:
    """Distance to an ellipsoid, first order near its surface, and the direction away from it."""
    rotation = _rotation(form.tilt)
    scaled = (points - np.array(form.centre)) @ (rotation / np.array(form.radii))
    steep = scaled / np.array(form.radii)
    near, slope = np.sqrt((scaled**2).sum(-1)) + 1e-9, np.sqrt((steep**2).sum(-1)) + 1e-9
    return near * (near - 1) / slope, (steep / slope[..., None]) @ rotation.T


def _bone(points: FloatArray, form: Form) -> tuple[FloatArray, FloatArray]:
    """Distance to a capsule whose radius runs from one end's to the other's, and the direction away from it."""
    start = np.array(form.centre)
    axis = np.array(form.end) - start
    along = np.clip((points - start) @ axis / (axis @ axis), 0, 1)
    off = points - start - along[..., None] * axis
    off[..., 0] /= form.radii[2]
    far = np.sqrt((off**2).sum(-1)) + 1e-9
    return far - (form.radii[0] + along * (form.radii[1] - form.radii[0])), off / far[..., None]


def field(points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Signed distance, roughly, of (..., 3) points in mm to the skin, negative inside; and its slope (..., 3).

    Even in x. Forms join by a smooth minimum, twice differentiable, that departs from the minimum only where the two
    distances differ by less than the blend.
    """
    side = np.array(points, np.float64)
    x = side[..., 0].copy()
    side[..., 0] = np.sqrt(x**2 + 1.0)  # rounds the crease where paired forms meet in the middle
    total, slope = _ellipsoid(side, FORMS[0])
    for form in FORMS[1:]:
        distance, away = _bone(side, form) if form.end else _ellipsoid(side, form)
        sign = -1.0 if form.carve else 1.0
        apart = sign * total - distance
        near = np.maximum(form.blend - np.abs(apart), 0) / form.blend
        share = np.where(apart > 0, 1 - near**2 / 2, near**2 / 2)[..., None]  # of the new form
        total = sign * (np.minimum(sign * total, distance) - near**3 * (form.blend / 6))
        slope = (1 - share) * slope + sign * share * away
    slope[..., 0] *= x / side[..., 0]
    return total, slope


def project(points: FloatArray, steps: int = 4, reach: float = 15.0) -> FloatArray:
    """Nearest skin, roughly, of (..., 3) points in mm, by Newton steps along the field's slope."""
    points = np.array(points, np.float64)
    for _ in range(steps):
        distance, slope = field(points)
        move = distance / np.maximum((slope**2).sum(-1), 0.05)
        points -= np.clip(move, -reach, reach)[..., None] * slope
    return points


def depth(x: FloatArray, y: FloatArray, start: float = 135.0) -> FloatArray:
    """z of the skin seen from the front at (x, y) in mm: marches back from `start`."""
    points = np.stack(np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float), start), -1).astype(float)
    for _ in range(22):
        distance, slope = field(points)
        points[..., 2] -= np.clip(distance / np.maximum(slope[..., 2], 0.7), -4, 12)
    return points[..., 2]
