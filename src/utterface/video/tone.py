"""Linear light to the 8 bits of a screen."""

import re

import numpy as np

from utterface.errors import ConfigError

BRIGHTEST = 2.0  # linear light that the curve still tells apart
_STEPS = 8191
SOFT = 0.18  # how much what is brightest is softened


def srgb(light: np.ndarray) -> np.ndarray:
    """sRGB's curve, 0…1 to 0…1 (IEC 61966-2-1)."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)


def linear(encoded: np.ndarray) -> np.ndarray:
    """The way back: linear light of 0…1 on a screen."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def _curve() -> np.ndarray:
    """(n,) uint8 of linear light from 0 to `BRIGHTEST`."""
    light = np.linspace(0, BRIGHTEST, _STEPS + 1)
    return np.round(255 * srgb(light / (1 + SOFT * light)).clip(0, 1)).astype(np.uint8)


CURVE = _curve()


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
