"""Measures of predicted faces, each defined once: name, unit, which way is better, paper, function.

A measure is a function of sums over clips, so that resampling clips is one matrix product. `measures.sums` computes
what one clip adds; the formulas are those of `metrics.lips` and `metrics.captures`. Sums named `X` and `X_sounds` make
the mean over sounds of a value that some sounds do not have.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from utterface.lab.networks.mesh_to_speech import SPREAD

Sums = dict[str, float]
Totals = Mapping[str, np.ndarray]  # sums over clips, any shape
TOKENS = "From Tokens to Faces (2606.13630)"
THUNDER = "THUNDER (2504.13386)"
OURS = "this project"
_MM, _PERCENT = 1000.0, 100.0
_MEL, _UNITS = 10.0, 1.0  # THUNDER's weights of its loss


@dataclass(frozen=True)
class Measure:
    """A named figure.

    Attributes:
        label, unit: as tables print them.
        best: `low`, `high`, or empty where neither is better.
        digits: after the point.
        meaning: its definition in a line.
        paper: where it comes from.
        needs: sums that it is computed from.
        function: sums over clips → the figure in its own unit; nan where there was nothing.
        scale: from its own unit to the printed one.
        sampled: whether it needs several takes, so that trivial variants have none.
    """

    label: str
    unit: str
    best: str
    digits: int
    meaning: str
    paper: str
    needs: tuple[str, ...]
    function: Callable[[Totals], np.ndarray]
    scale: float = 1.0
    sampled: bool = False

    @property
    def sign(self) -> int:
        """−1 where low is better."""
        return -1 if self.best == "low" else 1

    @property
    def head(self) -> str:
        """Of a table's column: label, unit, an arrow to where it is better."""
        return self.name_unit + {"high": " ↑", "low": " ↓"}.get(self.best, "")

    @property
    def name_unit(self) -> str:
        """Label and unit."""
        return f"{self.label}, {self.unit}" if self.unit else self.label


def figures(sums: Totals, measures: Mapping[str, Measure]) -> dict[str, np.ndarray]:
    """Values of the measures whose sums are there, in their order."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return {n: m.function(sums) for n, m in measures.items() if all(need in sums for need in m.needs)}


def select(names: Iterable[str]) -> dict[str, Measure]:
    """Measures of the catalogue by name."""
    return {name: CATALOGUE[name] for name in names}


def speech_loss(distance: Any, mel_frames: Any, surprise: Any, frames: Any) -> Any:
    """10 · L1 + CE, THUNDER's mesh-to-speech loss, of sums over clips; numbers or arrays."""
    return _MEL * distance / mel_frames / SPREAD + _UNITS * surprise / frames


def ratio(label: str, unit: str, best: str, digits: int, over: str, under: str, meaning: str, paper: str,
           scale: float = 1.0, sampled: bool = False) -> Measure:  # fmt: skip
    """A measure that is one sum divided by another."""

    def function(sums: Totals) -> np.ndarray:
        return sums[over] / sums[under]

    return Measure(label, unit, best, digits, meaning, paper, (over, under), function, scale, sampled)


def _mean(name: str, label: str, unit: str, best: str, digits: int, meaning: str, paper: str) -> Measure:
    return ratio(label, unit, best, digits, name, f"{name}_sounds", meaning, paper)


def _precision(sums: Totals) -> np.ndarray:
    """0 where the lips never closed."""
    return np.where(sums["closures"] > 0, sums["true_closures"] / sums["closures"], 0.0)


def _f1(sums: Totals) -> np.ndarray:
    recall, precision = sums["hits"] / sums["bilabials"], _precision(sums)
    harmonic: np.ndarray = 2 * recall * precision / np.maximum(recall + precision, 1e-9)
    return harmonic


def _r2(sums: Totals) -> np.ndarray:
    return 1 - sums["squared_error"] / sums["variance"]


def _m2s_loss(sums: Totals) -> np.ndarray:
    names = ("distance", "mel_frames", "surprise", "frames")
    loss: np.ndarray = speech_loss(**{name: sums[f"m2s_{name}"] for name in names})
    return loss


