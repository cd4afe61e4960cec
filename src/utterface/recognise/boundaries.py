"""Where recognised phones begin and end: a small network on the recogniser's frames, and the best path through them.

A CTC network answers with spikes that say which phones follow each other, not where they meet. Its frames know: two
convolutions over their log-probabilities give those of 40 phones each 10 ms (`PhoneFrames`), trained on alignments
(scripts/train_boundaries.py). The path that passes every recognised phone in its order, and silence where it likes, is
the one that these make most probable (`place`; Viterbi in a band around the spikes). A phone that it places where they
find silence is left out: breath, laughter and hum have spikes, too.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import numpy as np

from utterface.align.lexicon import nearest
from utterface.errors import ModelError
from utterface.phones import ARPABET_TO_IPA, SILENCE, Span

FRAME_RATE = 100  # Hz; two frames for each of the recogniser's
REACH = 3  # frames of the recogniser to either side that one of its own depends on
EARLIER, LATER = 0.16, 0.12  # seconds that a phone may begin before the spike says so, and end after the next does
LONGEST = 0.45  # seconds from a phone's start, as the spike says, to its end
UNHEARD = 0.8  # mean probability of silence from which a phone is left out
_PAUSE = -1.0  # nats that a silence costs
_FLOOR, _SCALE = -30.0, 8.0  # log-probabilities are cut off below and divided by these


class PhoneFrames:
    """Log-probabilities of tokens at 50 Hz → log-probabilities of phones at 100 Hz.

    Args:
        path: of the weights; None takes those in the package.

    Attributes:
        symbols: the phones in IPA, silence among them.

    Raises:
        ModelError: the file is missing or damaged.
    """

    def __init__(self, path: Path | None = None) -> None:
        path = path or Path(str(files("utterface.models").joinpath("boundaries", "boundaries.npz")))
        try:
            with np.load(path, allow_pickle=False) as stored:
                self.symbols = tuple(str(symbol) for symbol in stored["symbols"])
                names = ("first", "second", "last")
                layers = [(stored[f"{name}.weight"], stored[f"{name}.bias"]) for name in names]
        except (OSError, ValueError, KeyError) as error:
            again = "install utterface again, or use --listen animator"
            raise ModelError(f"{path} is missing or damaged ({type(error).__name__}); {again}") from None
        self._layers = [(weight.astype(np.float32), bias.astype(np.float32)) for weight, bias in layers]

    def __call__(self, log_probs: np.ndarray) -> np.ndarray:
        """(T, tokens) float32 → (2 T, phones) float32."""
        x = inputs_of(log_probs)
        first, second, last = self._layers
        x = np.maximum(_convolved(x, *first), 0)
        x = np.maximum(_convolved(x, *second), 0)
        x = _convolved(x, *last).reshape(2 * len(x), len(self.symbols))
        x = x - x.max(1, keepdims=True)
        return x - np.log(np.exp(x).sum(1, keepdims=True))

    def columns(self, labels: Sequence[str]) -> np.ndarray:
        """(N,) the column of each label; a phone that is not among the symbols has that of its nearest."""
        return np.array([self.symbols.index(kin(label)) for label in labels], int)


def inputs_of(log_probs: np.ndarray) -> np.ndarray:
    """(T, tokens) log-probabilities as the network takes them: without their mean, which says nothing."""
    cut = np.maximum(log_probs, _FLOOR)
    return ((cut - cut.mean(1, keepdims=True)) / _SCALE).astype(np.float32)


@cache
def kin(label: str) -> str:
    """The American phone, in IPA, that stands for a phone of any language."""
    return label if label == SILENCE else ARPABET_TO_IPA[nearest(label)]


def place(phones: Sequence[Span], frames: np.ndarray, network: PhoneFrames) -> list[Span]:
    """Recognised phones with the times that the frames make most probable.

    Args:
        phones: in order of time, without silence; their times as the spikes have them.
        frames: (T, phones) of `network`.
        network: whose columns they are.

    Returns:
        The phones, each of at least one frame, with gaps where there is silence; without those that sound like it.
    """
    if not phones:
        return []
    count, quiet = len(phones), network.symbols.index(SILENCE)
    columns = np.full(2 * count + 1, quiet)  # states: silence, phone, silence, phone, … silence
    columns[1::2] = network.columns([phone.label for phone in phones])
    low, high = _band(phones, len(frames))
    score, back = np.full(2, -np.inf), []  # of the states from `at` on
    score[0], at = 0.0, 0
    pause = np.where(np.arange(2 * count + 1) % 2, 0.0, _PAUSE)
    for t in range(len(frames)):
        first, last = low[t], high[t]
        padded = np.full(last - first + 3, -np.inf)  # the states from first - 2 to last
        kept = slice(max(at, first - 2), min(at + len(score), last + 1))
        padded[kept.start - first + 2 : kept.stop - first + 2] = score[kept.start - at : kept.stop - at]
        step = padded[1:-1] + pause[first : last + 1]
        skip = np.where(np.arange(first, last + 1) % 2, padded[:-2], -np.inf)  # from phone to phone
        ways = np.stack([padded[2:], step, skip])
        chosen = ways.argmax(0)
        back.append(chosen)
        score = ways[chosen, np.arange(last - first + 1)] + frames[t, columns[first : last + 1]]
        at = first
    tail = max(at, 2 * count - 1)  # the last phone, or the silence after it
    placed = _spans(phones, back, low, tail + int(score[tail - at :].argmax()))
    silence = np.exp(frames[:, quiet].astype(np.float32))
    spans = [slice(round(p.start * FRAME_RATE), round(p.end * FRAME_RATE)) for p in placed]
    return [phone for phone, span in zip(placed, spans, strict=True) if silence[span].mean() < UNHEARD]


def _band(phones: Sequence[Span], count: int) -> tuple[np.ndarray, np.ndarray]:
    """(T,) the first and the last state that each frame may have."""
    starts = np.array([phone.start for phone in phones])
    ends = np.minimum(np.append(starts[1:], phones[-1].end) + LATER, starts + LONGEST)
    ends = np.maximum.accumulate(ends)
    times = np.arange(count) / FRAME_RATE
    low = 2 * np.searchsorted(ends, times)  # the silence before the first phone that may still sound
    high = 2 * np.searchsorted(starts - EARLIER, times, side="right")  # the silence after the last that may have begun
    return low, np.maximum(high, low)


def _spans(phones: Sequence[Span], back: list[np.ndarray], low: np.ndarray, state: int) -> list[Span]:
    path = np.zeros(len(back), int)
    for t in range(len(back) - 1, -1, -1):
        path[t] = state
        state -= int(back[t][state - low[t]])
    edges = np.flatnonzero(np.diff(path, prepend=-1, append=-1))
    return [
        Span(phones[path[a] // 2].label, a / FRAME_RATE, b / FRAME_RATE, phones[path[a] // 2].stress)
        for a, b in pairwise(edges)
        if path[a] % 2
    ]


def _convolved(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """(T, C) by (K, C, D), zeros beyond the ends → (T, D)."""
    reach = len(weight) // 2
    padded = np.pad(x, ((reach, reach), (0, 0)))
    return bias + sum(padded[k : k + len(x)] @ weight[k] for k in range(len(weight)))
