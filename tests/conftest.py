"""What several tests share: the recordings and captures beside the project, clips made by hand."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from utterface.clip import Clip
from utterface.motion import CHANNELS, Motion

if "PYTEST_XDIST_WORKER" in os.environ:  # a worker a core; torch is imported by tests, later than this
    os.environ.setdefault("OMP_NUM_THREADS", "1")

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing comes from the user's cache folder, nothing is left there; the head is made by the code under test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UTTERFACE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def takes() -> Path:
    """Synthetic speech with exact phone times, part of the project: see its README."""
    return Path(__file__).parent / "assets"


@pytest.fixture(scope="session")
def assets() -> Path:
    """Recordings, avatars and captures that lie beside the project and are not part of it."""
    if not (SHARED / "assets").is_dir():
        pytest.skip("../shared/assets is not here")
    return SHARED / "assets"


@pytest.fixture
def clip() -> Clip:
    """Two seconds at 60 frames with every channel different from every other and from frame to frame."""
    t = np.arange(120)[:, None] / 60
    values = 0.5 + 0.4 * np.sin(2 * np.pi * (0.5 + t * (1 + np.arange(len(CHANNELS)) / 50)))
    return Clip(Motion(values), duration=2.0, text="a clip made by hand", engine="hand")