CATALOGUE: dict[str, Measure] = {
    "closure_f1": Measure(
        "closure F1", "%", "high", 1, "harmonic mean of recall and precision", OURS,
        ("hits", "bilabials", "true_closures", "closures"), _f1, _PERCENT,
    ),
    "closure_recall": ratio(
        "recall", "%", "high", 1, "hits", "bilabials",
        "share of p b m during which (± 20 ms) the lips are within 1 mm of closed", OURS, _PERCENT,
    ),
    "closure_precision": Measure(
        "precision", "%", "high", 1, "share of closures inside speech that meet a p b m (± 40 ms)", OURS,
        ("true_closures", "closures"), _precision, _PERCENT,
    ),
    "vowel_closed": ratio(
        "vowel closed", "%", "low", 1, "vowel_closed", "vowel_frames",
        "share of vowel frames with closed lips", OURS, _PERCENT,
    ),
    "bcs": ratio(
        "BCS", "%", "high", 1, "bilabial_closed", "bilabial_frames",
        "share of bilabial frames as closed as 70 % of the reference's; the aperture is the head's lip gap", TOKENS,
        _PERCENT,
    ),
    "bcs_mm": ratio(
        "BCS 1 mm", "%", "high", 1, "bilabial_closed_mm", "bilabial_frames",
        "BCS with 1 mm where the reference's quantile is less: exact targets close to 0.2 mm, and a lip gap that none "
        "would see counts as open", OURS, _PERCENT,
    ),
    "lve": ratio(
        "LVE", "× 10⁻³", "low", 2, "squared_error", "weights",
        "mean squared difference of the jaw and mouth weights", TOKENS, 1000,
    ),
    "lve_skin_mm": ratio(
        "LVE mesh", "mm", "low", 2, "lip_error", "frames",
        "largest distance of a vertex of the lips' skin, mean over all frames", OURS, _MM,
    ),
    "lve_mm": _mean(
        "lve_mm", "LVE", "mm", "low", 3, "largest distance of a lip vertex, mean over frames", THUNDER
    ),
    "mve_mm": ratio(
        "MVE", "mm", "low", 3, "mesh_error", "frames", "mean distance of all vertices",
        "FaceDiffuser (2309.11306), ProbTalk3D", _MM,
    ),
    "jitter": ratio(
        "jitter", "s⁻²", "low", 1, "shaken", "frames", "mean size of the second difference of all weights", TOKENS
    ),
    "unrest": ratio(
        "jitter ÷ speed", "s⁻¹", "", 1, "shaken", "moved",
        "jitter at equal motion: over the mean size of the first difference; near the reference's is good",
        OURS,
    ),
    "fdd_mm2": ratio(
        "FDD", "mm²", "", 3, "dynamics", "clips",
        "upper face: how much more the reference's squared offsets vary over time than the prediction's",
        "CodeTalker (2301.02379)", _MM**2,
    ),
    "fdd_u": _mean(
        "fdd_u", "FDD-U", "mm", "low", 3, "upper face: how much more or less vertices move than performed", THUNDER
    ),
    "fdd_l": _mean(
        "fdd_l", "FDD-L", "mm", "low", 3, "lips: how much more or less vertices move than performed", THUNDER
    ),
    "dtw_mm": _mean("dtw_mm", "DTW", "mm", "low", 3, "difference of lip gaps along the best warping path", THUNDER),
    "l_ccc": _mean("l_ccc", "L-CCC", "", "high", 3, "concordance over time of the lip vertices' coordinates", THUNDER),
    "l_pcc": _mean("l_pcc", "L-PCC", "", "high", 3, "their correlation", THUNDER),
    "r2": Measure(
        "r²", "", "high", 3, "share of the jaw and mouth weights' variance that is explained", OURS,
        ("squared_error", "variance"), _r2,
    ),
    "diversity_mm": ratio(
        "diversity", "mm", "", 3, "apart", "varied",
        "mean vertex distance between takes of one sound; only where motion is sampled", "ProbTalk3D (2409.07966)",
        _MM, sampled=True,
    ),
    "s_div_u": _mean(
        "s_div_u", "S-DIV-U", "mm", "high", 4,
        "upper face: deviation over takes of the distance to the performance", THUNDER,
    ),
    "t_div_u": _mean("t_div_u", "T-DIV-U", "mm", "high", 4, "upper face: its deviation over time", THUNDER),
    "s_div_l": _mean(
        "s_div_l", "S-DIV-L", "mm", "low", 3, "lips: deviation over takes of the distance to the performance", THUNDER
    ),
    "t_div_l": _mean("t_div_l", "T-DIV-L", "mm", "low", 3, "lips: its deviation over time", THUNDER),
    "ba": _mean(
        "ba", "BA", "", "high", 3, "beats of the head's turns that meet the performance's, σ 0.1 s",
        "DiffPoseTalk (2310.00434)",
    ),
    "s_div_h": _mean(
        "s_div_h", "S-DIV-H", "°", "", 2, "deviation over takes of the head's angles", THUNDER
    ),
    "m2s_loss": Measure(
        "m2s loss", "", "low", 2,
        "10 · L1 of log-mel + cross-entropy of units of the mesh-to-speech model that reads the mouth", THUNDER,
        ("m2s_distance", "m2s_mel_frames", "m2s_surprise", "m2s_frames"), _m2s_loss,
    ),
    "m2s_units": ratio(
        "m2s units", "%", "high", 1, "m2s_right", "m2s_frames",
        "share of the sound's units that this model predicts right", OURS, _PERCENT,
    ),
}  # fmt: skip
