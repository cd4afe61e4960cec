"""The benchmark's measures: what one sound adds to each. Definitions: `FIGURES`; formulas: `systems.sampled`.

Every figure is a ratio of sums over sounds. The paper's are means over the sounds of means over performances and takes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.measures.sampled import MEASURES, ClipTakes, SampleJudge
from utterface.lab.studies.figures import CLOSURES, Figure, Sums, bilabial_frames, closure_figures, lip_sums
from utterface.lab.studies.hearing import Ear, Said, judge_face, listening_loss
from utterface.lab.studies.thunder.material import Sound
from utterface.lab.systems.thunder import CHANNELS
from utterface.metrics.captures import bcs_threshold
from utterface.motion import Motion
from utterface.rigs import Rig
from utterface.rigs.lips import LipRig

FIGURES: dict[str, Figure] = {
    "lve_mm": Figure("LVE", "mm", "low", 3, "largest distance of a lip vertex, mean over frames"),
    "l_ccc": Figure("L-CCC", "", "high", 3, "concordance over time of the lip vertices' coordinates"),
    "l_pcc": Figure("L-PCC", "", "high", 3, "their correlation"),
    "dtw_mm": Figure("DTW", "mm", "low", 3, "difference of lip gaps along the best warping path"),
    "s_div_u": Figure(
        "S-DIV-U", "mm", "high", 4, "upper face: deviation over takes of the distance to the performance"
    ),
    "t_div_u": Figure("T-DIV-U", "mm", "high", 4, "upper face: its deviation over time"),
    "s_div_l": Figure("S-DIV-L", "mm", "low", 3, "lips: deviation over takes of the distance to the performance"),
    "t_div_l": Figure("T-DIV-L", "mm", "low", 3, "lips: its deviation over time"),
    "fdd_u": Figure("FDD-U", "mm", "low", 3, "upper face: how much more or less vertices move than performed"),
    "fdd_l": Figure("FDD-L", "mm", "low", 3, "lips: how much more or less vertices move than performed"),
    "heard_loss": Figure(
        "heard", "", "low", 2, "10 · L1 of log-mel + cross-entropy of units, as the mouth's listener tells"
    ),
    "heard_units": Figure("units heard", "%", "high", 1, "share of the sound's units that it tells right", 100),
    **{name: CLOSURES[name] for name in ("bcs", "closure_f1", "closure_recall", "closure_precision", "vowel_closed")},
}
LIPS = ("lve_mm", "l_ccc", "l_pcc", "dtw_mm")  # what listening should improve


def figures(sums: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Sums over sounds, any shape → the figures in the order of `FIGURES`; nan where there was nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = {name: sums[name] / sums[_of(name)] for name in MEASURES if name in sums}
        if "bilabial_frames" in sums:
            found["bcs"] = sums["bilabial_closed"] / sums["bilabial_frames"]
        if "heard_frames" in sums:
            told = {name: sums[f"heard_{name}"] for name in ("distance", "mel_frames", "surprise", "frames")}
            found["heard_loss"] = listening_loss(**told)
            found["heard_units"] = sums["heard_right"] / sums["heard_frames"]
    found |= closure_figures(sums)
    return {name: found[name] for name in FIGURES if name in found}


@dataclass(frozen=True)
class Judge:
    """What sounds are measured with.

    Attributes:
        rig: the built-in head.
        lips: whose gap closures are measured by.
        sounds: all that are judged; their performances say how closed lips are in bilabials.
    """

    rig: Rig
    lips: LipRig
    sounds: Sequence[Sound]

    @cached_property
    def sampled(self) -> SampleJudge:
        return SampleJudge(self.rig, CHANNELS)

    @cached_property
    def closed_mm(self) -> float:
        """The aperture of BCS."""
        gaps, inside = [], []
        for sound in self.sounds:
            for clip, motion in zip(sound.performances, sound.references, strict=True):
                gaps.append(self.sampled.lip_rig.gap_mm(motion))
                inside.append(bilabial_frames(clip, motion.times))
        bilabial = np.concatenate(inside)
        return bcs_threshold(np.concatenate(gaps), bilabial) if bilabial.any() else float("nan")


def lips_of(judge: Judge, clip: CorpusClip, takes: Sequence[Motion]) -> Sums:
    """What takes of one recording add to the closures."""
    return _total([lip_sums(judge.lips, clip, take) for take in takes])


def heard_of(ear: Ear, said: Said, face: Motion) -> Sums:
    """What a face adds to what is heard; the sound may last a little longer than it moves."""
    motion = face.select(ear.listener.channels)[: len(said.motion)]
    whole = np.pad(motion, ((0, len(said.motion) - len(motion)), (0, 0)), "edge")
    return {f"heard_{name}": value for name, value in judge_face(ear, said, whole).items()}


def sums_of(judge: Judge, sound: Sound, takes: Sequence[Motion]) -> Sums:
    """What takes of one sound add, beside each of its performances."""
    pairs = [ClipTakes(takes, truth) for truth in sound.references]
    return lips_of(judge, sound.clip, takes) | _closed(judge, sound.clip, takes) | _means(judge, pairs)


def others_of(judge: Judge, sound: Sound) -> Sums:
    """What its performances add, each beside the others as takes: what is as various as the corpus gets this far."""
    truths = sound.references
    pairs = [ClipTakes([*truths[:i], *truths[i + 1 :]], truth) for i, truth in enumerate(truths)]
    return (
        lips_of(judge, sound.clip, truths)
        | _closed(judge, sound.clip, truths)
        | _means(judge, [pair for pair in pairs if pair.takes])
    )


def _closed(judge: Judge, clip: CorpusClip, takes: Sequence[Motion]) -> Sums:
    rows = []
    for take in takes:
        inside = bilabial_frames(clip, take.times)
        closed = judge.sampled.lip_rig.gap_mm(take)[inside] <= judge.closed_mm + 1e-9
        rows.append({"bilabial_frames": float(inside.sum()), "bilabial_closed": float(closed.sum())})
    return _total(rows)


def _means(judge: Judge, pairs: Sequence[ClipTakes]) -> Sums:
    """The paper's measures of a sound: their mean, and whether there is one."""
    rows = [judge.sampled.measure(pair) for pair in pairs]
    several = all(len(pair.takes) > 1 for pair in pairs)
    found: Sums = {}
    for name in MEASURES:
        asked = several or not name.startswith("s_div")  # one take has no variety, rather than none
        known = [row[name] for row in rows if asked and np.isfinite(row[name])]
        found[name] = float(np.mean(known)) if known else 0.0
        found[_of(name)] = float(bool(known))
    return found


def _total(rows: Sequence[Sums]) -> Sums:
    return {name: sum(row[name] for row in rows) for name in rows[0]}


def _of(name: str) -> str:
    return f"{name}_sounds"
