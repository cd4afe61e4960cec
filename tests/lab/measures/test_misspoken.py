"""Each wrong face is wrong in its one way and in no other."""

import numpy as np
import pytest

from utterface.lab.measures.misspoken import MISSPOKEN, late, smeared, still_jaw

CHANNELS = ("jawOpen", "mouthClose", "mouthPucker", "browInnerUp")


@pytest.fixture
def motion() -> np.ndarray:
    return np.random.default_rng(0).uniform(0.1, 1, (90, 4)).astype(np.float32)


@pytest.mark.parametrize("name", MISSPOKEN)
def test_it_moves_otherwise_for_as_long(motion, name):
    before = motion.copy()
    changed = MISSPOKEN[name](motion, CHANNELS)
    assert changed.shape == motion.shape and changed.dtype == np.float32
    assert np.array_equal(motion, before) and not np.array_equal(changed, motion)


@pytest.mark.parametrize(("name", "channel"), [("lips never shut", 1), ("lips never round", 2), ("jaw still", 0)])
def test_one_part_alone_is_wrong(motion, name, channel):
    changed = MISSPOKEN[name](motion, CHANNELS)
    assert np.ptp(changed[:, channel]) == 0
    assert np.array_equal(np.delete(changed, channel, 1), np.delete(motion, channel, 1))


def test_by_hand(motion):
    assert np.array_equal(late(motion, CHANNELS)[3:], motion[:-3])
    assert still_jaw(motion, CHANNELS)[0, 0] == pytest.approx(motion[:, 0].mean())
    step = np.repeat(np.float32([0, 1]), 30)[:, None]
    told = smeared(step, ("jawOpen",))[:, 0]
    assert told[:25].max() == 0 and told[35:] == pytest.approx(1) and told[29] + told[30] == pytest.approx(1)
    assert (np.diff(told) >= 0).all()
