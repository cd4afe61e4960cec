"""Bundles of kind `articulators`: a network that carries a state and predicts what the mouth does."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from utterface.articulation import ARTICULATORS, EMOTIONS
from utterface.engines.bundle.config import BundleConfig, number_in, run, strange_channels, unfit, whole_in
from utterface.errors import ConfigError
from utterface.motion import ARKIT
from utterface.sessions import open_session
from utterface.timing import SAMPLE_RATE

CONTROLS = ("strength", *(name for name in EMOTIONS if name != "neutral"))  # possible inputs beside the sound
STRENGTHS = (0.5, 1.5)  # range of strengths that networks are trained with
_DECISIONS = ("closure", "silence")  # logits after the articulators


@dataclass(frozen=True)
class ArticulatorConfig(BundleConfig):
    """Kind `articulators`; its channels are the articulators, then the logits of closure and silence.

    With controls, the articulators come scaled by the strength, and after the logits come ARKit's channels with the
    weights that emotions add.

    Attributes:
        hop: samples a frame.
        lead: zero samples before the first sample.
        delay_frames: frames by which the outputs lag.
        look_ahead: seconds of later sound that a frame needs.
        state: shapes of the state carried from call to call, without the batch.
        closing: the probability of a closure from which the lips seal.
        resting: the network's `rest` at which the face is half at rest.
        controls: inputs beside the sound, some of CONTROLS; constant from the first sample to the last.
    """

    hop: int
    lead: int
    delay_frames: int
    look_ahead: float
    state: dict[str, tuple[int, ...]]
    closing: float
    resting: float
    controls: tuple[str, ...] = ()

    @property
    def expression(self) -> tuple[str, ...]:
        """Channels to which emotions add."""
        return self.channels[len(ARTICULATORS) + len(_DECISIONS) :]


class ArticulatorNetwork:
    """A network of kind `articulators`: sound step by step, for one or many streams at once."""

    def __init__(self, folder: str | Path, config: ArticulatorConfig, threads: int = 0) -> None:
        self.config = config
        self._session = open_session(Path(folder) / "model.onnx", threads)
        self._outputs = ["frames", *(f"{name}_next" for name in self.config.state)]
        self._check()

    def zero_state(self, batch: int = 1) -> dict[str, np.ndarray]:
        """The state before the first sample."""
        return {name: np.zeros((batch, *shape), np.float32) for name, shape in self.config.state.items()}

    def neutral(self, batch: int = 1) -> np.ndarray:
        """(B, K) neutral controls: strength 1, no emotion."""
        return np.tile(np.array([name == CONTROLS[0] for name in self.config.controls], np.float32), (batch, 1))

    def step(
        self, samples: np.ndarray, state: dict[str, np.ndarray], controls: np.ndarray | None = None
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """(B, hop · n) float32 samples and the state → (B, n, channels) float32 frames and the next state.

        Args:
            samples, state: as above.
            controls: (B, K), in the order of the config; None is neutral. Frames on their way through the network keep
                the controls of their own step, so a change shows within the network's memory.

        Raises:
            ModelError: the network gave NaN.
        """
        inputs = {"samples": samples, **state}
        if self.config.controls:
            inputs["controls"] = self.neutral(len(samples)) if controls is None else controls
        frames, *carried = run(self._session, self._outputs, inputs, self.config.name)
        return frames, dict(zip(self.config.state, carried, strict=True))

    def _check(self) -> None:
        count = len(self.config.controls)
        wanted = {"samples", *self.config.state, *(["controls"] if count else [])}
        inputs = {i.name: i.shape for i in self._session.get_inputs()}
        outputs = {o.name: o.shape for o in self._session.get_outputs()}
        channels = len(self.config.channels)
        if (
            inputs.keys() != wanted
            or (count and inputs["controls"][-1] != count)
            or not outputs.keys() >= set(self._outputs)
            or outputs["frames"][-1] != channels
            or any(inputs[name][1:] != list(shape) for name, shape in self.config.state.items())
        ):
            raise unfit(self.config.name)


def read_articulators(about: BundleConfig, config: Mapping[str, Any]) -> ArticulatorConfig:
    """The config of kind `articulators` from config.json."""
    wanted, controls = (*ARTICULATORS, *_DECISIONS), tuple(config.get("controls", ()))
    fixed, added = about.channels[: len(wanted)], about.channels[len(wanted) :]
    if fixed != wanted:
        raise strange_channels(about.name, set(fixed) ^ set(wanted))
    if not set(added) <= set(ARKIT) or len(set(added)) != len(added) or (added and not controls):
        raise strange_channels(about.name, set(added) - set(ARKIT))
    if not set(controls) <= set(CONTROLS) or len(set(controls)) != len(controls):
        raise ConfigError(f"its controls are {', '.join(controls)}; known are {', '.join(CONTROLS)}; update utterface")
    hop = whole_in(config, "hop", 1, SAMPLE_RATE)
    if hop * about.frame_rate != SAMPLE_RATE:
        raise ConfigError(f"hop must be {SAMPLE_RATE} / frame_rate, got {hop} at {about.frame_rate} frames a second")
    return ArticulatorConfig(
        **vars(about),
        hop=hop,
        lead=whole_in(config, "lead", 0, SAMPLE_RATE),
        delay_frames=whole_in(config, "delay_frames", 0, about.frame_rate),
        look_ahead=float(number_in(config, "look_ahead", 0, 10)),
        state={name: tuple(shape) for name, shape in config["state"].items()},
        closing=float(number_in(config, "closing", 0.01, 0.99)),
        resting=float(number_in(config, "resting", 0, 1)),
        controls=controls,
    )
