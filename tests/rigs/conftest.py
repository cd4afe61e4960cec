"""The built-in head, made anew from the code under test."""

import pytest

from utterface import rigs
from utterface.rigs.mannequin.rig import HeadRig


@pytest.fixture(scope="session")
def head(own_cache: None) -> HeadRig:
    return rigs.head()
