"""What phones ask of jaw and lips by their probability."""

import numpy as np
import pytest

from utterface.articulation.posture import REACH, PhonePosture
from utterface.articulation.rendering import SCALED
from utterface.articulation.targets import BLENDED, aim
from utterface.phones import SILENCE

SYMBOLS = ("ɑ", "i", "u", "t", SILENCE)
TARGETS = {symbol: [aim(symbol).target[BLENDED.index(name)] for name in SCALED] for symbol in SYMBOLS}


def certain(symbol: str, count: int = 30) -> np.ndarray:
    probabilities = np.full((count, len(SYMBOLS)), 1e-6)
    probabilities[:, SYMBOLS.index(symbol)] = 1 - 4e-6
    return np.log(probabilities)


@pytest.mark.parametrize("symbol", ["ɑ", "i", "u"])
def test_a_phone_that_is_certain_has_its_target(symbol):
    np.testing.assert_allclose(PhonePosture(SYMBOLS)(certain(symbol)), np.tile(TARGETS[symbol], (30, 1)), atol=2e-3)


def test_a_consonant_that_cares_little_yields_to_its_vowels():
    posture = PhonePosture(SYMBOLS)(np.concatenate([certain("u"), certain("t", 4), certain("u")]))
    rounding = posture[:, SCALED.index("rounding")]
    assert rounding[31:33].min() > 0.8 > TARGETS["t"][SCALED.index("rounding")]


def test_doubt_between_two_vowels_is_a_posture_between_them():
    half = np.log(np.exp(certain("ɑ")) / 2 + np.exp(certain("i")) / 2)
    jaw = PhonePosture(SYMBOLS)(half)[15, SCALED.index("jaw")]
    assert TARGETS["i"][0] + 0.1 < jaw < TARGETS["ɑ"][0] - 0.1


def test_a_stream_gives_what_the_whole_gives(monkeypatch):
    posture = PhonePosture(SYMBOLS)
    frames = np.log(np.random.default_rng(0).dirichlet(np.ones(5), 50))
    whole = posture(frames)
    asked = np.pad(posture.asked(np.exp(frames)), ((REACH, REACH), (0, 0)))
    parts = [posture.averaged(asked[i : i + 7 + 2 * REACH]) for i in range(0, 50, 7)]
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-6)
    monkeypatch.setattr("utterface.articulation.posture._BLOCK", 9)
    np.testing.assert_allclose(posture(frames), whole, atol=1e-6)
    assert posture(frames[:0]).shape == (0, 4)
