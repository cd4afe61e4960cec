import numpy as np
import pytest

from utterface.errors import CorpusError
from utterface.lab.corpora.manifest import CorpusClip, read_corpus
from utterface.lab.corpora.writer import CorpusWriter
from utterface.lab.measures.probe import (
    ProbeConfig,
    class_accuracy,
    hold_out,
    motion_r2,
    mutual_information,
    normalised_entropy,
    probe,
    purity,
    r2,
    value_r2,
    viseme_labels,
)
from utterface.lab.representations import Codebook, fit_codebook, open_representation
from utterface.motion import Motion
from utterface.phones import Span


def test_entropy_by_hand():
    units = np.array([0, 0, 0, 0, 1, 1])
    labels = np.array([2, 2, 3, 3, 5, 5])  # unit 0 leaves one bit open, unit 1 none
    assert normalised_entropy(units, labels, 4) == pytest.approx(1 / 2 * 4 / 6)
    assert normalised_entropy(units, labels, 4, weighted=False) == pytest.approx(1 / 2 * 1 / 2)
    assert normalised_entropy(np.zeros(8, int), np.arange(8), 8) == pytest.approx(1)  # chance
    assert normalised_entropy(np.arange(8), np.arange(8), 8) == 0  # one to one


def test_entropy_of_quarters_by_hand():
    labels = np.array([0, 0, 0, 1])
    expected = -(0.75 * np.log2(0.75) + 0.25 * np.log2(0.25)) / np.log2(3)
    assert normalised_entropy(np.zeros(4, int), labels, 3) == pytest.approx(expected)


def test_several_codebooks_count_as_one_unit():
    first, second = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    labels = np.array([0, 1, 2, 3])
    assert normalised_entropy(np.stack([first, second], 1), labels, 4) == 0
    assert normalised_entropy(first, labels, 4) == pytest.approx(0.5)


def test_purity_and_information_by_hand():
    units, labels = np.array([0, 0, 0, 0, 1, 1, 1, 1]), np.array([0, 0, 0, 1, 1, 1, 1, 0])
    assert purity(units, labels) == pytest.approx(6 / 8)
    uncertain = -(0.75 * np.log2(0.75) + 0.25 * np.log2(0.25))  # bits left once the unit is known; one bit before
    assert mutual_information(units, labels) == pytest.approx(1 - uncertain)
    assert mutual_information(labels, labels) == pytest.approx(1)
    assert mutual_information(np.zeros(8, int), labels) == pytest.approx(0)
    assert purity(np.zeros(8, int), labels) == 0.5


def test_ridge_shrinks_as_worked_by_hand():
    # Two units, eight frames, weights ±1: the centred one-hot columns are ±½, so XᵀX has the eigenvalue 4 and the
    # prediction shrinks by 4 / (4 + α): R² = 1 − (α / (4 + α))².
    units, weights = np.array([0, 1] * 4), np.array([[1.0, 5.0], [-1.0, 5.0]] * 4)
    clips = [units, units], [weights, weights], [False, True]
    assert motion_r2(*clips, context=0, alpha=4) == pytest.approx(0.75, abs=1e-6)
    assert motion_r2(*clips, context=0, alpha=1) == pytest.approx(1 - 0.2**2, abs=1e-6)
    assert motion_r2(*clips, context=0, alpha=0) == pytest.approx(1, abs=1e-6)


def test_context_reaches_the_neighbours():
    rng = np.random.default_rng(0)
    units = [rng.integers(3, size=400) for _ in range(2)]
    weights = [np.roll(u, 1)[:, None].astype(float) for u in units]  # what the frame before said
    assert motion_r2(units, weights, [False, True], context=0) < 0.1
    assert motion_r2(units, weights, [False, True], context=1) > 0.95


def test_units_never_fitted_are_left_out():
    units, weights = [np.array([0, 1] * 20), np.array([0, 1, 7, 9] * 10)], [np.array([[0.0], [1.0]] * 20)] * 2
    assert 0 < motion_r2(units, weights, [False, True], context=0) < 1


def test_r2_by_hand():
    assert r2(np.array([1.0, 2, 3]), np.array([1.0, 2, 3])) == 1
    assert r2(np.array([2.0, 2, 2]), np.array([1.0, 2, 3])) == 0
    assert r2(np.array([3.0, 2, 1]), np.array([1.0, 2, 3])) == -3


def test_a_ridge_probe_by_hand():
    x = np.array([[-1.0], [1.0], [-1.0], [1.0]])
    held_out = np.array([False, False, True, True])
    y = 3 * x[:, 0] + 10
    assert value_r2(x, y, held_out, alpha=0) == pytest.approx(1)
    assert value_r2(x, y, held_out, alpha=2) == pytest.approx(0.75)  # XᵀX = 2, so the slope is halved


