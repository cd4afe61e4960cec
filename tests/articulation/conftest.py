"""Lips to measure on: the built-in head's, and ICT-FaceKit's where they are at hand."""

from pathlib import Path

import pytest

from utterface import rigs
from utterface.rigs.lips import LipRig

ICT = Path(__file__).parents[3] / "shared/judge/ict_lips.npz"


@pytest.fixture(scope="session", params=["head", "ICT"])
def rig(request: pytest.FixtureRequest) -> LipRig:
    if request.param == "head":
        return LipRig.from_rig(rigs.head())
    if not ICT.exists():
        pytest.skip("needs ../shared/judge/ict_lips.npz, an independent rig")
    return LipRig.from_npz(ICT)
