import numpy as np
import pytest

from utterface import rigs
from utterface.articulation import articulate
from utterface.lab.corpora.manifest import CorpusClip, CorpusWriter
from utterface.lab.studies.figures import bilabial_frames, closure_figures, lip_sums
from utterface.phones import Span
from utterface.rigs.lips import LipRig


@pytest.fixture
def clip(tmp_path) -> CorpusClip:
    """A pause, /ɑ b ɑ/, a pause."""
    spans = [
        Span("sil", 0.0, 0.4),
        Span("ɑ", 0.4, 0.7),
        Span("b", 0.7, 0.8),
        Span("ɑ", 0.8, 1.1),
        Span("sil", 1.1, 1.5),
    ]
    return CorpusWriter(tmp_path / "c").add(CorpusClip("a", 1.5, "s"), np.zeros(24000, np.float32), spans)


def test_by_hand():
    sums = {"hits": [2.0, 0.0], "bilabials": [4.0, 4.0], "true_closures": [1.0, 0.0], "closures": [4.0, 0.0],
            "vowel_closed": [1.0, 0.0], "vowel_frames": [10.0, 0.0]}  # fmt: skip
    found = closure_figures({name: np.array(values) for name, values in sums.items()})
    assert found["closure_recall"].tolist() == [0.5, 0.0] and found["closure_precision"].tolist() == [0.25, 0.0]
    assert found["closure_f1"] == pytest.approx([1 / 3, 0.0])
    assert found["vowel_closed"][0] == 0.1 and np.isnan(found["vowel_closed"][1])


def test_a_mouth_that_does_as_its_phones_ask_closes_where_they_do(clip):
    motion = articulate(clip.phones(), clip.duration, 30.0)
    lips = LipRig.from_rig(rigs.head())
    sums = lip_sums(lips, clip, motion)
    assert sums["bilabials"] == sums["hits"] == sums["true_closures"] == sums["closures"] == 1
    still = lip_sums(lips, clip, motion.with_values(np.zeros_like(motion.values)))
    assert still["vowel_closed"] == still["vowel_frames"] == sums["vowel_frames"] > sums["vowel_closed"]


def test_frames_inside_bilabials(clip):
    times = np.array([0.5, 0.71, 0.79, 0.9])
    assert bilabial_frames(clip, times).tolist() == [False, True, True, False]
