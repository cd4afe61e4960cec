"""Vectors → units inside a network, with gradients that pass straight through (k-means stands in `clusters`)."""

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_MEMORY = 0.99  # how slowly a code's use is forgotten from step to step
_IDLE = 0.03  # of its fair share: after 350 steps without use a code is idle


class Quantised(NamedTuple):
    """What a quantiser answers.

    Attributes:
        vectors: (B, T, D) what the units stand for; gradients pass as if nothing had been rounded.
        units: (B, T) or (B, T, K) int64.
        loss: pulls codes and inputs together; 0 where nothing is learned.
    """

    vectors: Tensor
    units: Tensor
    loss: Tensor


class VectorQuantiser(nn.Module):
    """The nearest of K learned codes, looked up by angle in few features (van den Oord et al. 2017; Yu et al. 2021).

    The loss is ‖sg[z] − e‖² + β ‖z − sg[e]‖² (VQ-VAE, eq. 3; sg stops the gradient); few features and the angle keep
    codes in use (DAC, Kumar et al. 2023, section 3.2). In training a code that went without use for long, and each at
    the very start, is moved onto an input of the batch (SoundStream, III-C).

    Args:
        features: D.
        size: K.
        code_features: of a code.
        commitment: β.
    """

    use: Tensor  # (K,) running share of the inputs that each code gets, 1 = its fair share

    def __init__(self, features: int, size: int, code_features: int = 8, commitment: float = 0.25) -> None:
        super().__init__()
        self.commitment = commitment
        self.enter = nn.Linear(features, code_features)
        self.level = nn.BatchNorm1d(code_features, affine=False)  # else what all inputs share fixes their angle
        self.leave = nn.Linear(code_features, features)
        self.codes = nn.Parameter(torch.randn(size, code_features))
        self.register_buffer("use", torch.zeros(size))

    def forward(self, x: Tensor) -> Quantised:
        """(B, T, D) → vectors (B, T, D), units (B, T); in full precision, as half of it would confuse near codes."""
        with torch.autocast(x.device.type, enabled=False):
            return self._quantise(x.float())

    def _quantise(self, x: Tensor) -> Quantised:
        narrow = self.level(self.enter(x).flatten(0, 1)).unflatten(0, x.shape[:2])
        if self.training:
            self._revive(narrow)
        units = (F.normalize(narrow, dim=-1) @ F.normalize(self.codes, dim=-1).T).argmax(-1)
        if self.training:
            self._follow_use(units)
        nearest = self.codes[units]
        loss = F.mse_loss(nearest, narrow.detach()) + self.commitment * F.mse_loss(narrow, nearest.detach())
        return Quantised(self.leave(narrow + (nearest - narrow).detach()), units, loss)

    def look_up(self, units: Tensor) -> Tensor:
        """(B, T) → (B, T, D)."""
        vectors: Tensor = self.leave(self.codes[units])
        return vectors

    @torch.no_grad()
    def _revive(self, narrow: Tensor) -> None:
        flat = narrow.flatten(0, -2).to(self.codes.dtype)
        drawn = flat[torch.randint(len(flat), (len(self.codes),), device=flat.device)]
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            torch.distributed.broadcast(drawn, 0)  # every process must move the same codes to the same places
        idle = self.use < _IDLE
        self.codes[idle] = drawn[idle]
        self.use[idle] = 1

    @torch.no_grad()
    def _follow_use(self, units: Tensor) -> None:
        share = torch.bincount(units.flatten(), minlength=len(self.codes)) * (len(self.codes) / units.numel())
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            torch.distributed.all_reduce(share)
            share /= torch.distributed.get_world_size()
        self.use.lerp_(share, 1 - _MEMORY)


class ResidualVQ(nn.Module):
    """Each quantiser codes what the ones before it left over (SoundStream, Zeghidour et al. 2021, algorithm 1).

    In training a random number of quantisers is at work in each item, so any number serves later (ibid., III-C).
    """

    def __init__(self, features: int, size: int, count: int, code_features: int = 8) -> None:
        super().__init__()
        self.quantisers = nn.ModuleList([VectorQuantiser(features, size, code_features) for _ in range(count)])

    def forward(self, x: Tensor, count: int | None = None) -> tuple[Quantised, Tensor]:
        """(B, T, D) → vectors, units (B, T, K), loss; and (B, T, D) what the first quantiser alone gives."""
        number = len(self.quantisers)
        used = torch.full((len(x),), count or number, device=x.device)
        if self.training:
            drawn = torch.randint(1, number + 1, (len(x),), device=x.device)
            used = torch.where(torch.rand(len(x), device=x.device) < 0.5, drawn, used)
        left, total, units, losses = x, torch.zeros_like(x), [], []
        first = total
        for i, quantiser in enumerate(self.quantisers[: count or number]):
            quantised = quantiser(left)
            works = (i < used)[:, None, None]
            total = total + quantised.vectors * works
            left = left - quantised.vectors
            units.append(quantised.units)
            losses.append(quantised.loss)
            first = quantised.vectors if i == 0 else first
        return Quantised(total, torch.stack(units, -1), torch.stack(losses).mean()), first

    def look_up(self, units: Tensor) -> Tensor:
        """(B, T, K) → (B, T, D), summed."""
        return torch.stack(self.apart(units)).sum(0)

    def apart(self, units: Tensor) -> list[Tensor]:
        """(B, T, K) → K times (B, T, D), the vectors of each codebook."""
        parts: list[Any] = list(self.quantisers)[: units.shape[-1]]
        return [quantiser.look_up(units[..., i]) for i, quantiser in enumerate(parts)]


class FiniteScalar(nn.Module):
    """Finite scalar quantisation: every feature is squashed and rounded to one of a few levels (Mentzer et al. 2023).

    Nothing is learned and no code can die: the codebook is the grid of all Π levels.
    """

    extent: Tensor
    offset: Tensor
    shift: Tensor
    width: Tensor
    place: Tensor

    def __init__(self, levels: tuple[int, ...]) -> None:
        super().__init__()
        self.levels = levels
        count = torch.tensor(levels, dtype=torch.float32)
        self.register_buffer("extent", (count - 1) * (1 + 1e-3) / 2, persistent=False)
        self.register_buffer("offset", (count % 2 == 0) * 0.5, persistent=False)
        self.register_buffer("shift", torch.atanh(self.offset / self.extent), persistent=False)
        self.register_buffer("width", torch.div(count, 2, rounding_mode="floor"), persistent=False)
        place = [math.prod(levels[:i]) for i in range(len(levels))]
        self.register_buffer("place", torch.tensor(place), persistent=False)

    @property
    def size(self) -> int:
        """Units there are."""
        return math.prod(self.levels)

    def forward(self, x: Tensor) -> Quantised:
        """(B, T, number of levels) → vectors in −1…1, units (B, T)."""
        bounded = torch.tanh(x + self.shift) * self.extent - self.offset
        rounded = bounded + (bounded.round() - bounded).detach()
        digits = (rounded.detach() + self.width).round().long()
        return Quantised(rounded / self.width, (digits * self.place).sum(-1), x.new_zeros(()))

    def look_up(self, units: Tensor) -> Tensor:
        """(B, T) → (B, T, number of levels)."""
        digits = units[..., None] // self.place % torch.tensor(self.levels, device=units.device)
        return (digits - self.width) / self.width
