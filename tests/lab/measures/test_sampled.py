"""THUNDER's measures: what is the same, what is another take, what does not move."""

import numpy as np
import pytest

from utterface import rigs
from utterface.articulation import articulate
from utterface.lab.measures.sampled import MEASURES, ClipTakes, SampleJudge, upper_face
from utterface.motion import ARKIT, HEAD, Motion
from utterface.phones import Span

PHONES = [Span("sil", 0.0, 0.2), Span("m", 0.2, 0.3), Span("ɑ", 0.3, 0.6), Span("p", 0.6, 0.7), Span("u", 0.7, 1.0)]


@pytest.fixture(scope="module")
def judge() -> SampleJudge:
    return SampleJudge(rigs.head(), ARKIT)


def spoken(strength: float = 1.0, **held: float) -> Motion:
    values = articulate(PHONES, 1.0, 30.0, strength).select(ARKIT)
    for channel, weight in held.items():
        values[:, ARKIT.index(channel)] = weight * np.linspace(0, 1, len(values))
    return Motion(values, ARKIT, 30.0)


def test_the_reference_itself_scores_full_marks(judge):
    result = judge([ClipTakes([spoken(), spoken()], spoken())])
    assert result.keys() == set(MEASURES)
    assert result["l_pcc"] == pytest.approx(1) and result["l_ccc"] == pytest.approx(1)
    assert not any(result[name] for name in MEASURES if name not in ("l_pcc", "l_ccc"))


def test_brows_that_differ_are_diversity_above_and_none_below(judge):
    takes = [spoken(browInnerUp=b) for b in (0.0, 0.5, 1.0)]
    result = judge([ClipTakes(takes, spoken())])
    assert result["s_div_u"] > 0.05 and result["t_div_u"] > 0.05
    assert result["s_div_l"] == result["t_div_l"] == result["lve_mm"] == 0
    assert result["fdd_u"] > 0.03 and result["fdd_l"] == 0


def test_a_lazy_mouth_is_near_in_shape_and_off_in_size(judge):
    result = judge([ClipTakes([spoken(0.5)], spoken())])
    assert result["l_pcc"] > 0.8 and result["l_ccc"] < result["l_pcc"]
    assert 1 < result["lve_mm"] < 10
    assert result["fdd_l"] > 0.1 and result["dtw_mm"] > 0.1
    assert result["s_div_l"] == 0  # of a single take


def test_takes_are_cropped_to_the_shortest(judge):
    reference = spoken()
    longer = reference.with_values(np.concatenate([reference.values, reference.values[:5]]))
    assert judge([ClipTakes([longer], reference)])["lve_mm"] == 0


def test_upper_and_lower_face_have_no_vertex_in_common(judge):
    head = rigs.head()
    upper = upper_face(head)
    assert 50 < len(upper) <= 160
    assert head.template[upper, 1].min() > head.template[head.regions["lips_inner_upper"], 1].max()


def test_heads_that_turn_are_measured_by_their_beats_and_their_variety():
    judge, channels = SampleJudge(rigs.head(), (*ARKIT, *HEAD)), (*ARKIT, *HEAD)
    t = np.arange(90) / 30

    def nodding(degrees: float, late: float = 0.0) -> Motion:
        values = np.zeros((90, len(channels)), np.float32)
        values[:, channels.index("headPitch")] = np.radians(degrees) * np.sin(2 * np.pi * (t - late))
        return Motion(values, channels, 30.0)

    same = judge([ClipTakes([nodding(5), nodding(5)], nodding(5))])
    assert same["ba"] == 1 and same["s_div_h"] == 0
    other = judge([ClipTakes([nodding(5), nodding(-5, late=0.1)], nodding(5))])
    assert 0.6 < other["ba"] < 1 and other["s_div_h"] == pytest.approx(5 * 2 / np.pi / 3, rel=0.15)
