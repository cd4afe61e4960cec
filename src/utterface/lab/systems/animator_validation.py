"""Lip measures of the animator on whole clips of unseen speakers, in quiet and in noise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from utterface import timing
from utterface.articulation import ARTICULATORS
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.measures.conditions import Condition, conditions
from utterface.lab.networks.animator import FRAME_RATE, HOP, LEAD, AnimatorNetwork
from utterface.metrics.lips import LipObservation, observe, summarise

_OPEN_MM, _WIDE_MM = 1.5, 10.0  # a stand-in for a rig: the gap of lips just apart, and what the widest vowel adds
_RESTING = 0.7
_MUMBLING = (
    0.2  # share of vowel frames closed from which closures say nothing: lips that never part meet every bilabial
)
_DEGRADED = ("white noise, 10 dB", "babble, 10 dB", "telephone", "room, RT60 0.6 s")  # of the benchmark's conditions


@dataclass(frozen=True)
class Answer:
    """A network's output for a whole clip, one value a frame at 50 Hz.

    Attributes:
        articulators: (T, A) in 0…1.
        closure, silence: (T,) probabilities.
    """

    articulators: np.ndarray
    closure: np.ndarray
    silence: np.ndarray


def answer(network: AnimatorNetwork, samples: np.ndarray) -> Answer:
    """The network's output for (N,) samples."""
    device = next(network.parameters()).device
    count, delay = timing.frame_count(timing.seconds(len(samples)), FRAME_RATE), network.config.delay
    padded = np.zeros((count + delay) * HOP, np.float32)
    padded[LEAD : LEAD + len(samples)] = samples[: len(padded) - LEAD]
    with torch.inference_mode():
        output, _ = network.step(torch.from_numpy(padded)[None].to(device), network.zero_state(1, device))
    predicted = output.articulators[0, delay:].clamp(0, 1).cpu().numpy()
    return Answer(predicted, *(t[0, delay:].sigmoid().cpu().numpy() for t in (output.closure, output.silence)))


def validate(network: AnimatorNetwork, clips: Sequence[CorpusClip], thresholds: Sequence[float]) -> dict[str, float]:
    """Lip measures on whole clips: the closure figures at the best of `thresholds`, and which one that is.

    `noisy_f1` is closure F1 at that threshold on the same clips, degraded in four ways in turn, always alike.
    """
    network.eval()
    sounds = [clip.samples() for clip in clips]
    answers = [(clip, answer(network, samples)) for clip, samples in zip(clips, sounds, strict=True)]
    degraded = [(clip, answer(network, samples)) for clip, samples in zip(clips, _degraded(sounds), strict=True)]
    network.train()
    best: dict[str, float] = {}
    for threshold in thresholds:
        seen = [_observed(clip, predicted, threshold) for clip, predicted in answers]
        figures = {**summarise(seen), "closure_f1": closure_f1(seen)}
        if not best or figures["closure_f1"] > best["closure_f1"]:
            best = {**figures, "threshold": threshold}
    best["noisy_f1"] = closure_f1([_observed(clip, predicted, best["threshold"]) for clip, predicted in degraded])
    keys = ("closure_f1", "noisy_f1", "closure_recall", "closure_precision", "vowel_closed", "vowel_height_rho",
            "rounding_auc", "silence_closed", "threshold")  # fmt: skip
    return {key: best[key] for key in keys}


def closure_f1(seen: Sequence[LipObservation]) -> float:
    """Closure F1; 0 where nothing ever closed, where next to nothing ever opened, and where no bilabial sounds."""
    figures = summarise(seen)
    return 0.0 if figures["vowel_closed"] > _MUMBLING else float(np.nan_to_num(figures["closure_f1"]))


def judged(network: AnimatorNetwork, clips: Sequence[CorpusClip], threshold: float) -> list[LipObservation]:
    """What the lips of a network at rest do in whole clips."""
    return [_observed(clip, answer(network, clip.samples()), threshold) for clip in clips]


def _degraded(sounds: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
    known = {condition.name: condition for condition in conditions(sounds)}
    kinds: list[Condition] = [known[name] for name in _DEGRADED]
    for number, samples in enumerate(sounds):
        yield kinds[number % len(kinds)].degrade(samples, np.random.default_rng(number))


def _observed(clip: CorpusClip, predicted: Answer, threshold: float) -> LipObservation:
    column = {name: predicted.articulators[:, i] for i, name in enumerate(ARTICULATORS)}
    closed = (predicted.closure > threshold) | (column["rest"] > _RESTING)
    gap = np.where(closed, 0.0, _OPEN_MM + _WIDE_MM * column["jaw"])
    times = timing.frame_times(len(gap), FRAME_RATE)
    return observe(clip.phones(), times, gap, column["rounding"], clip.duration)
