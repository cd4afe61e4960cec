"""Window by window: a face system as the module that a bundle holds, and takes of any length as the engine's."""

from collections.abc import Mapping, Sequence
from copy import deepcopy

import numpy as np
import torch
from torch import Tensor, nn

from utterface.engines.bundle import MotionConfig, Noise, Windows
from utterface.engines.windowed import join, windows
from utterface.errors import ConfigError
from utterface.lab.batches.pairs import ConditionValue, at_frames, rows_read
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
    """A window of sound as motion: (B, N) samples[, noise (B, K, F, C)] → (B, F, C), all steps of the sampler in it.

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
        self.encoder = deepcopy(as_module(face.representation, face.units, exported))
        self.network, self.guidance = face.network, face.sampling.guidance
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

    def forward(
        self, samples: Tensor, noise: Tensor | None = None, conditions: Mapping[str, Tensor] | None = None
    ) -> Tensor:
        inputs = self._inputs(samples, conditions or {})
        if not self.updates:
            motion: Tensor = self.network.decoder(inputs)
            return motion
        assert noise is not None
        start, *draws = noise.unbind(1)
        denoise = self.network.denoiser(inputs, self.guidance)
        return self.network.unscaled(diffusion.walk(denoise, start, self.updates, iter(draws)))

    def _inputs(self, samples: Tensor, conditions: Mapping[str, Tensor]) -> DecoderInput:
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
        return DecoderInput(vectors, times, known, frames, frame_known, conditions)

    def config(self, face: FaceSystem, name: str, licence: str = "") -> MotionConfig:
        """What a bundle says of it."""
        channels = face.data.channels
        noise = Noise(len(channels), self.draws) if self.draws else None
        return MotionConfig(name, licence, channels, round(face.data.frame_rate), self.windows, noise, face.alive)


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
    cut = [windows(samples, config, seed) for seed in seeds]
    jobs = [(number, *given) for take in cut for number, given in enumerate(take)]
    tracks = _conditions(conditions or {}, max(map(len, cut), default=0), config)
    predicted: list[np.ndarray] = []
    for first in range(0, len(jobs), _AT_ONCE):
        numbers, sound, noise = zip(*jobs[first : first + _AT_ONCE], strict=True)
        drawn = None if noise[0] is None else torch.from_numpy(np.concatenate(noise)).to(device)
        conditioned = {name: values[list(numbers)].to(device) for name, values in tracks.items()}
        with torch.inference_mode():
            motion = window(torch.from_numpy(np.concatenate(sound)).to(device), drawn, conditioned)
        predicted += list(motion.float().cpu().numpy())
    face.network.train(training)
    channels, left = face.data.channels, iter(predicted)
    joined = [join([next(left) for _ in take], config, len(samples)) for take in cut]
    return [Motion(motion.select(channels), channels, face.data.frame_rate) for motion in joined]


def _conditions(conditions: Mapping[str, ConditionValue], count: int, config: MotionConfig) -> dict[str, Tensor]:
    """The conditions of `count` windows: tracks (count, F, D), vectors (count, I)."""
    starts = np.arange(count) * config.windows.block - config.windows.past
    grids = [frame_times(config.frames, config.frame_rate, float(start)) for start in starts]
    return {
        name: torch.from_numpy(np.stack([at_frames(value, times) for times in grids]))
        for name, value in conditions.items()
        if grids
    }
