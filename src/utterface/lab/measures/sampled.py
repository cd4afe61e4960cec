"""THUNDER's measures of several takes of the same sound beside one reference (2504.13386, section 4), in mm.

lve_mm              largest distance of a lip vertex, mean over frames and takes; of 160 spread evenly, as all measures
l_pcc, l_ccc        correlation and concordance of the lip vertices' coordinates over time
dtw_mm              lip gaps along the best warping path
s_div_l, s_div_u    how much takes differ, of lips (lower is better) and upper face (higher)
t_div_l, t_div_u    how much the distance to the reference changes over time
fdd_l, fdd_u        how much more or less vertices move than the reference's, whichever way
ba, s_div_h         where the head turns too: beats that meet the reference's, and how much takes differ, degrees
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from utterface.lab.networks.mesh import choose, offsets
from utterface.metrics import captures
from utterface.motion import ARKIT, HEAD, Motion
from utterface.rigs import Rig
from utterface.rigs.lips import LipRig

_MM = 1000.0
_MOST = 160  # vertices of a region; spread evenly, they tell what all do
_UPPER_MOVES = ("brow", "eyeBlink", "eyeSquint", "eyeWide")  # how names of what moves the upper face begin
_LOWER_MOVES = ("jaw", "mouth")
_MOVED = 5e-4  # metres
MEASURES = ("lve_mm", "l_pcc", "l_ccc", "dtw_mm", "s_div_l", "s_div_u", "t_div_l", "t_div_u", "fdd_l", "fdd_u")
HEAD_MEASURES = ("ba", "s_div_h")


@dataclass(frozen=True)
class ClipTakes:
    """Takes of one clip and its reference, with the same channels and frame rate."""

    takes: Sequence[Motion]
    reference: Motion


class SampleJudge:
    """Measures takes on the vertices of a rig whose head is held still.

    Args:
        rig: with ARKit's weights.
        channels: C of the motions.
    """

    def __init__(self, rig: Rig, channels: Sequence[str]) -> None:
        lips = choose(rig, "mouth", _MOST)
        upper = upper_face(rig)
        self.look = offsets(rig, channels, np.concatenate([lips, upper]))
        self.lips, self.upper = np.arange(len(lips)), len(lips) + np.arange(len(upper))
        self.lip_rig = LipRig.from_rig(rig)
        self.names = MEASURES + (HEAD_MEASURES if set(HEAD) <= set(channels) else ())

    def __call__(self, clips: Sequence[ClipTakes]) -> dict[str, float]:
        """The module's table, the mean over clips of each."""
        rows = [self.measure(clip) for clip in clips]
        return {name: float(np.mean([row[name] for row in rows])) for name in self.names}

    def measure(self, clip: ClipTakes) -> dict[str, float]:
        """The module's table for one clip."""
        count = min(len(clip.reference), *(len(take) for take in clip.takes))
        takes = [take.with_values(take.values[:count]) for take in clip.takes]
        reference = clip.reference.with_values(clip.reference.values[:count])
        vertices, truth = np.stack([self._offsets(take) for take in takes]), self._offsets(reference)
        gap = self.lip_rig.gap_mm(reference)
        lips, upper = self.lips, self.upper
        head = _head(takes, reference) if HEAD_MEASURES[0] in self.names else {}
        return {
            **head,
            "lve_mm": _MM * _mean(captures.lve(v, truth, lips) for v in vertices),
            "l_pcc": _mean(captures.lip_correlation(v, truth, lips) for v in vertices),
            "l_ccc": _mean(captures.lip_concordance(v, truth, lips) for v in vertices),
            "dtw_mm": _mean(captures.dtw(self.lip_rig.gap_mm(take), gap) for take in takes),
            "s_div_l": _MM * captures.sample_diversity(vertices, truth, lips),
            "s_div_u": _MM * captures.sample_diversity(vertices, truth, upper),
            "t_div_l": _MM * captures.temporal_diversity(vertices, truth, lips),
            "t_div_u": _MM * captures.temporal_diversity(vertices, truth, upper),
            "fdd_l": _MM * _mean(captures.motion_deviation(v, truth, lips) for v in vertices),
            "fdd_u": _MM * _mean(captures.motion_deviation(v, truth, upper) for v in vertices),
        }

    def _offsets(self, motion: Motion) -> np.ndarray:
        """(T, n, 3) metres from rest; differences of them are those of the vertices."""
        offsets_: np.ndarray = self.look(torch.from_numpy(motion.values)).numpy()
        return offsets_


def _head(takes: Sequence[Motion], reference: Motion) -> dict[str, float]:
    """Of the head's angles."""
    angles, rate = np.stack([take.select(HEAD) for take in takes]), reference.frame_rate
    aligned = _mean(captures.beat_alignment(each, reference.select(HEAD), rate) for each in angles)
    return {"ba": aligned, "s_div_h": float(np.degrees(angles.std(0).mean()))}


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def upper_face(rig: Rig) -> np.ndarray:
    """(n,) int64, vertices of the face that brows and lids move and the mouth does not; a region of that name first."""
    if len(rig.regions.get("upper_face", ())):
        return rig.regions["upper_face"]
    face = choose(rig, "face", len(rig.template))
    names = [channel for channel in rig.channels if channel in ARKIT]
    moves = offsets(rig, names, face)(torch.eye(len(names))).norm(dim=-1).numpy()
    upper, lower = (
        (moves[[name.startswith(stems) for name in names]] > _MOVED).any(0) for stems in (_UPPER_MOVES, _LOWER_MOVES)
    )
    chosen = face[upper & ~lower]
    return chosen[:: -(-len(chosen) // _MOST)] if len(chosen) else chosen
