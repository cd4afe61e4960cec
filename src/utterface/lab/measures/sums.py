"""What one clip or sound adds to the sums that the catalogue's measures are computed from.

`ClipMeasures` compares one prediction with one reference, as *From Tokens to Faces* does; `SoundMeasures` several takes
with several performances of one sound, as THUNDER does.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from utterface.lab.batches.crops import labels_at
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.measures.catalogue import Sums
from utterface.lab.measures.sampled import ClipTakes, SampleJudge
from utterface.metrics import captures
from utterface.metrics.lips import CLOSED_MM, LipObservation, observe
from utterface.motion import Motion
from utterface.phones import Span, inventory
from utterface.rigs import Rig
from utterface.rigs.human.rig import HeadRig
from utterface.rigs.lips import LOWER, UPPER, LipRig

_LIP_REACH = 0.010  # metres from the inner lips within which skin is lip
_UPPER_MOVES = ("brow", "eyeBlink", "eyeSquint", "eyeWide")
_MOVED = 0.0005  # metres
_MOUTH = ("jaw", "mouth")
_ROUNDING = 1e-9  # mm
ClipMotion = tuple[CorpusClip, Motion]


def observe_lips(lips: LipRig, clip: CorpusClip, motion: Motion) -> LipObservation:
    """Lips of a clip's motion at its phones."""
    return observe_phones(lips, clip.phones(), clip.duration, motion)


def observe_phones(lips: LipRig, phones: Sequence[Span], duration: float, motion: Motion) -> LipObservation:
    """Lips of motion at timed phones of so many seconds."""
    rounding = motion.select(("mouthPucker", "mouthFunnel")).sum(1)
    return observe(phones, motion.times, lips.gap_mm(motion), rounding, duration)


def lip_sums(lips: LipRig, clip: CorpusClip, motion: Motion) -> Sums:
    """Closures, bilabials and closed vowels of one clip."""
    return closure_sums(observe_lips(lips, clip, motion))


def closure_sums(seen: LipObservation) -> Sums:
    """Closures, bilabials and closed vowels of what lips do."""
    return {
        "hits": float(seen.hit.sum()),
        "bilabials": float(len(seen.hit)),
        "true_closures": float(seen.event.sum()),
        "closures": float(len(seen.event)),
        "vowel_closed": float(seen.vowel_closed.sum()),
        "vowel_frames": float(len(seen.vowel_closed)),
    }


def bilabial_frames(clip: CorpusClip, times: np.ndarray) -> np.ndarray:
    """(T,) bool, the frames inside p b m."""
    if clip.labels == "none":
        return np.zeros(len(times), bool)
    table = inventory()
    return np.array([table[label].is_bilabial for label in labels_at(clip.phones(), times)])


def closed_mm(lips: LipRig, references: Iterable[ClipMotion]) -> float:
    """The aperture of BCS, from the references of all test clips; nan without bilabials."""
    gaps, inside = zip(*((lips.gap_mm(m), bilabial_frames(c, m.times)) for c, m in references), strict=True)
    bilabial = np.concatenate(inside)
    return captures.bcs_threshold(np.concatenate(gaps), bilabial) if bilabial.any() else float("nan")


def bcs_sums(gap: np.ndarray, bilabial: np.ndarray, threshold: float) -> Sums:
    """Bilabial frames, and those closed at the threshold, mm, and at 1 mm where that is more; gaps (T,) in mm."""
    closed = gap[bilabial] <= threshold + _ROUNDING
    loosely = gap[bilabial] <= np.fmax(threshold, CLOSED_MM) + _ROUNDING
    return {
        "bilabial_frames": float(bilabial.sum()),
        "bilabial_closed": float(closed.sum()),
        "bilabial_closed_mm": float(loosely.sum()),
    }


def motion_sums(motion: Motion) -> Sums:
    """How much a motion shakes and moves, each a mean over frames times their number."""
    count = len(motion)
    return {
        "shaken": captures.jitter(motion.values, motion.frame_rate) * count,
        "moved": captures.mean_speed(motion.values, motion.frame_rate) * count,
    }


class HeadMesh:
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


