"""Sums over clips give the measures of `metrics` and `measures.predicted`."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from utterface import rigs
from utterface.articulation import articulate
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.corpora.writer import CorpusWriter
from utterface.lab.measures.catalogue import CATALOGUE, figures
from utterface.lab.measures.predicted import ClipPrediction, judge
from utterface.lab.measures.sampled import MEASURES, ClipTakes
from utterface.lab.measures.sums import ClipMeasures, HeadMesh, SoundMeasures, bcs_sums, bilabial_frames, lip_sums
from utterface.metrics import captures
from utterface.motion import ARKIT, Motion
from utterface.phones import Span
from utterface.rigs.lips import LipRig

CHANNELS = ARKIT[:-1]


@pytest.fixture(scope="module")
def head():
    return rigs.head()


@pytest.fixture(scope="module")
def clips(tmp_path_factory) -> list[CorpusClip]:
    """Two clips of /ɑ b s/ in some order between pauses."""
    writer = CorpusWriter(Path(tmp_path_factory.mktemp("sums")) / "c")
    rng = np.random.default_rng(0)
    for number in range(2):
        spans, now = [], 0.0
        for label in ["sil", *rng.permutation(["ɑ", "b", "s"] * 4).tolist(), "sil"]:
            length = float(rng.integers(10, 22)) / 100
            spans.append(Span(label, now, now + length))
            now = round(now + length, 6)
        samples = np.zeros(round(now * 16000), np.float32)
        writer.add(CorpusClip(f"c{number}", len(samples) / 16000, "s"), samples, spans)
    return list(writer)


@pytest.fixture(scope="module")
def truths(clips) -> list[Motion]:
    moved = [articulate(clip.phones(), clip.duration, 30.0) for clip in clips]
    return [Motion(motion.select(CHANNELS), CHANNELS, 30.0) for motion in moved]


@pytest.fixture(scope="module")
def measures(head, clips, truths) -> ClipMeasures:
    return ClipMeasures(head, list(zip(clips, truths, strict=True)))


@pytest.fixture(scope="module")
def sound_measures(head, clips, truths) -> SoundMeasures:
    return SoundMeasures(head, CHANNELS, list(zip(clips, truths, strict=True)))


def pooled(rows) -> dict[str, float]:
    totals = {n: np.array(sum(row[n] for row in rows)) for n in rows[0]}
    return {k: float(v) for k, v in figures(totals, CATALOGUE).items()}


def shaken(truth: Motion, seed: int = 0) -> Motion:
    noise = 0.05 * np.random.default_rng(seed).standard_normal(truth.values.shape).astype(np.float32)
    return truth.with_values(truth.values + noise)


def test_sums_over_clips_give_what_the_measures_give(clips, truths, measures, head):
    predicted = [shaken(t) for t in truths]
    both = list(zip(clips, predicted, truths, strict=True))
    result = pooled([measures.sums(*each) for each in both])
    expected = judge([ClipPrediction(*each) for each in both], LipRig.from_rig(head))
    for name in ("lve", "jitter", "bcs", "r2", "closure_f1", "closure_recall", "closure_precision", "vowel_closed"):
        assert result[name] == pytest.approx(expected[name], rel=1e-4, abs=1e-7), name
    mesh = measures.mesh
    vertices = [[mesh.template + mesh.offsets(m.values) for m in motions] for motions in (predicted, truths)]
    together = [np.concatenate(v) for v in vertices]
    assert result["lve_skin_mm"] == pytest.approx(captures.lve(*together, mesh.lips), rel=1e-3)
    assert result["mve_mm"] == pytest.approx(captures.mve(*together), rel=1e-3)
    deviation = [captures.fdd(a, b, mesh.template, mesh.upper) for a, b in zip(*vertices, strict=True)]
    assert result["fdd_mm2"] == pytest.approx(np.mean(deviation), rel=1e-2)
    gaps = [[measures.head_lips.gap_mm(m) for m in motions] for motions in (predicted, truths)]
    assert result["dtw_mm"] == pytest.approx(np.mean([captures.dtw(a, b) for a, b in zip(*gaps, strict=True)]))


def test_the_reference_scores_full_marks(clips, truths, measures):
    result = pooled([measures.sums(c, t, t) for c, t in zip(clips, truths, strict=True)])
    assert result["lve"] == result["lve_skin_mm"] == result["mve_mm"] == result["dtw_mm"] == result["fdd_mm2"] == 0
    assert result["r2"] == 1 and result["bcs"] == pytest.approx(0.7, abs=0.1) and result["closure_f1"] > 0.8
    assert np.isnan(result["diversity_mm"])  # nothing was sampled


def test_without_a_reference_there_are_closures_and_jitter(clips, truths, measures):
    closures = {"closure_f1", "closure_recall", "closure_precision", "vowel_closed"}
    assert set(pooled([measures.lip_sums(clips[0], truths[0])])) == closures | {"jitter", "unrest"}


def test_a_mouth_that_never_closes_scores_nothing(clips, truths, measures):
    wide = truths[0].with_values(truths[0].values + 0.6 * (np.array(CHANNELS) == "jawOpen").astype(np.float32))
    result = pooled([measures.sums(clips[0], wide, truths[0])])
    assert result["closure_f1"] == result["closure_recall"] == result["closure_precision"] == result["bcs"] == 0


def test_articulated_lips_close_where_the_phones_do(head, clips, truths):
    lips = LipRig.from_rig(head)
    sums = lip_sums(lips, clips[0], truths[0])
    assert sums["bilabials"] == 4 and sums["hits"] >= 3
    still = lip_sums(lips, clips[0], truths[0].with_values(np.zeros_like(truths[0].values)))
    assert still["vowel_closed"] == still["vowel_frames"] == sums["vowel_frames"] > sums["vowel_closed"]
    first = next(span for span in clips[0].phones() if span.label == "b")
    inside = bilabial_frames(clips[0], np.array([first.start - 0.01, first.start + 0.01, first.end - 0.01]))
    assert inside.tolist()[1:] == [True, True]


def test_regions_lie_where_their_names_say(head):
    mesh = HeadMesh(head, CHANNELS)
    lips, upper = head.template[mesh.lips], head.template[mesh.upper]
    inner = head.template[head.regions["lips_inner_upper"]]
    assert 100 < len(mesh.lips) < 2000 and len(mesh.upper) > 100
    assert np.abs(lips[:, 1] - inner[:, 1].mean()).max() < 0.03
    assert upper[:, 1].min() > inner[:, 1].mean()  # none of it is below the mouth
    assert not set(mesh.lips) & set(mesh.upper)


def test_offsets_are_the_rigs_own(head):
    weights = np.zeros((1, len(CHANNELS)), np.float32)
    weights[0, CHANNELS.index("jawOpen")] = 0.5
    full = np.zeros((1, len(head.channels)), np.float32)
    full[0, head.channels.index("jawOpen")] = 0.5
    mesh = HeadMesh(head, CHANNELS)
    assert mesh.offsets(weights) == pytest.approx(head.vertices(full) - head.template, abs=1e-6)
    assert mesh.offsets(weights, mesh.lips) == pytest.approx(mesh.offsets(weights)[:, mesh.lips])


def test_takes_that_differ_are_diverse_and_equal_ones_are_not(truths, measures):
    assert measures.diversity_sums([truths[0], truths[0]]) == {"apart": 0.0, "varied": 1.0}
    assert measures.diversity_sums([truths[0], shaken(truths[0])])["apart"] > 1e-5


def test_a_clip_without_phones_counts_for_the_mesh_alone(head, clips, truths):
    mute = replace(clips[0], labels="none")
    alone = ClipMeasures(head, [(mute, truths[0])])
    assert np.isnan(alone.closed_mm)
    assert alone.sums(mute, truths[0], truths[0])["bilabial_frames"] == 0


def test_measures_of_sounds_are_means_over_performances_and_sounds(clips, truths, sound_measures):
    takes = [[shaken(t, seed) for seed in (1, 2)] for t in truths]
    performances = [[t, shaken(t, 3)] for t in truths]
    result = pooled([sound_measures.sums(*each) for each in zip(clips, takes, performances, strict=True)])
    for name in MEASURES:
        by_hand = [
            np.mean([sound_measures.sampled.measure(ClipTakes(several, truth))[name] for truth in faces])
            for several, faces in zip(takes, performances, strict=True)
        ]
        assert result[name] == pytest.approx(np.mean(by_hand)), name


def test_a_performance_beside_itself_is_perfect_and_has_no_variety(clips, truths, sound_measures):
    result = pooled([sound_measures.sums(clips[0], truths[:1], truths[:1])])
    assert result["lve_mm"] == result["dtw_mm"] == 0 and result["l_ccc"] == pytest.approx(1)
    assert np.isnan(result["s_div_u"])  # one take


def test_performances_are_compared_with_each_other(clips, truths, sound_measures):
    both = [truths[0], shaken(truths[0])]
    result = pooled([sound_measures.sums_of_performances(clips[0], both)])
    pairs = [ClipTakes([a], b) for a, b in (both, both[::-1])]
    by_hand = [sound_measures.sampled.measure(pair)["lve_mm"] for pair in pairs]
    assert result["lve_mm"] == pytest.approx(np.mean(by_hand))


def test_a_still_mouth_has_no_correlation_and_does_not_change_the_mean(clips, truths, sound_measures):
    still = truths[0].with_values(np.zeros_like(truths[0].values))
    row = sound_measures.sums(clips[0], [still], truths[:1])
    assert row["l_pcc"] == row["l_pcc_sounds"] == 0 and np.isnan(pooled([row])["l_pcc"])
    other = sound_measures.sums(clips[1], truths[1:], truths[1:])
    assert pooled([row, other])["l_pcc"] == pytest.approx(pooled([other])["l_pcc"])


def test_takes_of_real_recordings_have_closures_and_jitter(clips, truths, sound_measures):
    row = sound_measures.lip_sums(clips[0], truths[:1] * 2)
    closures = {"closure_f1", "closure_recall", "closure_precision", "vowel_closed"}
    assert set(pooled([row])) == closures | {"jitter", "unrest"}
    assert row["bilabials"] == 2 * sound_measures.lip_sums(clips[0], truths[:1])["bilabials"]


@pytest.mark.parametrize(("threshold", "closed"), [(0.2, (1, 2)), (1.5, (3, 3)), (float("nan"), (0, 2))])
def test_bcs_counts_at_the_references_aperture_and_at_1_mm_where_that_is_more(threshold, closed):
    """Gaps of 0.1, 0.9, 1.2 and 2 mm at bilabials; a fifth frame, closed, is none."""
    inside = np.array([True, True, True, True, False])
    found = bcs_sums(np.array([0.1, 0.9, 1.2, 2.0, 0.0]), inside, threshold)
    assert (found["bilabial_closed"], found["bilabial_closed_mm"], found["bilabial_frames"]) == (*closed, 4)
