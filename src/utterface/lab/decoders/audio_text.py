"""The network of Joint Audio-Text: speech and word vectors, fused frame by frame, then two bidirectional LSTMs.

    mel ─ dilated convolutions ─ a ─┐
                                     [a;1] ⊗ [t;1] ─ linear ─ BLSTM ×2 ─ linear ─ motion
    words ─ linear ─ LeakyReLU ─ linear ─ LSTM ─ t ─┘

Fan, Lin, Saito, Wang & Komura 2021, 2112.02214. The product holds a, t and every pair of their features, after Zadeh et
al. 2017. “3×3” filters of the paper are read as three frames. Its one-hot speaker is left out: voices here are unseen.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from utterface.errors import ConfigError
from utterface.lab.decoders import Kind
from utterface.lab.decoders.contract import Decoder, DecoderInput
from utterface.lab.losses.motion import MotionLossConfig

FUSIONS = ("audio", "text", "concat", "tensor")
TEXT = "text"  # the condition with word vectors


@dataclass(frozen=True)
class AudioTextConfig:
    """Sizes, the paper's by default.

    Attributes:
        fusion: of `FUSIONS`; audio and text read one of both alone.
        audio: features of the convolutions and of a.
        words: features of the first layer over word vectors.
        text: features of t.
        width: features of the fused frame.
        hidden: features of each direction of the LSTMs.
        dilations: of the convolutions, three frames each.
    """

    fusion: str = "tensor"
    audio: int = 128
    words: int = 128
    text: int = 64
    width: int = 128
    hidden: int = 128
    dilations: tuple[int, ...] = (1, 2, 4, 8)

    def __post_init__(self) -> None:
        if self.fusion not in FUSIONS:
            raise ConfigError(f"decoder.fusion must be one of {', '.join(FUSIONS)}, got {self.fusion!r}")


class _DilatedConvolutions(nn.Module):
    """Convolutions over time with residual links."""

    def __init__(self, features: int, width: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.enter = nn.Linear(features, width)
        self.layers = nn.ModuleList(nn.Conv1d(width, width, 3, padding=d, dilation=d) for d in dilations)
        self.leave = nn.Linear(width, width)

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        """(B, T, D), of which (B, T) are known → (B, T, width)."""
        there = known[:, None].to(x.dtype)
        x = self.enter(x).transpose(1, 2) * there
        for layer in self.layers:
            x = (x + nn.functional.leaky_relu(layer(x))) * there
        out: Tensor = self.leave(x.transpose(1, 2))
        return out


class AudioTextDecoder(Decoder):
    """Motion from speech at the frames and the condition `text`."""

    moments = 2

    def __init__(self, config: AudioTextConfig, features: int, channels: int, conditions: Mapping[str, int]) -> None:
        super().__init__()
        self.config = config
        reads_text, reads_audio = config.fusion != "audio", config.fusion != "text"
        if reads_text and TEXT not in conditions:
            raise ConfigError(f"decoder.fusion = {config.fusion!r} needs word vectors; train it as system audio_text")
        self.audio = (
            _DilatedConvolutions(self.moments * features, config.audio, config.dilations) if reads_audio else None
        )
        self.words = self.text = None
        if reads_text:
            self.words = nn.Sequential(
                nn.Linear(conditions[TEXT], config.words), nn.LeakyReLU(), nn.Linear(config.words, config.text)
            )
            self.text = nn.LSTM(config.text, config.text, batch_first=True)
        fused = {
            "audio": config.audio,
            "text": config.text,
            "concat": config.audio + config.text,
            "tensor": (config.audio + 1) * (config.text + 1),
        }[config.fusion]
        self.enter = nn.Linear(fused, config.width)
        self.frames = nn.LSTM(config.width, config.hidden, 2, batch_first=True, bidirectional=True)
        self.leave = nn.Linear(2 * config.hidden, channels)

    def decode(self, inputs: DecoderInput, noisy: Tensor | None = None, level: Tensor | None = None) -> Tensor:
        x, known = self.enter(self.fused(*self.encoded(inputs))), inputs.frame_known
        if known.all():
            x, _ = self.frames(x)
        else:  # the way back begins at each clip's own end
            packed = pack_padded_sequence(x, known.sum(1).cpu(), batch_first=True, enforce_sorted=False)
            x, _ = pad_packed_sequence(self.frames(packed)[0], batch_first=True, total_length=x.shape[1])
        motion: Tensor = self.leave(x)
        return motion

    def encoded(self, inputs: DecoderInput) -> tuple[Tensor | None, Tensor | None]:
        """a (B, T, audio) and t (B, T, text), before they are fused."""
        audio = None if self.audio is None else self.audio(inputs.speech, inputs.frame_known)
        if self.words is None or self.text is None:
            return audio, None
        text, _ = self.text(self.words(inputs.conditions[TEXT]))
        return audio, text

    def fused(self, audio: Tensor | None, text: Tensor | None) -> Tensor:
        """(B, T, …) both as one."""
        parts = [part for part in (audio, text) if part is not None]
        if self.config.fusion != "tensor":
            return torch.cat(parts, 2)
        one = torch.ones_like(parts[0][..., :1])
        a, t = (torch.cat([part, one], 2) for part in parts)
        return (a[..., :, None] * t[..., None, :]).flatten(2)


KIND = Kind(AudioTextConfig, AudioTextDecoder, MotionLossConfig(velocity=0.0, acceleration=0.0, huber=1.0))
