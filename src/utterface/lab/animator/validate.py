"""How well a network's lips keep to what is said, on whole clips of speakers it never heard."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from utterface import timing
from utterface.articulation import ARTICULATORS
from utterface.lab.animator.network import FRAME_RATE, HOP, LEAD, AnimatorNetwork
from utterface.lab.corpora.manifest import Clip
from utterface.metrics.lips import observe, summarise

_OPEN_MM, _WIDE_MM = 1.5, 10.0  # a stand-in for a rig: the gap of lips just apart, and what the widest vowel adds
_RESTING = 0.7


@dataclass(frozen=True)
class Answer:
    """A network's answer to a whole clip, one value a frame at 50 Hz.

    Attributes:
        articulators: (T, A) in 0…1.
        closure, silence: (T,) probabilities.
    """

    articulators: np.ndarray
    closure: np.ndarray
    silence: np.ndarray


def answer(network: AnimatorNetwork, samples: np.ndarray) -> Answer:
    """What `network` says of (N,) samples."""
    count, delay = timing.frame_count(timing.seconds(len(samples)), FRAME_RATE), network.config.delay
    padded = np.zeros((count + delay) * HOP, np.float32)
    padded[LEAD : LEAD + len(samples)] = samples[: len(padded) - LEAD]
    with torch.inference_mode():
        output, _ = network.step(torch.from_numpy(padded)[None], network.zero_state(1))
    said = output.articulators[0, delay:].clamp(0, 1).numpy()
    return Answer(said, output.closure[0, delay:].sigmoid().numpy(), output.silence[0, delay:].sigmoid().numpy())


def validate(network: AnimatorNetwork, clips: Sequence[Clip], thresholds: Sequence[float]) -> dict[str, float]:
    """Lip measures on whole clips: the closure figures at the best of `thresholds`, and which one that is."""
    network.eval()
    answers = [(clip, answer(network, clip.samples())) for clip in clips]
    network.train()
    best: dict[str, float] = {}
    for threshold in thresholds:
        figures = summarise([_observed(clip, said, threshold) for clip, said in answers])
        if not best or figures["closure_f1"] > best["closure_f1"]:
            best = {**figures, "threshold": threshold}
    best["closure_f1"] = float(np.nan_to_num(best["closure_f1"]))  # nothing ever closed
    keys = ("closure_f1", "closure_recall", "closure_precision", "vowel_closed", "vowel_height_rho", "rounding_auc",
            "silence_closed", "threshold")  # fmt: skip
    return {key: best[key] for key in keys}


def _observed(clip: Clip, said: Answer, threshold: float):  # type: ignore[no-untyped-def]
    column = {name: said.articulators[:, i] for i, name in enumerate(ARTICULATORS)}
    closed = (said.closure > threshold) | (column["rest"] > _RESTING)
    gap = np.where(closed, 0.0, _OPEN_MM + _WIDE_MM * column["jaw"])
    times = timing.frame_times(len(gap), FRAME_RATE)
    return observe(clip.phones(), times, gap, column["rounding"], clip.duration)
