"""Window by window: a face system as the module that a bundle holds, and takes of any length as the engine's."""

from collections.abc import Mapping, Sequence
from copy import deepcopy

import numpy as np
import torch
from torch import Tensor, nn

from utterface.engines.bundle import ConditionInput, ConditionValue, MotionConfig, Noise, Windows
from utterface.engines.windowed import join, windows
from utterface.errors import ConfigError
from utterface.lab.batches.pairs import rows_read
from utterface.lab.decoders import DecoderInput
from utterface.lab.networks import diffusion
from utterface.lab.networks.face import FeatureNorm
from utterface.lab.representations.modules import as_module
from utterface.lab.systems.face import FaceSystem
from utterface.motion import Motion
from utterface.timing import frame_times, sample_count
from utterface.track import Track

_AT_ONCE = 16  # windows a batch; more gain nothing on a CPU


class FaceWindow(nn.Module):
    """A window of sound as motion: (B, N) samples[, further inputs] → (B, F, C), all steps of the sampler in it.

    The further inputs are those of `MotionConfig.inputs`, in their order: noise, conditions, which of these are given.

    Args:
        face: with its weights.
        windows: lengths; by default those of its recipe.
        exported: whether a graph must be able to hold it.

    Raises:
        ConfigError: a window of no whole number of frames, or `exported` and a representation that no graph can hold.
    """

    times: Tensor
    frame_times: Tensor
    left: Tensor
    right: Tensor
    share: Tensor

    def __init__(self, face: FaceSystem, windows: Windows | None = None, exported: bool = True) -> None:
        super().__init__()
        self.windows = windows or face.windows
        trained = face.network.encoder
        self.encoder = deepcopy(trained.module if trained else as_module(face.representation, face.units, exported))
        self.network, self.guidance = face.network, face.sampling.guidance
        self.conditions = tuple(ConditionInput(name, c.size, c.track) for name, c in face.conditions.items())
        decoder, about, rate = face.network.decoder, face.representation.about, face.data.frame_rate
        frames = round(self.windows.length * rate)
        if rate != round(rate) or any(abs(v * rate - round(v * rate)) > 1e-6 for v in vars(self.windows).values()):
            raise ConfigError(f"windows in steps of 0.2 s hold no whole number of frames at {rate:g} Hz; use 25, 30 …")
        with torch.inference_mode():
            count = self.encoder(torch.zeros(1, sample_count(self.windows.length))).shape[1]
        grid = Track(np.zeros((count, 1), np.int64 if face.units else np.float32), about.frame_rate, about.start)
        rows = rows_read(grid, frames, rate, 0.0, decoder.moments)
        self.blends = bool(rows.share.any())
        self.register_buffer("left", torch.from_numpy(rows.left))
        self.register_buffer("right", torch.from_numpy(rows.right))
        self.register_buffer("share", torch.from_numpy(rows.share).float()[:, None])
        self.register_buffer("times", torch.from_numpy(rows.times).float()[None])
        self.register_buffer("frame_times", torch.from_numpy(frame_times(frames, rate)).float()[None])
        self.updates: tuple[diffusion.Update, ...] = ()
        if decoder.schedule is not None:
            self.updates = diffusion.plan(face.sampling.sampler, decoder.schedule, face.sampling.steps)

    @property
    def draws(self) -> int:
        """How often noise is drawn, K; 0 without a sampler."""
        return bool(self.updates) + sum(update.noise != 0 for update in self.updates)

    def forward(self, samples: Tensor, *further: Tensor) -> Tensor:
        noise, conditions = further[: bool(self.updates)], further[bool(self.updates) :]
        inputs = self._inputs(samples, conditions)
        if not self.updates:
            motion: Tensor = self.network.decoder(inputs)
            return motion
        start, *draws = noise[0].unbind(1)
        denoise = self.network.denoiser(inputs, self.guidance)
        return self.network.unscaled(diffusion.walk(denoise, start, self.updates, iter(draws)))

    def _inputs(self, samples: Tensor, conditions: Sequence[Tensor]) -> DecoderInput:
        """As `FaceNetwork.inputs`; all of a window is known."""
        speech = self.encoder(samples)
        rows = speech[:, self.left]
        if self.blends:
            rows = rows * (1 - self.share) + speech[:, self.right] * self.share
        enter = self.network.enter
        if isinstance(enter, FeatureNorm):
            vectors = enter.batch(rows.flatten(0, -2)).unflatten(0, rows.shape[:-1])
        else:
            vectors = enter(rows)
        if self.network.decoder.moments:
            vectors = vectors.unflatten(1, (-1, self.network.decoder.moments)).flatten(2)
        times, frames = (t.expand(len(samples), -1) for t in (self.times, self.frame_times))
        known, frame_known = (torch.ones_like(t, dtype=torch.bool) for t in (times, frames))
        names = [condition.name for condition in self.conditions]
        values, given = dict(zip(names, conditions, strict=False)), conditions[-1] if names else None
        dropped = {} if given is None else {name: ~given[:, number] for number, name in enumerate(names)}
        return DecoderInput(vectors, times, known, frames, frame_known, values, dropped)

    def config(self, face: FaceSystem, name: str, licence: str = "") -> MotionConfig:
        """What a bundle says of it."""
        channels = face.data.channels
        noise = Noise(len(channels), self.draws) if self.draws else None
        rate = round(face.data.frame_rate)
        return MotionConfig(name, licence, channels, rate, self.windows, noise, face.alive, self.conditions)


def takes(
    face: FaceSystem,
    samples: np.ndarray,
    seeds: Sequence[int],
    conditions: Mapping[str, ConditionValue] | None = None,
) -> list[Motion]:
    """Motion for (N,) samples at 16 kHz, one take a seed, joined as the engine joins a bundle's windows.

    All takes are equal where nothing is sampled. The network keeps its mode.

    Args:
        face: with its weights.
        samples: of the whole recording.
        seeds: of the noise.
        conditions: by name; the learned null stands for those that are missing.
    """
    training, device = face.network.training, next(face.network.parameters()).device
    window = FaceWindow(face, exported=False).to(device).eval()
    config = window.config(face, "takes")
    cut = [windows(samples, config, seed, conditions) for seed in seeds]
    jobs = [
        [sound, *([] if noise is None else [noise]), *given.values()] for take in cut for sound, noise, given in take
    ]
    predicted: list[np.ndarray] = []
    for first in range(0, len(jobs), _AT_ONCE):
        batch = [
            torch.from_numpy(np.concatenate(rows)).to(device)
            for rows in zip(*jobs[first : first + _AT_ONCE], strict=True)
        ]
        with torch.inference_mode():
            predicted += list(window(*batch).float().cpu().numpy())
    face.network.train(training)
    channels, left = face.data.channels, iter(predicted)
    joined = [join([next(left) for _ in take], config, len(samples)) for take in cut]
    return [Motion(motion.select(channels), channels, face.data.frame_rate) for motion in joined]
