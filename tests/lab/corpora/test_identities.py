import numpy as np
import pytest

from utterface.articulation import articulate
from utterface.lab.corpora.identities import SHARE, PerformerIdentity, closed_by, with_identity
from utterface.lab.corpora.performers import Performer
from utterface.phones import Span

PHONES = [Span("ɑ", 0.0, 0.3), Span("m", 0.3, 0.5), Span("ɑ", 0.5, 0.9)]


def test_a_planted_identity_says_its_share_of_the_style():
    drawn = [with_identity(Performer.drawn(0, "train", n), "planted", 0) for n in range(300)]
    vectors = np.stack([identity.vector for _, identity in drawn])
    strength = np.log([performer.strength for performer, _ in drawn])
    fitted = vectors @ np.linalg.lstsq(vectors, strength - strength.mean(), rcond=None)[0]
    explained = 1 - np.var(strength - strength.mean() - fitted) / np.var(strength)
    assert explained == pytest.approx(SHARE, abs=0.12)


def test_an_identity_is_a_function_of_performer_and_seed():
    performer = Performer.drawn(0, "test", 3)
    same = [with_identity(performer, "planted", 0)[1].vector for _ in range(2)]
    assert np.array_equal(*same)
    assert not np.array_equal(same[0], with_identity(performer, "planted", 1)[1].vector)


def test_lips_that_stand_apart_close_by_more_and_only_when_they_close():
    motion = articulate(PHONES, 0.9, 30.0)
    moved = closed_by(PerformerIdentity(np.zeros(16, np.float32), gap_mm=2.5, fullness=1.0), motion)
    more = moved.select(("mouthClose", "mouthRollLower")) - motion.select(("mouthClose", "mouthRollLower"))
    middle, open_ = round(0.4 * 30), round(0.15 * 30)
    assert more[middle].min() > 0.03
    assert np.abs(more[open_]).max() < 0.01
    assert np.array_equal(closed_by(PerformerIdentity(np.zeros(16, np.float32)), motion).values, motion.values)
