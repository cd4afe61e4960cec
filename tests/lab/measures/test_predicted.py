import numpy as np
import pytest

from utterface.articulation import articulate
from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.measures.predicted import ClipPrediction, judge
from utterface.motion import ARKIT, Motion
from utterface.rigs.lips import LipRig

LIPS = LipRig(("jawOpen", "mouthClose"), np.array([30.0, -30.0]))


def answered(corpus, change) -> list[ClipPrediction]:
    """Two clips whose prediction is the reference, changed."""
    result = []
    for clip in read_corpus(corpus).clips[:2]:
        values = articulate(clip.phones(), clip.duration, 30.0).select(ARKIT)
        result.append(ClipPrediction(clip, Motion(change(values), ARKIT, 30.0), Motion(values, ARKIT, 30.0)))
    return result


def test_the_reference_itself_scores_full_marks(corpus):
    figures = judge(answered(corpus, lambda v: v), LIPS)
    assert figures["lve"] == 0
    assert figures["r2"] == 1
    assert figures["bcs"] >= 0.7
    assert figures["closure_f1"] > 0.9


def test_a_still_face_explains_nothing_and_an_open_one_closes_nothing(corpus):
    mean = judge(answered(corpus, lambda v: np.broadcast_to(v.mean(0), v.shape)), LIPS)
    assert mean["r2"] == pytest.approx(0, abs=0.05)
    assert mean["jitter"] == pytest.approx(0, abs=1e-3)
    wide = judge(answered(corpus, lambda v: v + 0.5 * (np.array(ARKIT) == "jawOpen")), LIPS)
    assert wide["bcs"] == 0
    assert wide["closure_f1"] == 0
    mouth = sum(c.startswith(("jaw", "mouth")) for c in ARKIT)
    assert wide["lve"] == pytest.approx(0.25 / mouth, rel=1e-4)


def test_a_shaking_face_is_reported(corpus):
    calm = judge(answered(corpus, lambda v: v), LIPS)
    shaken = judge(answered(corpus, lambda v: v + 0.05 * (np.arange(len(v)) % 2)[:, None]), LIPS)
    assert shaken["jitter"] > calm["jitter"] + 100
