"""Decoders: speech in any representation → motion. One contract, so that each can be tried with each representation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from utterface.errors import ConfigError
from utterface.lab.decoders.animator import AnimatorDecoder, AnimatorDecoderConfig
from utterface.lab.decoders.contract import Decoder, Heard
from utterface.lab.decoders.diffusion_transformer import DiffusionTransformerConfig, DiffusionTransformerDecoder
from utterface.lab.decoders.gru_diffusion import GruDiffusionConfig, GruDiffusionDecoder
from utterface.lab.decoders.transformer import TransformerConfig, TransformerDecoder
from utterface.lab.losses.motion import MotionLossConfig
from utterface.lab.training.recipe import config_from

__all__ = ["DECODERS", "Decoder", "Heard", "Kind", "make_decoder"]


@dataclass(frozen=True)
class Kind:
    """A decoder that recipes can name.

    Attributes:
        config: record of its sizes.
        decoder: made from (config, features of the speech, channels of the motion).
        losses: what it is trained with where the recipe says nothing else.
    """

    config: type[Any]
    decoder: type[Any]
    losses: MotionLossConfig


DECODERS = {
    "transformer": Kind(TransformerConfig, TransformerDecoder, MotionLossConfig()),
    "gru_diffusion": Kind(GruDiffusionConfig, GruDiffusionDecoder, MotionLossConfig(velocity=0.0, acceleration=0.0)),
    "diffusion_transformer": Kind(
        DiffusionTransformerConfig, DiffusionTransformerDecoder, MotionLossConfig(acceleration=0.0)
    ),
    "animator": Kind(AnimatorDecoderConfig, AnimatorDecoder, MotionLossConfig()),
}


def make_decoder(table: Mapping[str, Any], features: int, channels: int) -> Decoder:
    """The decoder of a recipe's table `decoder`: `kind` and its sizes.

    Args:
        table: of the recipe.
        features: of the speech, D.
        channels: of the motion, C.

    Raises:
        ConfigError: no such kind or key.
    """
    kind = decoder_kind(table)
    sizes = {key: value for key, value in table.items() if key != "kind"}
    decoder: Decoder = kind.decoder(config_from(kind.config, sizes, "table [decoder]"), features, channels)
    return decoder


def decoder_kind(table: Mapping[str, Any]) -> Kind:
    """Which decoder the table `decoder` names."""
    name = table.get("kind", "transformer")
    if name not in DECODERS:
        raise ConfigError(f"no decoder {name!r}; there are {', '.join(DECODERS)}")
    return DECODERS[name]
