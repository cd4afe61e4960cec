"""The benchmark's measures: what one clip adds to each, and how sums over clips become figures.

Every figure is a ratio of sums over clips, so resampling clips is one matrix product. `FIGURES` holds the definitions,
the formulas are those of `metrics.captures` and `metrics.lips`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.studies.figures import CLOSURES, Figure, Sums, bilabial_frames, closure_figures, lip_sums
from utterface.metrics import captures
from utterface.motion import Motion
from utterface.rigs.lips import LOWER, UPPER, LipRig
from utterface.rigs.mannequin.rig import HeadRig

_MM = 1000.0
_LIP_REACH = 0.010  # metres from the inner lips within which skin is lip
_UPPER_MOVES = ("brow", "eyeBlink", "eyeSquint", "eyeWide")
_MOVED = 0.0005  # metres
_MOUTH = ("jaw", "mouth")


FIGURES: dict[str, Figure] = {
    **{name: CLOSURES[name] for name in ("closure_f1", "closure_recall", "closure_precision", "bcs")},
    "lve": Figure("LVE", "× 10⁻³", "low", 2, "mean squared difference of the jaw and mouth weights", 1000),
    "lve_mm": Figure("LVE mesh", "mm", "low", 2, "largest distance of a lip vertex, mean over frames", _MM),
    "mve_mm": Figure("MVE", "mm", "low", 3, "mean distance of all vertices", _MM),
    "jitter": Figure("jitter", "s⁻²", "low", 1, "mean size of the second difference of all weights", 1, True),
    "fdd": Figure(
        "FDD", "mm²", "", 3,
        "upper face: how much more the reference's squared offsets vary over time than the prediction's", _MM**2,
    ),
    "dtw_mm": Figure("gap DTW", "mm", "low", 2, "difference of lip gaps along the best warping path"),
    "r2": Figure("r²", "", "high", 3, "share of the jaw and mouth weights' variance that is explained"),
    "diversity_mm": Figure(
        "diversity", "mm", "", 3, "mean vertex distance between takes of one sound; only where motion is sampled", _MM,
        sampled=True,
    ),
    "vowel_closed": CLOSURES["vowel_closed"],
}  # fmt: skip


def figures(sums: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Sums over clips, any shape → the figures, in their own units (metres, shares); nan where there was nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = {name: sums[over] / sums[under] for name, (over, under) in _RATIOS.items() if over in sums}
        found |= closure_figures(sums)
        if "squared_error" in sums:
            found["r2"] = 1 - sums["squared_error"] / sums["variance"]
    return {name: found[name] for name in FIGURES if name in found}


_RATIOS = {
    "jitter": ("shaken", "frames"),
    "bcs": ("bilabial_closed", "bilabial_frames"),
    "lve": ("squared_error", "weights"),
    "lve_mm": ("lip_error", "frames"),
    "mve_mm": ("mesh_error", "frames"),
    "fdd": ("dynamics", "clips"),
    "dtw_mm": ("warped", "clips"),
    "diversity_mm": ("apart", "varied"),
}


class Mesh:
    """The built-in head's vertices under weights alone; all that mesh measures need is linear in them.

    Args:
        head: the rig.
        channels: C of the motion.
    """

    def __init__(self, head: HeadRig, channels: Sequence[str]) -> None:
        known = [head.channels.index(c) for c in channels]
        self.shapes = head.shapes[known]  # (C, V, 3)
        self.template = head.template
        skin = np.zeros(len(head.template), bool)
        for part in head.parts:
            if part.material == "skin":
                skin[head.triangles[part.triangles]] = True
        inner = head.template[np.concatenate([head.regions[UPPER], head.regions[LOWER]])]
        near = np.linalg.norm(head.template[:, None] - inner, axis=2).min(1) < _LIP_REACH
        moves = [i for i, c in enumerate(channels) if c.startswith(_UPPER_MOVES)]
        size = np.linalg.norm(self.shapes[moves], axis=2)
        moved = (size > _MOVED).any(0) if moves else np.zeros(len(skin), bool)
        self.lips, self.upper = np.flatnonzero(skin & near), np.flatnonzero(skin & moved & ~near)

    def offsets(self, weights: np.ndarray, region: np.ndarray | None = None) -> np.ndarray:
        """(T, C) → (T, V, 3) metres from neutral, of all vertices or a region's."""
        shapes = self.shapes if region is None else self.shapes[:, region]
        flat = weights.astype(np.float32) @ shapes.reshape(len(shapes), -1)
        return flat.reshape(len(weights), -1, 3)


