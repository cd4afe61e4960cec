"""A bundle of kind `motion` on tokens, entered behind its tokenizer: tokens in, a face out, without sound between."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx.utils import Extractor

from utterface.engines.bundle import MotionConfig, read_config
from utterface.engines.bundle.config import run
from utterface.engines.windowed import join
from utterface.errors import ModelError
from utterface.motion import Motion
from utterface.timing import frame_count, sample_count, seconds

_TABLE = "enter.tables.0.weight"  # of the embedding of tokens, in `networks.face`


class TokenFaces:
    """The decoder of a bundle that was trained on one codebook.

    Args:
        bundle: its folder.
        token_rate: Hz.
        silence: the token of silence, which stands before and after what is spoken.

    Raises:
        ModelError: a bundle of another kind, or one that reads no tokens.
    """

    def __init__(self, bundle: str | Path, token_rate: float, silence: int) -> None:
        config = read_config(Path(bundle))
        graph = onnx.load(Path(bundle) / "model.onnx")
        entry = [n.input[1] for n in graph.graph.node if n.op_type == "Gather" and n.input[0].endswith(_TABLE)]
        if not isinstance(config, MotionConfig) or config.noise or config.conditions or len(entry) != 1:
            raise ModelError(f"the bundle {config.name} is no face of tokens of one codebook alone")
        self.config, self.silence, self._entry = config, silence, entry[0]
        self.past, self.block, self.length = (
            round(part * token_rate) for part in (config.windows.past, config.windows.block, config.windows.length)
        )
        decoder = Extractor(graph).extract_model([self._entry], ["motion"]).SerializeToString()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = 1, 3
        self._session = onnxruntime.InferenceSession(decoder, options, providers=["CPUExecutionProvider"])

    def window(self, tokens: np.ndarray) -> np.ndarray:
        """(length,) tokens → (F, C)."""
        (motion,) = run(self._session, ["motion"], {self._entry: tokens[None]}, self.config.name)
        return np.asarray(motion[0])

    def motion(self, tokens: Sequence[int] | np.ndarray, samples: int) -> Motion:
        """The face of (T,) tokens that go with so many samples at 16 kHz."""
        frames = frame_count(seconds(samples), self.config.frame_rate)
        count = -(-frames // self.config.frames_in(self.config.windows.block))
        padded = np.full(count * self.block + self.length, self.silence, np.int64)
        known = np.asarray(tokens, np.int64)[: len(padded) - self.past]
        padded[self.past : self.past + len(known)] = known
        windows = [padded[k * self.block : k * self.block + self.length] for k in range(count)]
        return join([self.window(window) for window in windows], self.config, samples)

    @property
    def first(self) -> int:
        """Tokens that must be there before the first frames are."""
        return self.length - self.past

    @property
    def first_samples(self) -> int:
        """Samples of the first frames."""
        return sample_count(self.config.windows.block)
