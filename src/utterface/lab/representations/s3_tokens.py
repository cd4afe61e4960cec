"""The supervised semantic tokens of CosyVoice 2 and 3, from the graph that their authors publish.

`speech_tokenizer_v2.onnx` (Du et al. 2024, 2412.10117): Whisper's log-mel of 128 bands in, one of 3⁸ tokens 25 times a
second out, learned by recognising speech. Vectors are a token's eight digits, −1, 0 or 1 (finite scalar quantisation,
Mentzer et al. 2023), the first the lowest.
"""

from pathlib import Path

import numpy as np

from utterface import timing
from utterface.errors import ConfigError, ModelError
from utterface.lab.representations.contract import RepresentationInfo
from utterface.recognise.whisper.features import HOP, SAMPLES, log_mel
from utterface.sessions import open_session
from utterface.track import Track

RATE, DIGITS, BANDS = 25, 8, 128
_LEAST = 4 * HOP  # samples of a token


class S3Tokens:
    """The tokens of a graph, in pieces of 30 s, beyond which the authors do not go.

    Raises:
        ModelError: no such graph: other inputs, or another rate, as that of CosyVoice 1.
    """

    def __init__(self, path: Path, option: str, name: str) -> None:
        if option:
            raise ConfigError(f"{name}: these tokens have no option, got @{option}")
        self._session = open_session(path, threads=1)
        given = self._session.get_inputs()
        if len(given) != 2 or len(given[0].shape) != 3 or given[0].shape[1] != BANDS:
            raise ModelError(f"{path} is no speech tokenizer of CosyVoice: expected (1, {BANDS}, frames) and a length")
        self._names = [each.name for each in given]
        if (count := len(self._tokens(np.zeros(timing.SAMPLE_RATE, np.float32)))) != RATE:
            raise ModelError(f"{path} gives {count} tokens a second, expected the {RATE} of CosyVoice 2 and 3")
        self.about = RepresentationInfo(name, "label", RATE, DIGITS, (3**DIGITS,))

    def encode(self, samples: np.ndarray) -> Track:
        units = self.units(samples)
        digits = units.values[:, None] // 3 ** np.arange(DIGITS) % 3 - 1
        return Track(digits.astype(np.float32), RATE)

    def units(self, samples: np.ndarray) -> Track:
        pieces = [self._tokens(samples[i : i + SAMPLES]) for i in range(0, max(len(samples), 1), SAMPLES)]
        return Track(np.concatenate(pieces), RATE)

    def _tokens(self, samples: np.ndarray) -> np.ndarray:
        mel = log_mel(np.pad(samples, (0, -len(samples) % _LEAST or _LEAST * (not len(samples)))), BANDS)[None]
        length = np.array([mel.shape[2]], np.int32)
        (tokens,) = self._session.run(None, dict(zip(self._names, (mel, length), strict=True)))[:1]
        return np.asarray(tokens, np.int64).ravel()