@dataclass(frozen=True)
class Judge:
    """What the sums of a clip are measured with.

    Attributes:
        lips: whose gap closures are measured by.
        mesh: of the head.
        closed_mm: the aperture of BCS, from the references of all test clips.
        mean: (M,) the references' mean jaw and mouth weights.
        head_lips: the built-in head's, for what is compared with a reference.
    """

    lips: LipRig
    mesh: Mesh
    closed_mm: float
    mean: np.ndarray
    head_lips: LipRig


def judge_for(head: HeadRig, lips: LipRig, clips: Sequence[CorpusClip], references: Sequence[Motion]) -> Judge:
    """The judge of a set of test clips.

    Args:
        head: the built-in one.
        lips: whose gap closures are measured by.
        clips, references: all that are judged.
    """
    own = LipRig.from_rig(head)
    gaps = np.concatenate([own.gap_mm(r) for r in references])
    bilabial = np.concatenate([bilabial_frames(c, r.times) for c, r in zip(clips, references, strict=True)])
    threshold = captures.bcs_threshold(gaps, bilabial) if bilabial.any() else float("nan")
    mouth = np.concatenate([r.select(_mouth(r)) for r in references])
    return Judge(lips, Mesh(head, references[0].channels), threshold, mouth.mean(0), own)


def sums_of(judge: Judge, clip: CorpusClip, predicted: Motion, reference: Motion | None) -> Sums:
    """What one clip adds to every measure.

    Args:
        judge: of the set that the clip belongs to.
        clip: with its phones.
        predicted, reference: motions of the same channels and frame rate; without a reference only the lips count.
    """
    sums = lip_sums(judge.lips, clip, predicted)
    sums["clips"], sums["frames"] = 1.0, float(len(predicted))
    sums["shaken"] = captures.jitter(predicted.values, predicted.frame_rate) * len(predicted)
    if reference is None:
        return sums
    count = min(len(predicted), len(reference))
    cut, truth = (m.with_values(m.values[:count]) for m in (predicted, reference))
    mouth = _mouth(truth)
    error = cut.select(mouth) - truth.select(mouth)
    difference = judge.mesh.offsets(cut.values - truth.values)
    still = np.zeros((len(judge.mesh.upper), 3), np.float32)
    upper = [judge.mesh.offsets(m.values, judge.mesh.upper) for m in (cut, truth)]
    gaps = [judge.head_lips.gap_mm(m) for m in (cut, truth)]
    bilabial = bilabial_frames(clip, truth.times)
    return {
        **sums,
        "frames": float(count),
        "shaken": captures.jitter(cut.values, cut.frame_rate) * count,
        "weights": float(error.size),
        "squared_error": float((error.astype(np.float64) ** 2).sum()),
        "variance": float(((truth.select(mouth) - judge.mean).astype(np.float64) ** 2).sum()),
        "lip_error": float(np.linalg.norm(difference[:, judge.mesh.lips], axis=2).max(1).sum()),
        "mesh_error": float(np.linalg.norm(difference, axis=2).mean(1).sum()),
        "dynamics": captures.fdd(upper[0], upper[1], still, np.arange(len(still))) if len(still) else 0.0,
        "warped": captures.dtw(*gaps),
        "bilabial_frames": float(bilabial.sum()),
        "bilabial_closed": float((gaps[0][bilabial] <= judge.closed_mm + 1e-9).sum()),
        "apart": 0.0,
        "varied": 0.0,
    }


def diversity_sums(judge: Judge, takes: Sequence[Motion]) -> Sums:
    """What takes of one clip add to the diversity."""
    vertices = np.stack([judge.mesh.offsets(take.values) for take in takes])
    return {"apart": captures.pairwise_diversity(vertices), "varied": 1.0}


def _mouth(motion: Motion) -> list[str]:
    return [c for c in motion.channels if c.startswith(_MOUTH)]
