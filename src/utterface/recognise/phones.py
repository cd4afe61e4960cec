"""A phone recogniser at work: sound of any length → timed phones, by the network that the package build makes of hama.

    samples ─ windows of 20 s that overlap by 4 ─ network, 50 Hz ─ best token of each frame ─ spikes ─ phones
                                                            └───── phones of each 10 ms ─ their boundaries ┘

The network attends to all of its window, so it runs on whole windows on an absolute grid: any pieces of the sound give
the same phones, and hours need no more memory than minutes.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path

import numpy as np

from utterface import timing
from utterface.align import Alignment, tile
from utterface.errors import ModelError
from utterface.phones import Span
from utterface.recognise.boundaries import PhoneFrames, place
from utterface.recognise.tokens import BLANK, BOUNDARY, Spike, spikes, timed_phones
from utterface.sessions import open_session
from utterface.speech import samples_of
from utterface.text import is_english

WINDOW, MARGIN = 1000, 100  # frames of a window, and those at an inner edge that its neighbour answers for
_DOUBT = 1.0  # nats that a blank must lead by; at 0 one phone in fifty more is lost
_FEWEST = 640  # samples that the network can take


@dataclass(frozen=True)
class RecogniserConfig:
    """What config.json says.

    Attributes:
        source: name and version of what the weights come from.
        licence: of the weights.
        hop: samples a frame.
        tokens: names of what each frame chooses from.
    """

    source: str
    licence: str
    hop: int
    tokens: tuple[str, ...]


class PhoneRecogniser:
    """`Recogniser` of phones in any language; words are not recognised.

    Args:
        folder: with model.onnx and config.json; None takes the one in the package.

    Raises:
        ModelError: a file is missing or damaged.
    """

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or default_folder()
        self.config = read_config(folder)
        self.name = self.config.source
        self._session = open_session(folder / "model.onnx", threads=1)
        self._blank = self.config.tokens.index(BLANK)
        self.scores(np.zeros(_FEWEST, np.float32))

    @cached_property
    def frames(self) -> PhoneFrames:
        """The network that says which phone sounds when; training it needs a recogniser without it."""
        return PhoneFrames()

    def recognise(self, samples: np.ndarray, language: str = "en") -> Alignment:
        """See `Recogniser.recognise`."""
        stream = PhoneStream(self, language)
        for start in range(0, len(samples), WINDOW * self.config.hop):
            stream.push(samples_of(samples[start : start + WINDOW * self.config.hop]))
        return stream.finish()

    def best(self, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(T, K) log-probabilities → (T,) token of each frame and (T,) its probability."""
        lowered = scores.copy()
        lowered[:, self._blank] -= _DOUBT
        best = lowered.argmax(1)
        return best.astype(np.int16), np.exp(scores[np.arange(len(scores)), best])

    def scores(self, samples: np.ndarray) -> np.ndarray:
        """One window: (N,) float32 at 16 kHz → (T, K) log-probabilities of the tokens, T = ⌈N / hop⌉."""
        count = -(-len(samples) // self.config.hop)
        padded = np.pad(samples, (0, max(0, _FEWEST - len(samples))))
        try:
            scores: np.ndarray = self._session.run(["log_probs"], {"samples": padded[None]})[0][0, :count]
        except Exception as error:  # ONNX Runtime raises kinds of its own, which derive from Exception alone
            raise ModelError(f"recogniser {self.name} does not fit its network ({type(error).__name__})") from None
        if scores.shape[1:] != (len(self.config.tokens),) or not np.isfinite(scores).all():
            raise ModelError(f"the network of recogniser {self.name} is damaged; install utterface again")
        return scores


class PhoneStream:
    """One recording recognised as it comes, in windows."""

    def __init__(self, recogniser: PhoneRecogniser, language: str = "en") -> None:
        self._recogniser, self._network = recogniser, recogniser.frames
        self._english = is_english(language)
        self._waiting = np.zeros(0, np.float32)  # from the first sample of the next window on
        self._count = 0  # samples pushed
        self._edge = 0  # frames at the start of the next window that are answered already
        self._best: list[np.ndarray] = []
        self._probability: list[np.ndarray] = []
        self._frames: list[np.ndarray] = []  # half floats: 29 MB an hour

    def push(self, samples: np.ndarray) -> None:
        """(N,) float32 at 16 kHz, the next stretch of sound."""
        self._count += len(samples)
        self._waiting = np.concatenate([self._waiting, samples])
        hop = self._recogniser.config.hop
        while len(self._waiting) >= (WINDOW + MARGIN) * hop:  # a last window is never only margin
            self._answer(self._waiting[: WINDOW * hop], WINDOW - MARGIN)
            self._waiting = self._waiting[(WINDOW - 2 * MARGIN) * hop :]
            self._edge = MARGIN

    def finish(self) -> Alignment:
        """End of the sound: all its phones; the confidence is the mean probability of their spikes."""
        if len(self._waiting):
            self._answer(self._waiting, None)
            self._waiting = self._waiting[:0]
        duration = timing.seconds(self._count)
        config = self._recogniser.config
        found: list[Spike] = []
        phones: list[Span] = []
        if self._best:
            rate = timing.SAMPLE_RATE / config.hop
            found = spikes(np.concatenate(self._best), np.concatenate(self._probability), config.tokens, rate)
            phones = timed_phones(found, duration, self._english)
            phones = place(phones, self.frames(), self._network)
        sure = [spike.probability for spike in found if spike.token != BOUNDARY]
        confidence = float(np.mean(sure)) if phones else None
        return Alignment((), tile(phones, duration), duration, confidence, engine=self._recogniser.name)

    def frames(self) -> np.ndarray:
        """(T, P) float16 at 100 Hz: log-probabilities of the phones of the network of boundaries, so far."""
        return np.concatenate([np.zeros((0, len(self._network.symbols)), np.float16), *self._frames])

    def _answer(self, window: np.ndarray, last: int | None) -> None:
        scores = self._recogniser.scores(window)
        best, probability = self._recogniser.best(scores)
        frames = self._network(scores).astype(np.float16)
        self._frames.append(frames[2 * self._edge : None if last is None else 2 * last])
        self._best.append(best[self._edge : last])
        self._probability.append(probability[self._edge : last])


def default_folder() -> Path:
    """Where the package keeps the recogniser; the package build puts it there."""
    return Path(str(files("utterface.models").joinpath("recognisers", "hama")))


def is_installed(folder: Path | None = None) -> bool:
    """Whether its files are there, whole or not."""
    folder = folder or default_folder()
    return (folder / "model.onnx").is_file() and (folder / "config.json").is_file()


def read_config(folder: Path) -> RecogniserConfig:
    """config.json, checked; ModelError where it is missing or damaged."""
    path = folder / "config.json"
    again = "install utterface again, or use --listen animator"
    try:
        config = json.loads(path.read_text("utf-8"))
        if config["format"] != "utterface recogniser" or config["version"] != 1:
            raise ModelError(f"{path} is of another version; {again}")
        tokens = tuple(str(token) for token in config["tokens"])
        if config["sample_rate"] != timing.SAMPLE_RATE or not {BLANK, BOUNDARY} <= set(tokens):
            raise ModelError(f"{path} is of another recogniser; {again}")
        return RecogniserConfig(str(config["source"]), str(config["licence"]), int(config["hop"]), tokens)
    except FileNotFoundError:
        raise ModelError(f"the phone recogniser is not installed (no {path}); {again}") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is damaged ({type(error).__name__}); {again}") from None
