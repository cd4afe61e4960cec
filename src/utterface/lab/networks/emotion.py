"""The emotion of a voice from the features of a window: normalised, one hidden layer, a decision."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class EmotionNetworkConfig:
    """The recipe's table `network`.

    Attributes:
        features: of a window, as `engines.emotion.emotion_features` gives them.
        hidden: features of the hidden layer.
        dropout: of the features and of the hidden layer.
        noise: deviation of what is added to the normalised features in training.
    """

    features: int = 82
    hidden: int = 128
    dropout: tuple[float, float] = (0.2, 0.5)
    noise: float = 0.1


class EmotionModel(nn.Module):
    """(B, F) features → (B, E + H): logits of the emotions, then the hidden layer."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, config: EmotionNetworkConfig, emotions: int) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("mean", torch.zeros(config.features))
        self.register_buffer("deviation", torch.ones(config.features))
        self.enter = nn.Linear(config.features, config.hidden)
        self.leave = nn.Linear(config.hidden, emotions)

    def forward(self, features: Tensor) -> Tensor:
        x = (features - self.mean) / self.deviation
        first, second = self.config.dropout
        if self.training:
            x = F.dropout(x + self.config.noise * torch.randn_like(x), first)
        hidden = F.gelu(self.enter(x))
        return torch.cat([self.leave(F.dropout(hidden, second, self.training)), hidden], 1)
