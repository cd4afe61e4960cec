"""Bundles of kind `emotion`: what a stretch of speech sounds like, one probability an emotion."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from utterface.articulation import EMOTIONS
from utterface.engines.bundle.config import BundleConfig, number_in, run, strange_channels, unfit, whole_in
from utterface.errors import ConfigError
from utterface.sessions import open_session


@dataclass(frozen=True)
class EmotionConfig(BundleConfig):
    """Kind `emotion`; its channels are emotions, the first of them neutral, its frame rate decisions a second.

    Attributes:
        window: seconds that a decision reads, at most.
        features: numbers that describe a window.
        hidden: features of the layer below the decision.
        unsure, sure: probability up to which an emotion does not show, and from which it shows in full.
    """

    window: float
    features: int
    hidden: int
    unsure: float
    sure: float


def read_emotion(about: BundleConfig, config: Mapping[str, Any]) -> EmotionConfig:
    """The config of kind `emotion` from config.json."""
    if strange := set(about.channels) - set(EMOTIONS):
        raise strange_channels(about.name, strange)
    unsure, sure = number_in(config, "unsure", 0, 1), number_in(config, "sure", 0, 1)
    if unsure >= sure:
        raise ConfigError(f"unsure must lie below sure, got {unsure:g} and {sure:g}; install the bundle again")
    return EmotionConfig(
        **vars(about),
        window=number_in(config, "window", 0.5, 60),
        features=whole_in(config, "features", 1, 10_000),
        hidden=whole_in(config, "hidden", 1, 10_000),
        unsure=unsure,
        sure=sure,
    )


class EmotionNetwork:
    """The network of a bundle of kind `emotion`.

    Args:
        folder: the bundle's.
        config: what its config.json says.

    Raises:
        ModelError: no network, or one that does not fit the config.
    """

    def __init__(self, folder: str | Path, config: EmotionConfig) -> None:
        self.config, self._session = config, open_session(Path(folder) / "model.onnx", 1)

    def __call__(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(F,) features of a window → (E,) probabilities of the emotions, (H,) the layer below."""
        name, count = self.config.name, len(self.config.channels)
        inputs = {"features": np.asarray(features, np.float32)[None]}
        output = run(self._session, ["decision"], inputs, name)[0]
        if output.shape != (1, count + self.config.hidden):
            raise unfit(name)
        likely = np.exp(output[0, :count])
        return likely / likely.sum(), output[0, count:]
