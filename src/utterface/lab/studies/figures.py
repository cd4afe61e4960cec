"""Figures of benchmarks: ratios of sums over clips, so that resampling clips is one matrix product; those of closures.

The formulas are those of `metrics.lips` and `metrics.captures`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from utterface.lab.batches.crops import labels_at
from utterface.lab.corpora.manifest import CorpusClip
from utterface.metrics.lips import observe
from utterface.motion import Motion
from utterface.phones import inventory
from utterface.rigs.lips import LipRig

Sums = dict[str, float]


@dataclass(frozen=True)
class Figure:
    """One measure of the tables.

    Attributes:
        label, unit: as tables print them.
        best: `low`, `high`, or empty where neither is better.
        digits: after the point.
        scale: from the figure's own unit to the one printed.
        meaning: its definition in a line.
        spoken: whether it needs no reference motion, so that real recordings have it too.
        sampled: whether trivial rows have none, because nobody samples them.
    """

    label: str
    unit: str
    best: str
    digits: int
    meaning: str
    scale: float = 1.0
    spoken: bool = False
    sampled: bool = False


CLOSURES: dict[str, Figure] = {
    "closure_f1": Figure("closure F1", "%", "high", 1, "harmonic mean of recall and precision", 100, True),
    "closure_recall": Figure(
        "recall", "%", "high", 1, "share of p b m during which (± 20 ms) the lips are within 1 mm of closed", 100, True
    ),
    "closure_precision": Figure(
        "precision", "%", "high", 1, "share of closures inside speech that meet a p b m (± 40 ms)", 100, True
    ),
    "bcs": Figure(
        "BCS", "%", "high", 1,
        "share of bilabial frames as closed as 70 % of the reference's; the aperture is the head's lip gap", 100,
    ),
    "vowel_closed": Figure("vowel closed", "%", "low", 1, "share of vowel frames with closed lips", 100, True),
}  # fmt: skip
_RATIOS = {
    "closure_recall": ("hits", "bilabials"),
    "closure_precision": ("true_closures", "closures"),
    "vowel_closed": ("vowel_closed", "vowel_frames"),
}


def closure_figures(sums: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Sums over clips of `lip_sums`, any shape → F1, recall, precision, vowels closed; nan where there was nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = {name: sums[over] / sums[under] for name, (over, under) in _RATIOS.items()}
        found["closure_precision"] = np.where(sums["closures"] > 0, found["closure_precision"], 0.0)  # none ever closed
        recall, precision = found["closure_recall"], found["closure_precision"]
        found["closure_f1"] = 2 * recall * precision / np.maximum(recall + precision, 1e-9)
    return found


def lip_sums(lips: LipRig, clip: CorpusClip, motion: Motion) -> Sums:
    """What a clip adds to `closure_figures`."""
    rounding = motion.select(("mouthPucker", "mouthFunnel")).sum(1)
    seen = observe(clip.phones(), motion.times, lips.gap_mm(motion), rounding, clip.duration)
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