def test_a_linear_probe_reads_what_is_linear_and_nothing_else():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((600, 4))
    held_out = np.arange(600) >= 400
    names = np.array(["a", "b", "c"])[np.argmax(x[:, :3], 1)]
    assert class_accuracy(x, names, held_out) > 0.93
    assert class_accuracy(x, rng.permutation(names), held_out) < 0.5
    ring = np.where(np.hypot(x[:, 0], x[:, 1]) > 1.2, "out", "in")
    assert class_accuracy(x, ring, held_out) < 0.7


def test_groups_are_never_divided():
    groups = [f"s{i % 8}" for i in range(80)]
    held_out = hold_out(groups, 0.25)
    assert len({g for g, h in zip(groups, held_out, strict=True) if h}) == 2
    assert not {g for g, h in zip(groups, held_out, strict=True) if h} & {
        g for g, h in zip(groups, held_out, strict=True) if not h
    }
    assert (hold_out(groups, 0.25) == held_out).all()
    with pytest.raises(CorpusError, match="two speakers"):
        hold_out(["one"] * 4)


def test_visemes_are_clusters_of_weights():
    weights = np.repeat(np.eye(4, 51), 20, 0) + np.random.default_rng(0).normal(0, 0.01, (80, 51))
    labels = viseme_labels(weights, 4)
    assert len(set(labels.tolist())) == 4
    assert all(len(set(labels[i : i + 20].tolist())) == 1 for i in range(0, 80, 20))
    with pytest.raises(CorpusError, match="32"):
        viseme_labels(weights[:10])


def toy_clips(folder, moving: bool):
    """Four speakers, each of one pitch, saying tones (/ɑ/, jaw open) and noise (/s/, jaw shut)."""
    writer = CorpusWriter(folder)
    rng = np.random.default_rng(0)
    for number in range(16):
        pieces, spans, jaw, now = [], [], [], 0.0
        for index in rng.permutation(8):
            label, count = ("ɑ", "s")[index % 2], 2400
            t = np.arange(count) / 16000
            tone = sum(np.sin(2 * np.pi * (110 + 30 * (number % 4)) * k * t) / k for k in range(1, 9))
            pieces.append((0.1 + 0.2 * rng.random()) * (tone if label == "ɑ" else rng.standard_normal(count)))
            spans.append(Span(label, now, now + 0.15))
            jaw += (float(label == "ɑ") + rng.normal(0, 0.02, 9)).tolist()
            now = round(now + 0.15, 6)
        motion = Motion(np.array(jaw)[:, None], ("jawOpen",), 60) if moving else None
        samples = np.concatenate(pieces).astype(np.float32)
        writer.add(CorpusClip(f"c{number}", len(samples) / 16000, f"s{number % 4}"), samples, spans, motion)
    return read_corpus(folder)


def test_a_whole_corpus_is_probed(tmp_path):
    clips = toy_clips(tmp_path / "toy", moving=True)
    mel = open_representation("mel")
    emotions = {c.id: "calm" if i % 2 else "angry" for i, c in enumerate(clips)}
    figures = probe(mel, list(clips), ProbeConfig(frames=1500), emotions)
    assert figures["phone_accuracy"] > 0.9
    assert figures["energy_r2"] > 0.5
    assert figures["speaker_accuracy"] == 1
    assert {"pitch_r2", "emotion_accuracy"} <= figures.keys()
    for name, clips_judged in (
        ("phone_accuracy", 4),
        ("pitch_r2", 4),
        ("speaker_accuracy", 4),
        ("emotion_accuracy", 4),
    ):
        low, high = figures[f"{name}_low"], figures[f"{name}_high"]
        assert low <= figures[name] <= high and figures[f"{name}_clips"] == clips_judged, name
    assert "phone_entropy" not in figures


@pytest.mark.parametrize("moving", [True, False])
def test_units_are_probed_against_phones_and_the_targets_motion(tmp_path, moving):
    """Clips without motion have articulated phones for a target."""
    clips = list(toy_clips(tmp_path / "toy", moving=moving))
    fit_codebook(open_representation("mel"), (c.samples() for c in clips), 8).save(tmp_path / "k.safetensors")
    clustered = open_representation(f"mel#{tmp_path / 'k.safetensors'}")
    figures = probe(clustered, clips, ProbeConfig(frames=1000))
    assert figures["phone_entropy"] < 0.3
    assert figures["motion_r2"] > 0.5
    assert 0 <= figures["viseme_entropy"] <= 1
    assert figures["phone_entropy_low"] < figures["phone_entropy"] < figures["phone_entropy_high"]
    assert figures["phone_entropy_clips"] == 16 and figures["motion_r2_clips"] == 4
    assert np.isnan(figures["emotion_accuracy"])
    random = Codebook(*(np.asarray(a, np.float32) for a in (np.zeros((1, 80)), np.zeros(80), np.ones(80))))
    random.save(tmp_path / "one.safetensors")
    blind = probe(open_representation(f"mel#{tmp_path / 'one.safetensors'}"), clips, ProbeConfig(frames=300))
    assert blind["phone_entropy"] == pytest.approx(1, abs=0.01)
