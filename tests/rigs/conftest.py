"""The built-in head, made anew from the code under test."""

import pytest

from utterface import rigs
from utterface.rigs.mannequin.rig import HeadRig


@pytest.fixture(scope="session")
def head(tmp_path_factory: pytest.TempPathFactory) -> HeadRig:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UTTERFACE_CACHE", str(tmp_path_factory.mktemp("cache")))
        return rigs.head()
