import numpy as np
import pytest

from utterface import rigs
from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.measures.predicted import ClipPrediction, judge
from utterface.lab.studies.tokens.cells import CHANNELS, reference
from utterface.lab.studies.tokens.measures import FIGURES, Mesh, diversity_sums, figures, judge_for, sums_of
from utterface.metrics import captures
from utterface.rigs.lips import LipRig


@pytest.fixture(scope="module")
def head():
    return rigs.head()


@pytest.fixture
def judged(toy, head):
    """Two clips with their references, and the judge of both."""
    clips = read_corpus(toy).split("test").clips[:2]
    truths = [reference(c) for c in clips]
    return clips, truths, judge_for(head, LipRig.from_rig(head), clips, truths)


def pooled(rows) -> dict[str, float]:
    return {k: float(v) for k, v in figures({n: np.array(sum(r[n] for r in rows)) for n in rows[0]}).items()}


def shaken(truth):
    noise = 0.05 * np.random.default_rng(0).standard_normal(truth.values.shape).astype(np.float32)
    return truth.with_values(truth.values + noise)


def test_sums_over_clips_give_what_the_measures_give(judged, head):
    clips, truths, of = judged
    said = [shaken(t) for t in truths]
    found = pooled([sums_of(of, c, m, t) for c, m, t in zip(clips, said, truths, strict=True)])
    expected = judge(
        [ClipPrediction(c, m, t) for c, m, t in zip(clips, said, truths, strict=True)], LipRig.from_rig(head)
    )
    for name in ("lve", "jitter", "bcs", "r2", "closure_f1", "closure_recall", "closure_precision", "vowel_closed"):
        assert found[name] == pytest.approx(expected[name], rel=1e-4, abs=1e-7), name
    vertices = [[of.mesh.template + of.mesh.offsets(m.values) for m in motions] for motions in (said, truths)]
    together = [np.concatenate(v) for v in vertices]
    assert found["lve_mm"] == pytest.approx(captures.lve(*together, of.mesh.lips), rel=1e-3)
    assert found["mve_mm"] == pytest.approx(captures.mve(*together), rel=1e-3)
    deviation = [captures.fdd(a, b, of.mesh.template, of.mesh.upper) for a, b in zip(*vertices, strict=True)]
    assert found["fdd"] == pytest.approx(np.mean(deviation), rel=1e-2)


def test_the_reference_scores_full_marks(judged):
    clips, truths, of = judged
    found = pooled([sums_of(of, c, t, t) for c, t in zip(clips, truths, strict=True)])
    assert found["lve"] == found["lve_mm"] == found["mve_mm"] == found["dtw_mm"] == found["fdd"] == 0
    assert found["r2"] == 1 and found["bcs"] == pytest.approx(0.7, abs=0.03) and found["closure_f1"] > 0.8
    assert np.isnan(found["diversity_mm"])  # nothing was sampled


def test_without_a_reference_only_what_needs_none_is_told(judged):
    clips, truths, of = judged
    found = pooled([sums_of(of, clips[0], truths[0], None)])
    assert set(found) == {name for name, figure in FIGURES.items() if figure.spoken}


def test_a_mouth_that_never_closes_scores_nothing(judged):
    clips, truths, of = judged
    wide = truths[0].with_values(truths[0].values + 0.6 * (np.array(CHANNELS) == "jawOpen").astype(np.float32))
    found = pooled([sums_of(of, clips[0], wide, truths[0])])
    assert found["closure_f1"] == found["closure_recall"] == found["closure_precision"] == found["bcs"] == 0


def test_regions_lie_where_their_names_say(head):
    mesh = Mesh(head, CHANNELS)
    lips, upper = head.template[mesh.lips], head.template[mesh.upper]
    inner = head.template[head.regions["lips_inner_upper"]]
    assert 100 < len(mesh.lips) < 2000 and len(mesh.upper) > 100
    assert np.abs(lips[:, 1] - inner[:, 1].mean()).max() < 0.03
    assert upper[:, 1].min() > inner[:, 1].mean()  # nothing of it is below the mouth
    assert not set(mesh.lips) & set(mesh.upper)


def test_offsets_are_the_rigs_own(head):
    weights = np.zeros((1, len(CHANNELS)), np.float32)
    weights[0, CHANNELS.index("jawOpen")] = 0.5
    full = np.zeros((1, len(head.channels)), np.float32)
    full[0, head.channels.index("jawOpen")] = 0.5
    mesh = Mesh(head, CHANNELS)
    assert mesh.offsets(weights) == pytest.approx(head.vertices(full) - head.template, abs=1e-6)
    assert mesh.offsets(weights, mesh.lips) == pytest.approx(mesh.offsets(weights)[:, mesh.lips])


def test_takes_that_differ_are_diverse_and_equal_ones_are_not(judged):
    _, truths, of = judged
    assert diversity_sums(of, [truths[0], truths[0]]) == {"apart": 0.0, "varied": 1.0}
    assert diversity_sums(of, [truths[0], shaken(truths[0])])["apart"] > 1e-5


def test_a_clip_without_phones_counts_for_the_mesh_alone(judged, head):
    from dataclasses import replace

    clips, truths, _ = judged
    mute = replace(clips[0], labels="none")
    of = judge_for(head, LipRig.from_rig(head), [mute], truths[:1])
    assert np.isnan(of.closed_mm)
    assert sums_of(of, mute, truths[0], truths[0])["bilabial_frames"] == 0
