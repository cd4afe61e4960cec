"""What the paper says and what its claim rests on here, judged on the study's results."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from utterface.lab.studies.audio_text.sizes import AUDIO, CONCAT, STATIC, TENSOR, TEXT, AudioTextVariant
from utterface.lab.studies.claims import Claim, Evidence, conclude, evidence, not_judged
from utterface.lab.studies.scores import Scores

Key = AudioTextVariant | str
GAIN, LOWER, EVENTS, SENSES = 0.10, 0.02, 0.15, 0.10  # what claims ask for


@dataclass(frozen=True)
class AudioTextResults:
    """Scores on test sentences.

    Attributes:
        test: of all variants.
        other: name of the tensor variant read with another sentence's words, among them.
    """

    test: Scores[Key]
    other: Key

    def difference(
        self, better: Key, worse: Key, measure: str, compare: Callable[[np.ndarray, np.ndarray], np.ndarray]
    ) -> tuple[float, np.ndarray]:
        """An effect and its draws, of variants with the same seeds."""
        (a, drawn_a), (b, drawn_b) = self.test.paired([better, worse], measure)
        return float(compare(np.array(a), np.array(b))), compare(drawn_a, drawn_b)

    def row(
        self, label: str, better: Key, worse: Key, measure: str,
        compare: Callable[[np.ndarray, np.ndarray], np.ndarray], decides: bool = True, unit: str = "%",
    ) -> Evidence:  # fmt: skip
        """One comparison as evidence."""
        return evidence(label, *self.difference(better, worse, measure, compare), unit, decides)


def judge(results: AudioTextResults) -> list[Claim]:
    """All claims; one whose variants are missing is not judged."""
    makers = {
        "upper": ("Words move the upper face: tensor beats audio by a tenth", _upper),
        "control": ("Another sentence's words gain nothing", _control),
        "lower": ("The mouth does not suffer: error within 2 %, closures no fewer", _lower),
        "events": ("Gestures at words never heard in training are shown", _events),
        "senses": ("Contextual vectors tell the senses of a word", _senses),
        "fusion": ("Tensor fusion beats concatenation", _fusion),
    }
    claims = []
    for key, (title, make) in makers.items():
        try:
            claims.append(make(key, title, results))
        except KeyError as missing:
            claims.append(not_judged(key, title, f"no run of {getattr(missing.args[0], 'label', missing.args[0])}"))
    return claims


def _upper(key: str, title: str, r: AudioTextResults) -> Claim:
    less = lambda a, b: 1 - a / b  # noqa: E731
    return conclude(key, title, [
        r.row(f"error of the upper units below audio's by more than {GAIN:.0%}", TENSOR, AUDIO, "upper_mae",
              lambda a, b: 1 - a / b - GAIN),
        r.row("by how much tensor is below audio", TENSOR, AUDIO, "upper_mae", less, False),
        r.row("by how much text alone is below audio", TEXT, AUDIO, "upper_mae", less, False),
    ])  # fmt: skip


def _control(key: str, title: str, r: AudioTextResults) -> Claim:
    return conclude(key, title, [
        r.row("error with them no more than 2 % below audio's", r.other, AUDIO, "upper_mae",
              lambda a, b: a / b - 1 + LOWER),
        r.row("event F1 with the right words above it", TENSOR, r.other, "event_f1", lambda a, b: a - b, False),
    ])  # fmt: skip


def _lower(key: str, title: str, r: AudioTextResults) -> Claim:
    return conclude(key, title, [
        r.row("error of the lower units at most 2 % above audio's", TENSOR, AUDIO, "lower_mae",
              lambda a, b: 1 + LOWER - a / b),
        r.row("closure recall at most 2 points below", TENSOR, AUDIO, "closure_recall", lambda a, b: a - b + LOWER),
    ])  # fmt: skip


def _events(key: str, title: str, r: AudioTextResults) -> Claim:
    return conclude(key, title, [
        r.row(f"event F1 above audio's by more than {EVENTS}", TENSOR, AUDIO, "event_f1", lambda a, b: a - b - EVENTS),
        r.row("by how much it is above", TENSOR, AUDIO, "event_f1", lambda a, b: a - b, False),
        r.row("static vectors above audio", STATIC, AUDIO, "event_f1", lambda a, b: a - b, False),
    ])  # fmt: skip


def _senses(key: str, title: str, r: AudioTextResults) -> Claim:
    claim = conclude(key, title, [
        r.row(f"pair F1 above static vectors' by more than {SENSES}", TENSOR, STATIC, "pair_f1",
              lambda a, b: a - b - SENSES),
        r.row("by how much it is above", TENSOR, STATIC, "pair_f1", lambda a, b: a - b, False),
    ])  # fmt: skip
    told = claim.verdict == "holds"
    return claim if told else conclude(key, title, claim.evidence, ["A bag of words does it, as far as this tells."])


def _fusion(key: str, title: str, r: AudioTextResults) -> Claim:
    return conclude(key, title, [
        r.row("error of the upper units below that of concatenation", TENSOR, CONCAT, "upper_mae",
              lambda a, b: 1 - a / b),
        r.row("event F1 above it", TENSOR, CONCAT, "event_f1", lambda a, b: a - b, False),
    ])  # fmt: skip
