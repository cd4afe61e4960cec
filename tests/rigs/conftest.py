"""The built-in head, made anew from the code under test."""

import pytest

from utterface import rigs
from utterface.rigs.human.identity import Identity
from utterface.rigs.human.rig import HeadRig


@pytest.fixture(scope="session")
def head(own_cache: None) -> HeadRig:
    return rigs.head()


@pytest.fixture(scope="session")
def plain(own_cache: None) -> HeadRig:
    """The mean person, bald."""
    return rigs.head(Identity(name="mean", hair="none"))
