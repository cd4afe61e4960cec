"""The six numbers of ProbTalk3D and LSF-Animation on 3DMEAD, exactly as their `evaluation.py` computes them.

Faces are FLAME's of no shape at all, whoever speaks, by the first 50 expressions and the jaw, of the truth too. MVE,
LVE and FDD are of the first take; MVE, LVE, MEE and CE pool frames, FDD and diversity average clips; LVE, MEE and CE
are squared. Takes are paired first half with second; the works shuffle them first, which has the same expectation.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from utterface.metrics import captures
from utterface.motion import Motion
from utterface.rigs.flame import SHAPES, FlameRig, face_channels

EXPRESSIONS = 50  # that both works predict and keep of the truth
SCALES: Mapping[str, float] = {  # figure → by what the works multiply it, under the heading "mm"
    "mve": 1e3, "lve": 1e4, "fdd": 1e5, "mee": 1e4, "ce": 1e4, "diversity": 1e3,
}  # fmt: skip


@dataclass(frozen=True)
class MeadClip:
    """Takes of one clip, ten in both works, and its tracked motion."""

    takes: Sequence[Motion]
    truth: Motion


def mead_protocol(clips: Iterable[MeadClip], rig: FlameRig, lips: np.ndarray, upper: np.ndarray) -> dict[str, float]:
    """`mve`, `lve`, `fdd`, `mee`, `ce`, `diversity` over clips, in metres and square metres; their tables × `SCALES`.

    Args:
        clips: two takes or more each; motions of FLAME's channels, cut to the shorter one.
        rig: of any identity, which is set to none.
        lips, upper: vertices of the works' `regions/lve.txt` (428) and `regions/fdd.txt` (1501).

    Raises:
        ValueError: no clips.
    """
    neutral = rig.with_identity(np.zeros(SHAPES, np.float32)[: rig.shapes.shape[2]])
    rows, frames = [], []
    for clip in clips:
        count = min(len(clip.truth), *(len(take) for take in clip.takes))
        truth = _vertices(neutral, clip.truth, count)
        takes = np.stack([_vertices(neutral, take, count) for take in clip.takes])
        frames.append(count)
        rows.append(
            {
                "mve": captures.mve(takes[0], truth),
                "lve": captures.lve_squared(takes[0], truth, lips),
                "fdd": captures.fdd(takes[0], truth, neutral.template, upper),
                "mee": captures.mean_estimate_error(takes, truth, lips),
                "ce": captures.coverage_error(takes, truth, lips),
                "diversity": captures.pairwise_diversity(takes),
            }
        )
    if not rows:
        raise ValueError("no clips to measure")
    per_clip = ("fdd", "diversity")
    weights = {name: [1] * len(rows) if name in per_clip else frames for name in SCALES}
    return {name: captures.mean_over_clips([row[name] for row in rows], weights[name]) for name in SCALES}


def _vertices(rig: FlameRig, motion: Motion, count: int) -> np.ndarray:
    """(count, V, 3) metres of the first 50 expressions and the jaw."""
    kept = Motion(motion.select(face_channels(EXPRESSIONS))[:count], face_channels(EXPRESSIONS), motion.frame_rate)
    return rig.vertices(kept.select(rig.channels))
