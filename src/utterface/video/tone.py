"""Linear light to the 8 bits of a screen."""

import re

import numpy as np

from utterface.errors import ConfigError
from utterface.video.painter import Picture

BRIGHTEST = 2.0  # linear light that the curve still tells apart
_STEPS = 8191
SOFT = 0.18  # how much what is brightest is softened


def srgb(light: np.ndarray) -> np.ndarray:
    """sRGB's curve, 0…1 to 0…1 (IEC 61966-2-1)."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)


def _curve() -> np.ndarray:
    """(n,) uint8 of linear light from 0 to `BRIGHTEST`."""
    light = np.linspace(0, BRIGHTEST, _STEPS + 1)
    return np.round(255 * srgb(light / (1 + SOFT * light)).clip(0, 1)).astype(np.uint8)


_CURVE = _curve()


def to_rgb(picture: Picture, background: tuple[int, int, int], width: int) -> np.ndarray:
    """(H, W, 3) uint8 over a background of 0…255."""
    behind = (np.array(background) / 255) ** 2.2
    pixels = np.empty((len(picture.cover), 3), np.uint8)
    partly = np.flatnonzero((picture.cover > 0) & (picture.cover < 1))
    rest = 1 - picture.cover[partly]
    for channel in range(3):
        pixels[:, channel] = _bits(picture.colour[channel])
        pixels[partly, channel] = _bits(picture.colour[channel, partly] + rest * np.float32(behind[channel]))
    np.copyto(pixels, np.array(background, np.uint8), where=(picture.cover == 0)[:, None])
    return pixels.reshape(-1, width, 3)


def to_rgba(picture: Picture, width: int) -> np.ndarray:
    """(H, W, 4) uint8 with straight alpha; what is covered in part has the colour of the part."""
    pixels = np.zeros((len(picture.cover), 4), np.uint8)
    at = np.flatnonzero(picture.cover)
    for channel in range(3):
        pixels[at, channel] = _bits(picture.colour[channel, at] / picture.cover[at])
    pixels[:, 3] = np.round(255 * picture.cover)
    return pixels.reshape(-1, width, 4)


def colour_of(text: str) -> tuple[int, int, int] | None:
    """`#rrggbb` or `#rgb` as numbers 0…255, `transparent` as None; ConfigError for anything else."""
    digits = text.strip().lower().removeprefix("#")
    if digits == "transparent":
        return None
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    if not re.fullmatch(r"[0-9a-f]{6}", digits):
        raise ConfigError(f"--background takes a colour as #rrggbb, or transparent, got {text!r}")
    red, green, blue = (int(digits[i : i + 2], 16) for i in (0, 2, 4))
    return red, green, blue


def _bits(light: np.ndarray) -> np.ndarray:
    steps = np.minimum(light, BRIGHTEST)
    steps *= np.float32(_STEPS / BRIGHTEST)
    bits: np.ndarray = _CURVE.take(steps.astype(np.int16))
    return bits
