"""Denoising diffusion for networks that predict the clean data x̂0; what they denoise, and given what, is their affair.

    x_d = √ᾱ_d · x0 + √(1 − ᾱ_d) · ε        levels d = 0 … D − 1, from hardly any noise to nothing but noise

Ho et al. 2020 (2006.11239), eq. 4. Every sampler here is a list of `Update`s, linear in x, x̂0 and fresh noise, with
numbers that are known beforehand. So a bundle can unroll them, and whoever runs it knows no scheduler.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from utterface.errors import ConfigError

Denoise = Callable[[Tensor, Tensor], Tensor]  # x (B, T, C) at levels (B,) int64 → x̂0 (B, T, C)


@dataclass(frozen=True)
class Schedule:
    """How much of the data is left at each noise level.

    Attributes:
        kept: (D,) float64, ᾱ: the share of the data's variance that is left, falling.
    """

    kept: np.ndarray

    def __len__(self) -> int:
        return len(self.kept)

    @classmethod
    def linear(cls, levels: int = 1000, first: float = 1e-4, last: float = 0.02) -> "Schedule":
        """β rises linearly (Ho et al. 2020, section 4)."""
        return cls(np.cumprod(1 - np.linspace(first, last, levels)))

    @classmethod
    def cosine(cls, levels: int = 1000, offset: float = 0.008, largest: float = 0.999) -> "Schedule":
        """ᾱ follows a squared cosine, β stays below `largest` (Nichol and Dhariwal 2021, 2102.09672, eq. 17)."""
        left = np.cos((np.arange(levels + 1) / levels + offset) / (1 + offset) * math.pi / 2) ** 2
        return cls(np.cumprod(1 - np.minimum(1 - left[1:] / left[:-1], largest)))


SCHEDULES: dict[str, Callable[[int], Schedule]] = {"linear": Schedule.linear, "cosine": Schedule.cosine}


def noise_schedule(name: str, levels: int) -> Schedule:
    """A schedule by name; ConfigError names those there are."""
    if name not in SCHEDULES:
        raise ConfigError(f"no noise schedule {name!r}; there are {', '.join(SCHEDULES)}")
    return SCHEDULES[name](levels)


def add_noise(clean: Tensor, noise: Tensor, level: Tensor, schedule: Schedule) -> Tensor:
    """What is left of clean data at given levels, q(x_d | x0).

    Args:
        clean, noise: (B, …).
        level: (B,) int64.
        schedule: of the noise.
    """
    kept = torch.as_tensor(schedule.kept, device=clean.device)[level].view(-1, *[1] * (clean.ndim - 1))
    return kept.sqrt().to(clean.dtype) * clean + (1 - kept).sqrt().to(clean.dtype) * noise


@dataclass(frozen=True)
class Update:
    """One step of a sampler: x ← keep · x + clean · x̂0(x, level) + earlier · (x̂0 one step before) + noise · ε."""

    level: int
    keep: float
    clean: float
    earlier: float = 0.0
    noise: float = 0.0


def spaced(levels: int, steps: int) -> list[int]:
    """`steps` levels from the noisiest down, evenly apart; the noisiest is always one (Lin et al. 2024, 2305.08891)."""
    if not 1 <= steps <= levels:
        raise ConfigError(f"a sampler of {levels} levels takes 1 to {levels} steps, got {steps}")
    return [round(levels * (steps - i) / steps) - 1 for i in range(steps)]


def spaced_by_snr(schedule: Schedule, steps: int) -> list[int]:
    """`steps` levels from the noisiest to the least noisy, evenly apart in log-SNR as far as there are levels.

    What Lu et al. 2022 recommend; with few steps the solver comes much closer than on levels evenly apart.
    """
    count = len(spaced(len(schedule), steps))
    height = np.array([_half_log_snr(float(kept)) for kept in schedule.kept])
    levels: list[int] = []
    for i, wanted in enumerate(np.linspace(height[-1], height[0], count)):
        below = levels[-1] if levels else len(schedule)
        levels.append(min(below - 1, max(int(np.abs(height - wanted).argmin()), count - 1 - i)))
    return levels


def ddim(schedule: Schedule, steps: int, eta: float = 0.0) -> tuple[Update, ...]:
    """Song et al. 2021 (2010.02502), eq. 12 and 16; `eta` 0 adds no noise, 1 is `ddpm`."""
    updates = []
    for level, here, after in _stairs(schedule, spaced(len(schedule), steps)):
        noise = eta * math.sqrt((1 - after) / (1 - here) * (1 - here / after))
        keep = math.sqrt(max(0.0, 1 - after - noise**2) / (1 - here))
        updates.append(Update(level, keep, math.sqrt(after) - keep * math.sqrt(here), noise=noise))
    return tuple(updates)


def ddpm(schedule: Schedule, steps: int) -> tuple[Update, ...]:
    """Ancestral sampling from q(x_after | x_here, x̂0) (Ho et al. 2020, eq. 6 and 7)."""
    return ddim(schedule, steps, eta=1.0)


def renoise(schedule: Schedule, steps: int) -> tuple[Update, ...]:
    """Each x̂0 is noised again, q(x_after | x̂0), which forgets x: "adding the expected noise back" (THUNDER)."""
    stairs = _stairs(schedule, spaced(len(schedule), steps))
    return tuple(Update(level, 0.0, math.sqrt(after), noise=math.sqrt(1 - after)) for level, _, after in stairs)


def dpm_solver(schedule: Schedule, steps: int) -> tuple[Update, ...]:
    """DPM-Solver++(2M), a second-order solver without noise (Lu et al. 2022, 2211.01095, algorithm 2).

    Levels are even in log-SNR. The last step, to no noise and infinite log-SNR, is of first order: there x is x̂0.
    """
    updates: list[Update] = []
    width = 0.0  # of the step before, in half log-SNR
    for level, here, after in _stairs(schedule, spaced_by_snr(schedule, steps)):
        keep = math.sqrt((1 - after) / (1 - here))
        clean = math.sqrt(after) - keep * math.sqrt(here)  # −α (exp(−h) − 1)
        earlier, step = 0.0, _half_log_snr(after) - _half_log_snr(here)
        if updates and after < 1:
            earlier = -clean * step / (2 * width)
        updates.append(Update(level, keep, clean - earlier, earlier))
        width = step
    return tuple(updates)


SAMPLERS: dict[str, Callable[[Schedule, int], tuple[Update, ...]]] = {
    "ddpm": ddpm,
    "ddim": ddim,
    "dpm++": dpm_solver,
    "renoise": renoise,
}


def plan(sampler: str, schedule: Schedule, steps: int) -> tuple[Update, ...]:
    """The updates of a sampler by name; ConfigError names those there are."""
    if sampler not in SAMPLERS:
        raise ConfigError(f"no sampler {sampler!r}; there are {', '.join(SAMPLERS)}")
    return SAMPLERS[sampler](schedule, steps)


def _stairs(schedule: Schedule, levels: Sequence[int]) -> list[tuple[int, float, float]]:
    """(level, ᾱ there, ᾱ at the next level) of every step; the last one leads to clean data, ᾱ = 1."""
    kept = [float(schedule.kept[d]) for d in levels] + [1.0]
    return list(zip(levels, kept[:-1], kept[1:], strict=True))


def _half_log_snr(kept: float) -> float:
    return 0.5 * math.log(kept / (1 - kept)) if kept < 1 else math.inf


@torch.no_grad()
def sample(denoise: Denoise, start: Tensor, updates: Sequence[Update], generator: torch.Generator) -> Tensor:
    """Noise → data.

    Args:
        denoise: x (B, …), levels (B,) → x̂0 (B, …).
        start: (B, …) noise of unit variance.
        updates: of a sampler.
        generator: where the noise of the steps comes from; the same one gives the same data.
    """

    def draws() -> Iterator[Tensor]:
        while True:
            drawn = torch.randn(start.shape, generator=generator, device=generator.device, dtype=start.dtype)
            yield drawn.to(start.device)

    return walk(denoise, start, updates, draws())


def walk(denoise: Denoise, start: Tensor, updates: Sequence[Update], draws: Iterator[Tensor]) -> Tensor:
    """`sample` with noise from anywhere: the updates that add some take the next of `draws` each, as `start`."""
    x, before = start, torch.zeros_like(start)
    for update in updates:
        clean = denoise(x, torch.full((len(x),), update.level, device=x.device))
        x = update.keep * x + update.clean * clean + update.earlier * before
        if update.noise:
            x = x + update.noise * next(draws)
        before = clean
    return x


def guided(conditioned: Denoise, free: Denoise, scale: float) -> Denoise:
    """Classifier-free guidance: scale · x̂0 given the speech + (1 − scale) · x̂0 without; 1 is none and costs nothing.

    Ho and Salimans 2022 (2207.12598), eq. 6 with scale = 1 + w.
    """
    if scale == 1:
        return conditioned
    return lambda x, level: scale * conditioned(x, level) + (1 - scale) * free(x, level)
