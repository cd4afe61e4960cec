"""The control cage of the neutral skin: layout + clay + loops → half a head of positions."""

import numpy as np

from utterface.rigs.mannequin import ear, eyes, fairing, mouth, nose, surface
from utterface.rigs.mannequin import layout as flow


def neutral() -> tuple[flow.Layout, np.ndarray]:
    """The layout and (count, 3) mm of the left half's cage."""
    layout = flow.build()
    points = fairing.first_guess(layout)
    anchor = np.full(layout.count, 0.04)
    for row, *_ in fairing.JAW_ROWS:
        anchor[layout.grid[row, : fairing.JAW_COLUMNS + 1]] = 0.3
    for (row, column), place in nose.PINS.items():
        vertex = layout.grid[row, column]
        points[vertex] = surface.project(np.array(place, float))
        anchor[vertex] = 0.7 if column < 5 else 0.45
    loops = layout.loops
    points[loops["eye"][1:]] = eyes.loops()
    points[loops["nostril"]] = nose.loops()
    points[loops["mouth"][1:]] = mouth.loops()
    points[loops["ear"][1:]] = ear.loops()
    points[loops["ear"][1]] = ear.root_on_skin(points[loops["ear"][1]])
    held = np.zeros(layout.count, bool)
    for name, first in (("eye", 1), ("nostril", 0), ("mouth", 2), ("ear", 1)):
        held[loops[name][first:].ravel()] = True
    inner = np.concatenate([cap[1:-1, (0 if name == "mouth" else 1) : -1].ravel() for name, cap in layout.caps.items()])
    for name, cap in layout.caps.items():
        points[np.setdiff1d(cap, loops[name][-1])] = points[loops[name][-1]].mean(0)
    held[layout.grid[0]] = True
    gliding = ~held
    gliding[inner] = False
    anchor[inner] = 0
    points = fairing.relax(layout, points, np.flatnonzero(gliding), inner, anchor, rounds=40)
    return layout, points
