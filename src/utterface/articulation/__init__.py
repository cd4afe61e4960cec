"""Timed phones → motion: what each sound asks of the mouth, blended over time, then put on the 61 channels.

    phones ──blend──▶ articulators (T, A) ──render──▶ Motion ──express──▶ Motion

`blend` needs the phones around a moment (0.4 s each way); `render` and `express` look at one frame at a time, so a
network that predicts articulators streams through them unchanged.
"""

from utterface.articulation.blending import articulate, blend
from utterface.articulation.expression import (
    EMOTIONS,
    check_emotions,
    express,
    express_courses,
    face_of,
    lay,
    put_on,
)
from utterface.articulation.pace import Pace
from utterface.articulation.rendering import ARTICULATORS, render
from utterface.articulation.visemes import viseme_weights

__all__ = [
    "ARTICULATORS",
    "EMOTIONS",
    "Pace",
    "articulate",
    "blend",
    "check_emotions",
    "express",
    "express_courses",
    "face_of",
    "lay",
    "put_on",
    "render",
    "viseme_weights",
]
