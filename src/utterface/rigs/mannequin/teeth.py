"""Teeth, gums and tongue in the closed mouth, in millimetres.

Crown widths are means of permanent teeth (Wheeler's Dental Anatomy), a little narrowed so that twelve fit the arch.
"""

import numpy as np

from utterface.rigs.mannequin import proportions as at

FRONT = 97.2  # z of the upper front teeth's face
UPPER_EDGE, LOWER_EDGE = -70.2, -68.4  # heights of the cutting edges: a small overbite
OVERJET = 2.9
UPPER_WIDTHS = (8.4, 6.6, 7.4, 6.9, 6.7, 9.8)
LOWER_WIDTHS = (5.4, 5.9, 6.7, 6.9, 7.0, 10.4)
UPPER_HEIGHTS = (10.0, 8.8, 9.6, 8.2, 7.6, 7.0)
LOWER_HEIGHTS = (8.4, 8.4, 9.4, 8.2, 7.6, 7.0)
UPPER_RISE = (0.0, 0.7, 0.0, 0.5, 0.7, 0.8)  # how much shorter than the front tooth's edge each hangs
THICKNESS = (4.6, 4.4, 5.6, 7.2, 7.6, 9.2)
AROUND = 8
RINGS = ((0.0, 0.86, 0.92), (0.5, 1.0, 1.0), (0.88, 0.97, 0.62), (1.0, 0.80, 0.34))  # (height, width, thickness) shares


def arch(distance: np.ndarray, inset: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """(n, 2) x, z and (n, 2) outward unit vectors at `distance` (mm) from the middle along the dental arch."""
    t = np.linspace(0, 1, 200)
    x = 25.5 * np.sin(t * np.pi / 2) ** 0.93
    z = FRONT - 44.0 * (1 - np.cos(t * np.pi / 2)) ** 1.06
    run = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(z)))])
    at_x, at_z = np.interp(distance, run, x), np.interp(distance, run, z)
    ahead = np.stack([np.interp(distance + 0.5, run, x), np.interp(distance + 0.5, run, z)], -1)
    behind_at = np.maximum(distance - 0.5, 0)
    behind = np.stack([np.interp(behind_at, run, x), np.interp(behind_at, run, z)], -1)
    tangent = ahead - behind
    tangent /= np.linalg.norm(tangent, axis=-1, keepdims=True)
    outward = np.stack([-tangent[:, 1], tangent[:, 0]], -1)
    return np.stack([at_x, at_z], -1) - inset * outward, outward


def _tooth(
    where: np.ndarray, outward: np.ndarray, width: float, thick: float, edge: float, gum: float
) -> tuple[np.ndarray, np.ndarray]:
    """One crown as rings from the gum to the edge, closed there."""
    turn = 2 * np.pi * (np.arange(AROUND) + 0.5) / AROUND
    cos, sin = np.cos(turn), np.sin(turn)
    across, deep = np.sign(cos) * np.abs(cos) ** 0.6, np.sign(sin) * np.abs(sin) ** 0.6
    along = np.array([outward[1], -outward[0]])
    vertices = []
    for height, wide, fat in RINGS:
        y = gum + height * (edge - gum)
        flat = where + (0.5 * width * wide * across)[:, None] * along
        # the outer face stays in place while the tooth thins towards its edge
        flat = flat + (thick * (0.5 * fat * deep - 0.5 + (1 - fat) * 0.28))[:, None] * outward
        vertices.append(np.stack([flat[:, 0], np.full(AROUND, y), flat[:, 1]], -1))
    triangles = []
    up = edge > gum
    for ring in range(len(RINGS) - 1):
        for k in range(AROUND):
            a, b = ring * AROUND + k, ring * AROUND + (k + 1) % AROUND
            c, d = a + AROUND, b + AROUND
            triangles += [(a, d, b), (a, c, d)] if up else [(a, b, d), (a, d, c)]
    last = (len(RINGS) - 1) * AROUND
    for k in range(1, AROUND - 1):
        triangles.append((last, last + k + 1, last + k) if up else (last, last + k, last + k + 1))
    return np.concatenate(vertices), np.array(triangles)


def row(upper: bool) -> tuple[np.ndarray, np.ndarray]:
    """Six teeth of the left side: vertices (n, 3) mm, triangles."""
    widths, heights = (UPPER_WIDTHS, UPPER_HEIGHTS) if upper else (LOWER_WIDTHS, LOWER_HEIGHTS)
    inset = 0.0 if upper else OVERJET
    middle = 0.0
    vertices, triangles, count = [], [], 0
    for number, (width, height) in enumerate(zip(widths, heights, strict=True)):
        where, outward = arch(np.array([middle + width / 2]), inset)
        middle += width
        if upper:
            edge = UPPER_EDGE + UPPER_RISE[number]
            gum = UPPER_EDGE + height
        else:
            edge = LOWER_EDGE - 0.6 * UPPER_RISE[number]
            gum = LOWER_EDGE - height
        v, t = _tooth(where[0], outward[0], width * 0.99, THICKNESS[number] * (1 if upper else 0.9), edge, gum)
        vertices.append(v)
        triangles.append(t + count)
        count += len(v)
    return np.concatenate(vertices), np.concatenate(triangles)


