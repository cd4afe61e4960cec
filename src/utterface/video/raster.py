# mypy: disable-error-code="no-untyped-def"
"""Triangles to pixels on a processor: loops that Numba compiles, once a machine.

Which triangle every sample of a picture shows is found first; then each pixel is coloured by its samples.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

NOTHING = -1
SIDE = 3  # samples along each side of a pixel
_LEAST = 1e-6  # samples² of a triangle that is drawn
_FAR = 1e9
_BAND = 12  # rows of pixels at once
_STEP = 0.007  # metres in depth inside a pixel that make an edge
_compiled = njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "arcp", "nsz"})


class Surface(NamedTuple):
    """What does not change from frame to frame.

    Attributes:
        triangles: (F, 3) int32, their fronts clockwise on the picture.
        parts: (F,) int32 number of the part of each; pixels where two meet are drawn by all their samples.
        thin: (F,) bool, triangles that show their backs too.
        eyes: (F,) bool, triangles that show glints.
        sheets: (F, 3) int64 first texel, height and width of each triangle's texture; width 0 for none.
        opaque: (F,) uint8 alpha from which texels are drawn; 0 where all are.
        uv: (n, 2) float32 places of the vertices in their textures.
        texels: (N, 4) uint8 of all textures, sRGB and alpha.
    """

    triangles: np.ndarray
    parts: np.ndarray
    thin: np.ndarray
    eyes: np.ndarray
    sheets: np.ndarray
    opaque: np.ndarray
    uv: np.ndarray
    texels: np.ndarray

    @classmethod
    def plain(cls, triangles: np.ndarray) -> "Surface":
        """(F, 3) int32 triangles of one part, without pictures, eyes or backs."""
        count, none = len(triangles), np.zeros(len(triangles), bool)
        return cls(
            triangles=triangles,
            parts=np.zeros(count, np.int32),
            thin=none,
            eyes=none,
            sheets=np.zeros((count, 3), np.int64),
            opaque=np.zeros(count, np.uint8),
            uv=np.zeros((int(triangles.max(initial=0)) + 1, 2), np.float32),
            texels=np.zeros((1, 4), np.uint8),
        )


class Tone(NamedTuple):
    """From light to bytes.

    Attributes:
        linear: (256,) float32 linear light of a texel's byte.
        curve: (steps,) uint8 of linear light from 0 to `brightest`.
        brightest: linear light that the curve still tells apart.
        background: (3,) uint8.
        behind: (3,) float32 its linear light, beside what covers a pixel in part.
        clear: whether the background is transparent instead.
    """

    linear: np.ndarray
    curve: np.ndarray
    brightest: float
    background: np.ndarray
    behind: np.ndarray
    clear: bool


@_compiled
def normals(vertices, triangles):
    """(V, 3) float32 unit normals of (V, 3) vertices, (F, 3) triangles weighted by their area."""
    facing = np.zeros((len(vertices), 3), np.float32)
    for number in range(len(triangles)):
        a, b, c = triangles[number, 0], triangles[number, 1], triangles[number, 2]
        ux, uy, uz = vertices[b, 0] - vertices[a, 0], vertices[b, 1] - vertices[a, 1], vertices[b, 2] - vertices[a, 2]
        vx, vy, vz = vertices[c, 0] - vertices[a, 0], vertices[c, 1] - vertices[a, 1], vertices[c, 2] - vertices[a, 2]
        x, y, z = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for corner in (a, b, c):
            facing[corner, 0] += x
            facing[corner, 1] += y
            facing[corner, 2] += z
    for vertex in range(len(facing)):
        x, y, z = facing[vertex, 0], facing[vertex, 1], facing[vertex, 2]
        length = max(math.sqrt(x * x + y * y + z * z), 1e-20)
        facing[vertex, 0], facing[vertex, 1], facing[vertex, 2] = x / length, y / length, z / length
    return facing


@_compiled
def drawn(points, surface, colours, glints, brightness, radius, tone, width, height):
    """(height, width, 4) uint8 picture: over the background, or with straight alpha.

    Args:
        points: (n, 3) float32, x and y in samples from the upper left corner, and how near; larger is nearer.
        surface: what is drawn.
        colours: (n, 3) float32 linear light of the vertices, which textures multiply.
        glints: (E, 2) places of spots of light on eyes, in samples.
        brightness, radius: of the spots; in samples.
        tone: from light to bytes.
        width, height: pixels.
    """
    picture = np.empty((height, width, 4), np.uint8)
    shown = np.empty((SIDE * _BAND, SIDE * width), np.int32)  # a band at a time stays in a processor's cache
    near = np.empty((SIDE * _BAND, SIDE * width), np.float32)
    fronts, rows = _fronts(points, surface.triangles, surface.thin)
    for band in range(0, height, _BAND):
        _find(points, surface, fronts, rows, SIDE * band, shown, near)
        _colour(
            shown, near, points, surface, colours, glints, brightness, radius, tone, band, picture[band : band + _BAND]
        )
    return picture


@_compiled
def nearest(points, surface, width, height):
    """(height, width) int32 number of the triangle that each sample shows, or `NOTHING`; see `drawn`."""
    shown, near = np.empty((height, width), np.int32), np.empty((height, width), np.float32)
    fronts, rows = _fronts(points, surface.triangles, surface.thin)
    _find(points, surface, fronts, rows, 0, shown, near)
    return shown


@_compiled
def _fronts(points, triangles, thin):
    """Numbers of the triangles that face the camera, and (F, 2) the first of their rows and the one after the last."""
    fronts, rows = np.empty(len(triangles), np.int32), np.empty((len(triangles), 2), np.int32)
    count = 0
    for number in range(len(triangles)):
        a, b, c = triangles[number, 0], triangles[number, 1], triangles[number, 2]
        twice = _twice(points, a, b, c)
        if twice > _LEAST or (thin[number] and twice < -_LEAST):
            fronts[count] = number
            rows[count, 0] = _first(min(points[a, 1], points[b, 1], points[c, 1]))
            rows[count, 1] = _first(max(points[a, 1], points[b, 1], points[c, 1]))
            count += 1
    return fronts[:count], rows[:count]


@_compiled
def _find(points, surface, fronts, rows, top, shown, near):
    """Write what each sample of a band shows, whose first row is `top`, and how near it is."""
    shown[:] = NOTHING
    near[:] = -np.inf
    height, width = shown.shape
    triangles, sheets, opaque, uv, texels = (
        surface.triangles, surface.sheets, surface.opaque, surface.uv, surface.texels
    )  # fmt: skip
    for at in range(len(fronts)):
        begin, end = max(rows[at, 0] - top, 0), min(rows[at, 1] - top, height)
        if begin >= end:
            continue
        number = fronts[at]
        a, b, c = triangles[number, 0], triangles[number, 1], triangles[number, 2]
        twice = _twice(points, a, b, c)
        if twice < 0:
            b, c, twice = c, b, -twice
        cut, u, v = opaque[number], (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)
        depth = _plane(points, a, b, c, points[a, 2], points[b, 2], points[c, 2], twice)
        if cut:
            u = _plane(points, a, b, c, uv[a, 0], uv[b, 0], uv[c, 0], twice)
            v = _plane(points, a, b, c, uv[a, 1], uv[b, 1], uv[c, 1], twice)
        one, two, three = _edge(points, a, b), _edge(points, b, c), _edge(points, c, a)
        for row in range(begin, end):
            y = top + row + 0.5
            left = max(one[0] + one[2] * y, two[0] + two[2] * y, three[0] + three[2] * y)
            right = min(one[1] + one[2] * y, two[1] + two[2] * y, three[1] + three[2] * y)
            base, across = np.float32(depth[0] + depth[2] * y), np.float32(depth[1])
            for column in range(np.uintp(max(_first(left), 0)), np.uintp(max(min(_first(right), width), 0))):
                x = np.float32(column) + np.float32(0.5)
                nearness = base + across * x
                if nearness > near[row, column]:
                    if cut:
                        texel = _texel(sheets, number, u[0] + u[1] * x + u[2] * y, v[0] + v[1] * x + v[2] * y)
                        if texels[texel, 3] < cut:
                            continue
                    near[row, column] = nearness
                    shown[row, column] = number


@_compiled
def _colour(shown, near, points, surface, colours, glints, brightness, radius, tone, top, picture):
    """Write the (rows, width, 4) picture of a band, whose first row of pixels is `top`, by what its samples show."""
    every = SIDE * SIDE
    triangles, eyes, sheets, uv, texels = surface.triangles, surface.eyes, surface.sheets, surface.uv, surface.texels
    parts = surface.parts
    linear, curve, background, behind = tone.linear, tone.curve, tone.background, tone.behind
    steps, clear = (len(curve) - 1) / tone.brightest, tone.clear
    for row in range(picture.shape[0]):
        for column in range(picture.shape[1]):
            once = _is_smooth(shown, near, parts, sheets, row * SIDE, column * SIDE)
            red, green, blue, cover, seen = 0.0, 0.0, 0.0, 0, 0
            for at in range(every // 2 if once else 0, every // 2 + 1 if once else every):
                x, y = column * SIDE + at % SIDE, row * SIDE + at // SIDE
                number = shown[y, x]
                if number != NOTHING:
                    times = every if once else 1
                    across, down = x + 0.5, y + SIDE * top + 0.5
                    r, g, b = _light(number, across, down, points, triangles, sheets, uv, texels, colours, linear)
                    red, green, blue = red + times * r, green + times * g, blue + times * b
                    cover += times
                    seen += times * eyes[number]
            picture[row, column, 3] = (255 * cover + every // 2) // every if clear else 255
            if not cover:
                picture[row, column, 0] = background[0]
                picture[row, column, 1] = background[1]
                picture[row, column, 2] = background[2]
                continue
            spot = 0.0
            if seen:
                for eye in range(len(glints)):
                    x, y = (column + 0.5) * SIDE - glints[eye, 0], (top + row + 0.5) * SIDE - glints[eye, 1]
                    spot += brightness * seen * math.exp(-2 * (x * x + y * y) / (radius * radius))
            rest, whole = (0, cover) if clear else (every - cover, every)
            for channel, value in enumerate((red, green, blue)):
                light = (value + spot + rest * behind[channel]) / whole
                picture[row, column, channel] = curve[int(min(light * steps, len(curve) - 1.0) + 0.5)]


@_compiled
def _is_smooth(shown, near, parts, sheets, row, column):
    """Whether a pixel, whose first sample is named, needs but its middle: one part without a texture or a step."""
    first = shown[row, column]
    part, textured = (parts[first], sheets[first, 2]) if first != NOTHING else (-1, 0)
    depth = near[row, column]
    if textured:
        return False
    for j in range(row, row + SIDE):
        for i in range(column, column + SIDE):
            number = shown[j, i]
            step = number == NOTHING or part < 0 or parts[number] != part or abs(near[j, i] - depth) > _STEP
            if number != first and step:
                return False
    return True


@_compiled
def _light(number, x, y, points, triangles, sheets, uv, texels, colours, linear):
    """Red, green and blue light of a triangle at a place."""
    a, b, c = triangles[number, 0], triangles[number, 1], triangles[number, 2]
    twice = _twice(points, a, b, c)
    x, y = x - points[a, 0], y - points[a, 1]
    q = (y * (points[c, 0] - points[a, 0]) - x * (points[c, 1] - points[a, 1])) / twice
    r = (x * (points[b, 1] - points[a, 1]) - y * (points[b, 0] - points[a, 0])) / twice
    p = 1 - q - r
    red = max(p * colours[a, 0] + q * colours[b, 0] + r * colours[c, 0], 0.0)
    green = max(p * colours[a, 1] + q * colours[b, 1] + r * colours[c, 1], 0.0)
    blue = max(p * colours[a, 2] + q * colours[b, 2] + r * colours[c, 2], 0.0)
    if not sheets[number, 2]:
        return red, green, blue
    u, v = p * uv[a, 0] + q * uv[b, 0] + r * uv[c, 0], p * uv[a, 1] + q * uv[b, 1] + r * uv[c, 1]
    texel = _texel(sheets, number, u, v)
    return red * linear[texels[texel, 0]], green * linear[texels[texel, 1]], blue * linear[texels[texel, 2]]


@_compiled
def _texel(sheets, number, u, v):
    """Number of the texel of a triangle's texture, which repeats, at (u, v)."""
    first, height, width = sheets[number, 0], sheets[number, 1], sheets[number, 2]
    row, column = int((v - math.floor(v)) * height), int((u - math.floor(u)) * width)
    return first + min(row, height - 1) * width + min(column, width - 1)


