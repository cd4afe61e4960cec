"""Colours of the skin, a colour a vertex: tone, redder and browner zones, lips, lids, and the shadow of hair."""

import numpy as np

from utterface.rigs.human.data import CORNERS, HeadData
from utterface.rigs.human.identity import HAIR_COLOURS, Identity
from utterface.rigs.human.pieces import colour, ramp_colour
from utterface.rigs.human.scalp import shadow
from utterface.rigs.human.seals import split_lids

SKIN = ((0.0, "#f2d3c2"), (0.2, "#e3b79c"), (0.4, "#cd9a78"), (0.6, "#a3704c"), (0.8, "#6d452d"), (1.0, "#462b1e"))
_ROOTS = (1.5, 1.5)  # by loop of the lids, from inside out: where the upper lashes grow
_LIP_SHARES = (0.30, 0.85, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
# Blobs of redder skin on the mean head: centre mm (left), reach mm, strength.
_RED = (
    ((0.0, -43.0, 42.0), (13.0, 11.0, 14.0), 0.55),  # tip of the nose
    ((14.0, -45.0, 27.0), (8.0, 8.0, 12.0), 0.5),  # its wings
    ((38.0, -42.0, 18.0), (20.0, 17.0, 26.0), 0.5),  # cheeks
    ((0.0, -100.0, 28.0), (15.0, 10.0, 16.0), 0.25),  # chin
    ((72.0, -25.0, -85.0), (12.0, 34.0, 30.0), 0.6),  # ears
    ((0.0, 30.0, 20.0), (30.0, 14.0, 20.0), 0.1),
)
_DARK = (((29.0, -13.0, 14.0), (15.0, 7.0, 14.0), 0.35), ((30.0, 8.0, 16.0), (17.0, 7.0, 14.0), 0.22))  # round the eyes
_PALE = (((0.0, 58.0, 0.0), (45.0, 25.0, 40.0), 0.25), ((0.0, -20.0, 40.0), (6.0, 22.0, 20.0), 0.3))


def tone_of(identity: Identity) -> np.ndarray:
    """(3,) sRGB of the skin."""
    return ramp_colour(SKIN, identity.skin)


def lip_share(data: HeadData) -> np.ndarray:
    """(S,) how much of the lips' red each coarse vertex of the skin has."""
    share = np.zeros(data.skin_count)
    bag = _inside(data)
    share[bag] = 1
    for loop, red in zip(data.lip_loops, _LIP_SHARES, strict=True):
        share[loop] = np.maximum(share[loop], red)
    for loop in data.lip_loops[:3]:  # the red thins towards the corners
        for corner in CORNERS:
            for step, keep in ((0, 0.15), (1, 0.45), (2, 0.8)):
                for at in {corner - step, corner + step}:
                    share[loop[at % len(loop)]] *= keep
    return share


def _inside(data: HeadData) -> np.ndarray:
    """Coarse vertices of the mouth's lining: what is reached from the innermost loop without crossing the lips."""
    skin = data.skin
    seen = np.zeros(data.skin_count, bool)
    wall = np.zeros(data.skin_count, bool)
    wall[data.lip_loops[:-1]] = True
    seen[data.lip_loops[-1]] = True
    while True:
        touched = skin[seen[skin].any(1) & ~wall[skin].any(1)].ravel()
        if seen[touched].all():
            return np.flatnonzero(seen)
        seen[touched] = True


def skin_colours(data: HeadData, identity: Identity, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(F, 3) sRGB of the refined skin, and (F,) share of the lips.

    Args:
        data: the coarse head.
        identity: whose.
        mean: (F, 3) mm of the mean head.
    """
    tone = tone_of(identity)
    dark = float(np.clip(identity.skin, 0, 1))
    lip = np.clip(data.refinement.apply(lip_share(data)[:, None])[:, 0], 0, 1)
    red, shade, pale = (_blobs(mean, table)[:, None] for table in (_RED, _DARK, _PALE))
    blood = tone * (np.array([1.03, 0.80, 0.77]) * (1 - dark) + np.array([0.96, 0.84, 0.82]) * dark)
    colours = np.tile(tone, (len(mean), 1))
    colours += (blood - tone) * red * (1 - 0.35 * dark)
    colours *= 1 - shade * np.array([0.13, 0.19, 0.17])
    colours += pale * 0.035
    colours *= 1 + 0.022 * _mottle(mean)[:, None] * np.array([0.6, 1.0, 1.0])
    lips = _lip_tone(tone, identity)
    share = (lip**1.2)[:, None]
    colours += (lips - colours) * share * (0.55 + 0.45 * identity.lips)
    lid = np.zeros(data.skin_count)
    lid[np.concatenate([data.lid_loops[1:].ravel(), data.mirror[data.lid_loops[1:].ravel()]])] = 1
    edge = np.clip(data.refinement.apply(lid[:, None]), 0, 1)
    colours += (0.5 * tone + 0.5 * colour("#b5736a") - colours) * edge * 0.75
    colours += (colour("#1d1512") - colours) * _lash_line(data, mean) * 0.85
    if identity.hair != "none":
        roots = colour(HAIR_COLOURS[identity.hair_colour])
        growth = shadow(mean)[:, None] * (0.4 if identity.hair == "stubble" else 0.95)
        if identity.hair == "bun":  # what grows in front of the ears is combed away
            growth = growth * np.where((mean[:, 1] < 12) & (mean[:, 2] > -80), 0.35, 1)[:, None]
        colours += ((0.72 + 0.2 * roots.mean()) * roots - colours) * growth
    return np.clip(colours, 0, 1), lip


def _lash_line(data: HeadData, mean: np.ndarray) -> np.ndarray:
    """(F, 1) how much each vertex lies under the roots of the upper lashes, which darken the lid's edge from afar."""
    roots = np.zeros(data.skin_count)
    for loop, share in zip(data.lid_loops, _ROOTS, strict=False):
        upper, _ = split_lids(mean[: data.skin_count], loop)
        shares = share * np.interp(np.linspace(0, 1, len(upper)), [0, 0.25, 0.9, 1], [0, 0.8, 1, 0.6])
        roots[upper] = roots[data.mirror[upper]] = shares
    return np.asarray(np.clip(data.refinement.apply(roots[:, None]), 0, 1))


def _lip_tone(tone: np.ndarray, identity: Identity) -> np.ndarray:
    light, deep = colour("#b9605c"), colour("#6e3a35")
    share = identity.skin**1.3
    return np.asarray(0.25 * tone + 0.75 * (light + (deep - light) * share))


def _blobs(points: np.ndarray, table: tuple) -> np.ndarray:
    even = points * np.sign(np.where(points[:, :1] == 0, 1, points[:, :1])) ** np.array([1, 0, 0])
    total = np.zeros(len(points))
    for centre, reach, strength in table:
        distance = np.linalg.norm((even - centre) / reach, axis=1)
        total = np.maximum(total, strength * np.exp(-0.9 * distance**2))
    return total


def _mottle(points: np.ndarray) -> np.ndarray:
    """(F,) −1 to 1: uneven colour, a few millimetres to centimetres wide."""
    total = np.zeros(len(points))
    rng = np.random.default_rng(7)
    for wave, amount in ((34.0, 0.5), (17.0, 0.35), (8.0, 0.25)):
        for _ in range(5):
            direction = rng.standard_normal(3)
            direction *= 2 * np.pi / wave / np.linalg.norm(direction)
            total += amount * 0.5 * np.sin(points @ direction + rng.uniform(0, 7))
    return np.clip(total, -1, 1)
