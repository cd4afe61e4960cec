"""Whisper, greedy, by ONNX Runtime: speech → words, with the guards that keep it from words that are not said.

    window of at most 30 s ─ log-mel ─ encoder ─ decoder, a token at a time ─ text, or nothing

A window is cut at a pause and filled up with silence to 30 s, as in training; shorter ones give loops. Where nobody
speaks Whisper writes “You” or “Thank you.”: such text is dropped by the probability of its tokens and of silence, and
text that repeats itself by its compression, as in Radford et al. 2022 (arXiv 2212.04356), section 4.5, with a stricter
mean log-probability. Temperature is always 0.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from utterface.align import pieces, to_pcm
from utterface.errors import ConfigError, MissingExtra, ModelError
from utterface.recognise.whisper.features import FRAMES, SECONDS, whisper_mel
from utterface.recognise.whisper.networks import default_folder, forget, kept_networks
from utterface.recognise.whisper.vocabulary import read_vocabulary
from utterface.sessions import open_session
from utterface.speech import samples_of
from utterface.text import is_english
from utterface.text.transcript import Transcript
from utterface.timing import seconds

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

MOST_TOKENS = 224  # of a window; the decoder knows 448 places, half of them for what went before
TOKENS_A_SECOND = 10  # more than anybody speaks; a loop ends there
SILENT, UNSURE, REPETITIVE = 0.6, -0.3, 2.4
UNLIKELY = (
    -0.65
)  # English of some 60 speakers gave −0.56 at worst; German, of which tiny.en makes English, −0.63 at best


@dataclass(frozen=True)
class Decoded:
    """What one window says.

    Attributes:
        text: the words; empty where there are none.
        logprob: mean natural logarithm of its tokens' probabilities.
        no_speech: probability that nobody speaks.
    """

    text: str
    logprob: float
    no_speech: float

    @property
    def is_credible(self) -> bool:
        """Whether the text is likely to have been said."""
        packed = self.text.encode()
        repetitive = len(packed) / max(1, len(zlib.compress(packed))) > REPETITIVE
        silent = self.no_speech > SILENT and self.logprob < UNSURE
        return bool(self.text) and self.logprob >= UNLIKELY and not silent and not repetitive


class Whisper:
    """`Recogniser` of words.

    Args:
        folder: of a model as CTranslate2 (faster-whisper) keeps them, of any size; None takes tiny.en of the extra
            `words`, which knows English alone.

    Raises:
        MissingExtra: the extra `words` is not installed. ModelError: a file is missing or damaged.
    """

    def __init__(self, folder: Path | None = None) -> None:
        place = folder or default_folder()
        if place is None:
            raise MissingExtra("to recognise words, pip install 'utterface[words]'")
        self.name = "Whisper tiny.en" if folder is None else f"Whisper {place.name}"
        self._vocabulary = read_vocabulary(place)
        try:
            self._encoder, self._decoder = (open_session(path, threads=1) for path in kept_networks(place))
        except ModelError:  # a kept network that is damaged is made again
            forget(place)
            self._encoder, self._decoder = (open_session(path, threads=1) for path in kept_networks(place))
        self._mels = self._encoder.get_inputs()[0].shape[1]
        self._states = {each.name: each.shape for each in self._decoder.get_inputs() if each.name.startswith("past")}
        if self._decoder.get_outputs()[0].shape != [len(self._vocabulary.tokens)]:
            raise ModelError(f"the vocabulary of {self.name} does not fit its network; install it again")

    def recognise(self, samples: np.ndarray, language: str = "en") -> Transcript:
        """See `Recogniser.recognise`; the text is empty where nobody speaks.

        Raises:
            ConfigError: a language that the model does not know.
        """
        texts = []
        for start, end in pieces.at_pauses(to_pcm(samples), SECONDS):
            decoded = self.decode(samples_of(samples[start:end]), language)
            texts += [decoded.text] if decoded.is_credible else []
        return Transcript(" ".join(texts), language, source=self.name)

    def decode(self, samples: np.ndarray, language: str = "en") -> Decoded:
        """One window of at most 30 s, (N,) float32."""
        vocabulary = self._vocabulary
        if vocabulary.english_only and not is_english(language):
            raise ConfigError(f"{self.name} knows English alone; name a model for the language {language!r} instead")
        prompt = vocabulary.prompt(language)
        end, silence = vocabulary.number("endoftext"), vocabulary.number("nospeech", "nocaptions")
        banned = [*vocabulary.suppressed, *range(end + 1, len(vocabulary.tokens))]
        memory = _Memory(self._decoder, self._cross(samples), self._states)
        scores = memory.after(prompt[0])
        no_speech = float(np.exp(scores - _log_sum(scores))[silence])
        for token in prompt[1:]:
            scores = memory.after(token)
        tokens: list[int] = []
        total = 0.0
        most = min(MOST_TOKENS, TOKENS_A_SECOND + int(TOKENS_A_SECOND * seconds(len(samples))))
        while True:
            scores[banned if tokens else [*banned, *vocabulary.suppressed_first]] = -np.inf
            best = int(scores.argmax())
            total += float(scores[best] - _log_sum(scores))
            if best == end or len(tokens) == most:
                break
            tokens.append(best)
            scores = memory.after(best)
        return Decoded(vocabulary.text(tokens), total / (len(tokens) + 1), no_speech)

    def _cross(self, samples: np.ndarray) -> dict[str, np.ndarray]:
        """Keys and values of the encoder's frames for each layer of the decoder."""
        outputs = [each.name for each in self._encoder.get_outputs()]
        mel = whisper_mel(samples, self._mels)[None, :, :FRAMES]
        return dict(zip(outputs, self._encoder.run(outputs, {"mel": mel}), strict=True))


class _Memory:
    """The decoder with the keys and values of the tokens so far."""

    def __init__(
        self, session: "InferenceSession", cross: dict[str, np.ndarray], states: dict[str, Sequence[int]]
    ) -> None:
        self._session, self._cross = session, cross
        self._past = {name: np.zeros((1, shape[1], 0, shape[3]), np.float32) for name, shape in states.items()}

    def after(self, token: int) -> np.ndarray:
        """(vocabulary,) logits of the token that follows one more token."""
        given = {"token": np.array([token], np.int64), **self._past, **self._cross}
        scores, *kept = self._session.run(None, given)
        self._past = dict(zip(self._past, kept, strict=True))
        return scores


def _log_sum(scores: np.ndarray) -> float:
    top = float(scores.max())
    return top + float(np.log(np.exp(scores - top).sum()))