@_compiled
def _first(place):
    """Number of the first row or column whose middle is not before a place."""
    return math.ceil(place - 0.5)


@_compiled
def _edge(points, one, other):
    """Where an edge is at height 0 as a left and as a right end of rows, and how much that changes a row down.

    An edge that goes down bounds a front on its left, one that goes up on its right.
    """
    rise = points[other, 1] - points[one, 1]
    if rise == 0:
        return -_FAR, _FAR, 0.0
    slope = (points[other, 0] - points[one, 0]) / np.float64(rise)
    start = points[one, 0] - slope * points[one, 1]
    return (start, _FAR, slope) if rise > 0 else (-_FAR, start, slope)


@_compiled
def _twice(points, a, b, c):
    """Twice the area of a triangle on the picture, positive where its front shows."""
    ux, uy = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1]
    vx, vy = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1]
    return uy * vx - ux * vy


@_compiled
def _plane(points, a, b, c, at_a, at_b, at_c, twice):
    """Base, and change across and down, of values at the corners of a triangle."""
    p, q = at_b - at_a, at_c - at_a
    ux, uy = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1]
    vx, vy = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1]
    across, down = (q * uy - p * vy) / twice, (p * vx - q * ux) / twice
    return at_a - across * points[a, 0] - down * points[a, 1], across, down