def gum(upper: bool) -> tuple[np.ndarray, np.ndarray]:
    """The gum over one jaw, left and right: vertices (n, 3) mm, triangles; a gutter upside down along the arch."""
    sign = 1.0 if upper else -1.0
    line = UPPER_EDGE + 8.6 if upper else LOWER_EDGE - 7.2
    inset = 0.0 if upper else OVERJET
    stations = np.linspace(0, 50, 11)
    where, outward = arch(stations, inset)
    thick = np.interp(stations, [0, 12, 30, 50], [4.6, 5.4, 8.0, 9.2])
    profile = ((0.1, 0.0), (0.9, 1.4), (0.9, 4.6), (-4.0, 6.4), (-1.35, 1.0), (-1.1, -0.4))
    rings = []
    for out, up in profile:
        # thicknesses are given in mm for the outer wall and in shares of the tooth for the inner one
        shift = np.full_like(thick, out) if out > -1.0 else (out * thick if out > -2 else -0.6 * thick)
        flat = where + shift[:, None] * outward
        rings.append(np.stack([flat[:, 0], np.full(len(stations), line + sign * up), flat[:, 1]], -1))
    half = np.stack(rings, 1)
    half[0, :, 0] = 0
    whole = np.concatenate([half[:0:-1] * [-1, 1, 1], half])
    n, m = whole.shape[:2]
    triangles = []
    for a in range(n - 1):
        for b in range(m - 1):
            p, q, r, s = a * m + b, (a + 1) * m + b, (a + 1) * m + b + 1, a * m + b + 1
            triangles += [(p, q, r), (p, r, s)] if upper else [(p, r, q), (p, s, r)]
    return whole.reshape(-1, 3), np.array(triangles)


TONGUE_TIP, TONGUE_ROOT = 88.0, 50.0
TONGUE_ALONG, TONGUE_AROUND = 10, 12


def tongue() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vertices (n, 3) mm, triangles, and (n,) share from 0 at the root to 1 at the tip."""
    share = np.linspace(0, 1, TONGUE_ALONG) ** 0.9
    z = TONGUE_ROOT + (TONGUE_TIP - TONGUE_ROOT) * share
    round_ = np.sqrt(np.clip(1 - (np.clip(share - 0.72, 0, 1) / 0.285) ** 2, 0, 1))
    half_width = 16.5 * (1 - 0.12 * share) * np.maximum(round_, 0.12)
    height = (6.8 - 3.0 * share) * np.maximum(round_, 0.25)
    y = at.SEAM_HEIGHT - 8.0 + 2.0 * np.sin(np.pi * (1 - share)) - 1.0 * share
    turn = 2 * np.pi * np.arange(TONGUE_AROUND) / TONGUE_AROUND + np.pi / 2
    groove = 1.3 * np.exp(-((np.cos(turn) / 0.25) ** 2)) * (np.sin(turn) > 0)
    x = half_width[:, None] * np.cos(turn)
    up = (
        height[:, None] * np.where(np.sin(turn) > 0, 0.75, 1.0) * np.sin(turn)
        - groove * round_[:, None] * (1 - 0.4 * share)[:, None]
    )
    vertices = np.stack([x, y[:, None] + up, np.broadcast_to(z[:, None], x.shape)], -1).reshape(-1, 3)
    vertices = np.vstack([vertices, [[0, y[-1] - 0.2, TONGUE_TIP + 0.9]]])
    triangles = []
    for a in range(TONGUE_ALONG - 1):
        for k in range(TONGUE_AROUND):
            p, q = a * TONGUE_AROUND + k, a * TONGUE_AROUND + (k + 1) % TONGUE_AROUND
            triangles += [(p, q, q + TONGUE_AROUND), (p, q + TONGUE_AROUND, p + TONGUE_AROUND)]
    last = (TONGUE_ALONG - 1) * TONGUE_AROUND
    for k in range(TONGUE_AROUND):
        triangles.append((last + k, last + (k + 1) % TONGUE_AROUND, last + TONGUE_AROUND))
    along = np.append(np.repeat(share, TONGUE_AROUND), 1.0)
    return vertices, np.array(triangles), along
