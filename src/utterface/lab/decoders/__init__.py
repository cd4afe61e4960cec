"""Decoders: speech in any representation → motion. One contract, so that each goes with each representation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from utterface.errors import ConfigError
from utterface.lab.decoders.animator import AnimatorDecoder, AnimatorDecoderConfig
from utterface.lab.decoders.contract import Decoder, DecoderInput
from utterface.lab.decoders.diffusion_transformer import DiffusionTransformerConfig, DiffusionTransformerDecoder
from utterface.lab.decoders.gru_diffusion import GruDiffusionConfig, GruDiffusionDecoder
from utterface.lab.decoders.transformer import TransformerConfig, TransformerDecoder
from utterface.lab.losses.motion import MotionLossConfig
from utterface.lab.training.names import load
from utterface.lab.training.recipe import config_from

__all__ = ["DECODERS", "Decoder", "DecoderInput", "Kind", "decoder_kind", "make_decoder"]


@dataclass(frozen=True)
class Kind:
    """A decoder that recipes can name.

    Attributes:
        config: record of its sizes.
        decoder: made from (config, features of the speech, channels of the motion, sizes of the conditions).
        losses: default weights of its losses.
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


def make_decoder(
    table: Mapping[str, Any], features: int, channels: int, conditions: Mapping[str, int] | None = None
) -> Decoder:
    """The decoder of a recipe's table `decoder`: `kind` and its sizes.

    Args:
        table: of the recipe.
        features: of the speech, D.
        channels: of the motion, C.
        conditions: features of each condition, by name.

    Raises:
        ConfigError: no such kind or key.
    """
    kind = decoder_kind(table)
    sizes = {key: value for key, value in table.items() if key != "kind"}
    config = config_from(kind.config, sizes, "table [decoder]")
    decoder: Decoder = kind.decoder(config, features, channels, conditions or {})
    return decoder


def decoder_kind(table: Mapping[str, Any]) -> Kind:
    """The kind of decoder that the table `decoder` names; one of your own is `package.module:KIND`."""
    name = str(table.get("kind", "transformer"))
    if ":" in name:
        own: Kind = load(name)
        return own
    if name not in DECODERS:
        raise ConfigError(f"no decoder {name!r}; there are {', '.join(DECODERS)}")
    return DECODERS[name]
