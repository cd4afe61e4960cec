"""LSF-Animation's second stage: two streams of speech and an identity → codes of the motion prior.

motion stream ─ linear ─ × s(identity) ─ convolution ─ linear, positions ─┐
emotion stream ─ linear ─ × s(identity) ─ convolution ─ the same ─────────┴─ fusion ─ z ─ codes ─ frozen decoder
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from utterface.errors import ConfigError
from utterface.lab.networks.fusion import FUSIONS, make_fusion
from utterface.lab.networks.motion_prior import ConvolvedFrames, MotionCodes, MotionPrior, placed

IDENTITIES = ("none", "mlp", "softmax")
_RANGES = (
    ("expression", -3.0, 3.0),
    ("jawX", -0.1, 0.5),
    ("jawY", -0.1, 0.5),
    ("jawZ", -0.1, 0.5),
    ("head", -0.6, 0.6),
)


@dataclass(frozen=True)
class LsfConfig:
    """The recipe's table `network` of `lsf`; the width is the prior's.

    Attributes:
        fusion: `hifb`, or `concat`, `gated` and `cross` of as many weights.
        layers, heads, inner, tokens: of HIFB.
        identity: how a shape vector scales the streams: `none`, `mlp`, or `softmax` over `classes`, as released.
        hidden: features of the two hidden layers of the identity.
        classes: training identities of the softmax.
        norm: after each stream's convolution, see `MotionPriorConfig`.
        temperature: τ of sampling.
    """

    fusion: str = "hifb"
    layers: int = 12
    heads: int = 8
    inner: int = 384
    tokens: int = 4
    identity: str = "mlp"
    hidden: tuple[int, int] = (256, 128)
    classes: int = 32
    norm: str = "instance"
    temperature: float = 0.2

    def __post_init__(self) -> None:
        if self.fusion not in FUSIONS or self.identity not in IDENTITIES:
            raise ConfigError(
                f"network.fusion is one of {', '.join(FUSIONS)}, identity one of {', '.join(IDENTITIES)}; "
                f"got {self.fusion} and {self.identity}"
            )


class IdentityScale(nn.Module):
    """A shape vector (B, I) → s (B, W), by which streams are multiplied."""

    def __init__(self, config: LsfConfig, features: int, width: int) -> None:
        super().__init__()
        first, second = config.hidden
        last = config.classes if config.identity == "softmax" else second
        self.layers = nn.Sequential(
            nn.Linear(features, first), nn.ReLU(), nn.Linear(first, second), nn.ReLU(), nn.Linear(second, last)
        )
        self.activation = nn.Softmax(-1) if config.identity == "softmax" else nn.Tanh()
        self.leave = nn.Linear(last, width, bias=config.identity != "softmax")
        if self.leave.bias is not None:  # the plain MLP begins as no identity at all
            nn.init.ones_(self.leave.bias)
            nn.init.normal_(self.leave.weight, std=0.05)
        else:
            nn.init.normal_(self.leave.weight, mean=1.0, std=0.2)

    def forward(self, identity: Tensor) -> Tensor:
        """(B, I) → (B, 1, W)."""
        scale: Tensor = self.leave(self.activation(self.layers(identity)))
        return scale[:, None]


class MotionRange(nn.Module):
    """Channels ↔ 0…1: FLAME's expressions from ±3, its jaw from −0.1…0.5, the head from ±0.6 rad; weights stay."""

    low: Tensor
    extent: Tensor

    def __init__(self, channels: tuple[str, ...]) -> None:
        super().__init__()
        known = [next(((a, b) for name, a, b in _RANGES if c.startswith(name)), (0.0, 1.0)) for c in channels]
        low, high = torch.tensor(known).T
        self.register_buffer("low", low)
        self.register_buffer("extent", high - low)

    def forward(self, motion: Tensor) -> Tensor:
        return (motion - self.low) / self.extent

    def undo(self, scaled: Tensor) -> Tensor:
        return scaled * self.extent + self.low


class LsfNetwork(nn.Module):
    """Everything of the second stage; the prior in it is frozen and stays in evaluation mode.

    Args:
        config: sizes.
        prior: trained.
        channels: of the motion.
        speech, emotion, identity: features of each input.
    """

    def __init__(
        self, config: LsfConfig, prior: MotionPrior, channels: tuple[str, ...], speech: int, emotion: int, identity: int
    ) -> None:
        super().__init__()
        width = prior.config.width
        self.config, self.prior, self.range = config, prior.requires_grad_(False), MotionRange(channels)
        self.norms = nn.ModuleList([nn.BatchNorm1d(n, affine=False) for n in (speech, emotion)])
        self.enter = nn.ModuleList([nn.Linear(n, width) for n in (speech, emotion)])
        self.streams = nn.ModuleList([ConvolvedFrames(width, config.norm) for _ in range(2)])
        self.shared = nn.Linear(width, width)
        self.identity = None if config.identity == "none" else IdentityScale(config, identity, width)
        self.fusion = make_fusion(config.fusion, width, config.layers, config.heads, config.inner, config.tokens)
        self.train()

    def train(self, mode: bool = True) -> "LsfNetwork":
        """As of any module, but for the prior, which is at rest."""
        super().train(mode)
        self.prior.eval()
        return self

    def forward(
        self,
        speech: Tensor,
        emotion: Tensor,
        identity: Tensor,
        known: Tensor,
        generator: torch.Generator | None = None,
        sampled: bool = False,
    ) -> tuple[Tensor, MotionCodes]:
        """Streams (B, T, …) and identity (B, I) → motion (B, T, C), scaled to 0…1, and its codes."""
        scale = 1.0 if self.identity is None else self.identity(identity)
        streams = []
        for x, norm, enter, convolved in zip((speech, emotion), self.norms, self.enter, self.streams, strict=True):
            normed = norm(x.flatten(0, 1)).view_as(x)
            streams.append(placed(self.shared(convolved(enter(normed) * scale, known))))
        z = self.fusion(*streams, known)
        codes: MotionCodes = self.prior.book(z, self.config.temperature if sampled else 0.0, generator)
        return self.prior.decode(codes.vectors, known), codes
