"""Lips to measure on: ICT-FaceKit's, where they are at hand."""

from pathlib import Path

import pytest

from utterface.rigs.lips import LipRig

ICT = Path(__file__).parents[3] / "shared/judge/ict_lips.npz"


@pytest.fixture(scope="session")
def ict() -> LipRig:
    if not ICT.exists():
        pytest.skip("needs ../shared/judge/ict_lips.npz, an independent rig")
    return LipRig.from_npz(ICT)