class ClipMeasures:
    """Sums of one prediction of a clip beside its reference, on the built-in head.

    Args:
        head: the built-in one.
        references: of all test clips: they bound the aperture of BCS and give the mean that r² is against.
        lips: whose gap closures are measured on; the head's by default.
    """

    def __init__(self, head: HeadRig, references: Sequence[ClipMotion], lips: LipRig | None = None) -> None:
        self.head_lips = LipRig.from_rig(head)
        self.lips = lips or self.head_lips
        motions = [motion for _, motion in references]
        self.mesh = HeadMesh(head, motions[0].channels)
        self.closed_mm = closed_mm(self.head_lips, references)
        self.mean = np.concatenate([m.select(_mouth(m)) for m in motions]).mean(0)

    def lip_sums(self, clip: CorpusClip, predicted: Motion) -> Sums:
        """What needs no reference: closures and jitter."""
        frames = {"clips": 1.0, "frames": float(len(predicted))}
        return lip_sums(self.lips, clip, predicted) | frames | motion_sums(predicted)

    def sums(self, clip: CorpusClip, predicted: Motion, reference: Motion) -> Sums:
        """All sums; motions of the same channels and frame rate, cut to the shorter one."""
        count = min(len(predicted), len(reference))
        cut, truth = (m.with_values(m.values[:count]) for m in (predicted, reference))
        mouth = _mouth(truth)
        error = cut.select(mouth) - truth.select(mouth)
        difference = self.mesh.offsets(cut.values - truth.values)
        still = np.zeros((len(self.mesh.upper), 3), np.float32)
        upper = [self.mesh.offsets(m.values, self.mesh.upper) for m in (cut, truth)]
        gaps = [self.head_lips.gap_mm(m) for m in (cut, truth)]
        return {
            **lip_sums(self.lips, clip, predicted),
            "clips": 1.0,
            "frames": float(count),
            **motion_sums(cut),
            "weights": float(error.size),
            "squared_error": float((error.astype(np.float64) ** 2).sum()),
            "variance": float(((truth.select(mouth) - self.mean).astype(np.float64) ** 2).sum()),
            "lip_error": float(np.linalg.norm(difference[:, self.mesh.lips], axis=2).max(1).sum()),
            "mesh_error": float(np.linalg.norm(difference, axis=2).mean(1).sum()),
            "dynamics": captures.fdd(upper[0], upper[1], still, np.arange(len(still))) if len(still) else 0.0,
            "dtw_mm": captures.dtw(*gaps),
            "dtw_mm_sounds": 1.0,
            **bcs_sums(gaps[0], bilabial_frames(clip, truth.times), self.closed_mm),
            "apart": 0.0,
            "varied": 0.0,
        }

    def diversity_sums(self, takes: Sequence[Motion]) -> Sums:
        """Takes of one clip: how far their vertices are apart."""
        vertices = np.stack([self.mesh.offsets(take.values) for take in takes])
        return {"apart": captures.pairwise_diversity(vertices), "varied": 1.0}


class SoundMeasures:
    """Sums of several takes of a sound beside each of its performances: means over both, then over sounds.

    Args:
        rig: whose vertices are compared.
        channels: of the motions.
        references: performances of all test sounds, which bound the aperture of BCS.
        lips: whose gap closures are measured on; the rig's by default.
    """

    def __init__(
        self,
        rig: Rig,
        channels: Sequence[str],
        references: Iterable[ClipMotion],
        lips: LipRig | None = None,
    ) -> None:
        self.sampled = SampleJudge(rig, channels)
        self.lips = lips or self.sampled.lip_rig
        self.closed_mm = closed_mm(self.sampled.lip_rig, references)

    def gaps_mm(self, takes: Sequence[Motion]) -> np.ndarray:
        """(S, T) lip gaps of takes of one sound, mm."""
        return np.stack([self.lips.gap_mm(take) for take in takes])

    def lip_sums(self, clip: CorpusClip, takes: Sequence[Motion]) -> Sums:
        """What needs no performance: closures and jitter."""
        rows = [lip_sums(self.lips, clip, take) | motion_sums(take) | {"frames": float(len(take))} for take in takes]
        return _total(rows)

    def sums(self, clip: CorpusClip, takes: Sequence[Motion], performances: Sequence[Motion]) -> Sums:
        """Takes beside each performance of the sound."""
        return self._sums(clip, takes, [ClipTakes(takes, truth) for truth in performances])

    def sums_of_performances(self, clip: CorpusClip, performances: Sequence[Motion]) -> Sums:
        """Each performance beside the others as takes: the variety that the corpus itself has."""
        pairs = [ClipTakes([*performances[:i], *performances[i + 1 :]], p) for i, p in enumerate(performances)]
        return self._sums(clip, performances, [pair for pair in pairs if pair.takes])

    def _sums(self, clip: CorpusClip, takes: Sequence[Motion], pairs: Sequence[ClipTakes]) -> Sums:
        own = self.sampled.lip_rig
        closed = [bcs_sums(own.gap_mm(t), bilabial_frames(clip, t.times), self.closed_mm) for t in takes]
        return self.lip_sums(clip, takes) | _total(closed) | self._means(pairs)

    def _means(self, pairs: Sequence[ClipTakes]) -> Sums:
        """The paper's measures of a sound: their mean, and whether there is one."""
        rows = [self.sampled.measure(pair) for pair in pairs]
        several = all(len(pair.takes) > 1 for pair in pairs)
        sums: Sums = {}
        for name in self.sampled.names:
            defined = several or not name.startswith("s_div")  # the variety of one take is unknown, not zero
            known = [row[name] for row in rows if defined and np.isfinite(row[name])]
            sums[name] = float(np.mean(known)) if known else 0.0
            sums[f"{name}_sounds"] = float(bool(known))
        return sums


def _total(rows: Sequence[Sums]) -> Sums:
    return {name: sum(row[name] for row in rows) for name in rows[0]}


def _mouth(motion: Motion) -> list[str]:
    return [c for c in motion.channels if c.startswith(_MOUTH)]
