"""Measures of predictions beside references, clip by clip, of the papers and our own.

lve           mean squared difference of the jaw and mouth weights (Tokens to Faces)
jitter        mean size of the weights' second difference, per s² (Tokens to Faces)
bcs           bilabial closure score, share of bilabial frames as closed as 70 % of the reference's (the same)
r2            of the jaw and mouth weights: 1 − squared error / variance, over all clips
closure_f1    and the other lip measures of `metrics.lips`
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.measures.sums import bilabial_frames, observe_lips
from utterface.metrics.captures import bcs, bcs_threshold, jitter, lve_weights, mean_over_clips
from utterface.metrics.lips import summarise
from utterface.motion import Motion
from utterface.rigs.lips import LipRig

_MOUTH = ("jaw", "mouth")
_LIPS = ("closure_f1", "closure_recall", "closure_precision", "vowel_closed", "vowel_height_rho", "rounding_auc")


@dataclass(frozen=True)
class ClipPrediction:
    """A clip, its predicted motion and its reference, with the same channels and frame rate."""

    clip: CorpusClip
    predicted: Motion
    reference: Motion


def judge(predictions: Sequence[ClipPrediction], lips: LipRig) -> dict[str, float]:
    """The figures of the module's table over clips; nan where no clip has phones or mouth weights."""
    mouths, frames, shaken = [], [], []
    for p in predictions:
        count = min(len(p.predicted), len(p.reference))
        channels = [c for c in p.reference.channels if c.startswith(_MOUTH)]
        mouths.append((p.predicted.select(channels)[:count], p.reference.select(channels)[:count]))
        frames.append(count)
        shaken.append(jitter(p.predicted.values, p.predicted.frame_rate))
    predicted, reference = (np.concatenate([pair[k] for pair in mouths]) for k in (0, 1))
    if not predicted.shape[1]:
        predicted = reference = np.full((1, 1), np.nan)
    spread = ((reference - reference.mean(0)) ** 2).sum()
    figures = {
        "lve": lve_weights(predicted, reference),
        "jitter": mean_over_clips(shaken, frames),
        "bcs": _closures(predictions, lips),
        "r2": float(1 - ((predicted - reference) ** 2).sum() / spread) if spread else float("nan"),
    }
    lip_figures = summarise([observe_lips(lips, p.clip, p.predicted) for p in predictions])
    closure = {name: float(lip_figures[name]) for name in _LIPS}
    closure["closure_f1"] = float(np.nan_to_num(closure["closure_f1"]))  # no bilabial anywhere
    return {**figures, **closure}


def _closures(predictions: Sequence[ClipPrediction], lips: LipRig) -> float:
    """BCS over all clips, with the lip gap of a rig as the aperture; the threshold is the reference's."""
    rows = []
    for p in predictions:
        count = min(len(p.predicted), len(p.reference))
        bilabial = bilabial_frames(p.clip, p.reference.times[:count])
        rows.append((lips.gap_mm(p.predicted)[:count], lips.gap_mm(p.reference)[:count], bilabial))
    predicted, reference, bilabial = (np.concatenate([row[k] for row in rows]) for k in (0, 1, 2))
    if not bilabial.any():
        return float("nan")
    return bcs(predicted, bilabial, bcs_threshold(reference, bilabial))
