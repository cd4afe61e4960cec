"""Augmented copies: nothing moves in time, each is made once, and log-mel alone is augmented further."""

import numpy as np
import pytest
import torch

from utterface.lab.batches.augment import AugmentConfig
from utterface.lab.batches.copies import AugmentedCopies, augment_features
from utterface.lab.batches.tracks import Tracks
from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.representations import open_representation
from utterface.lab.representations.contract import RepresentationInfo

LOUD = AugmentConfig(room=1.0, noise=1.0, snr=(0.0, 10.0))


@pytest.fixture
def clips(corpus):
    return read_corpus(corpus).split("train").clips


@pytest.fixture
def tracks(tmp_path) -> Tracks:
    return Tracks(open_representation("mel"), False, tmp_path / "tracks")


def test_each_copy_is_another_and_always_the_same(clips, tracks):
    store = AugmentedCopies(tracks, clips, 2, LOUD)
    plain, one, two = tracks[clips[0]], store.track(clips[0], 1), store.track(clips[0], 2)
    assert plain.values.shape == one.values.shape and plain.start == one.start and plain.frame_rate == one.frame_rate
    assert not np.array_equal(plain.values, one.values) and not np.array_equal(one.values, two.values)
    assert np.array_equal(store.samples(clips[0], 1), AugmentedCopies(tracks, clips, 2, LOUD).samples(clips[0], 1))
    quieter = AugmentedCopies(tracks, clips, 2, AugmentConfig(noise=0.0, room=0.0, equaliser=1.0))
    assert not np.array_equal(quieter.track(clips[0], 1).values, one.values)


def test_a_copy_is_made_once(clips, tracks, monkeypatch):
    store = AugmentedCopies(tracks, clips, 1, LOUD)
    first = store.track(clips[0], 1).values
    monkeypatch.setattr(AugmentedCopies, "samples", lambda *a: pytest.fail("made again"))
    assert np.array_equal(store.track(clips[0], 1).values, first)


def test_a_clip_is_drawn_as_often_as_each_of_its_copies(clips, tracks):
    store = AugmentedCopies(tracks, clips, 3, LOUD)
    known = [tracks[clips[0]].values, *(store.track(clips[0], n).values for n in (1, 2, 3))]
    rng, counts = np.random.default_rng(0), np.zeros(4)
    for _ in range(200):
        drawn = store.draw(clips[0], rng).values
        counts += [np.array_equal(drawn, each) for each in known]
    assert counts.sum() == 200 and counts.min() > 30


def test_formants_move_in_log_mel_alone():
    mel, other = RepresentationInfo("mel", "spectral", 100, 80), RepresentationInfo("mfcc", "spectral", 100, 80)
    told = torch.randn(3, 20, 3, 80)
    changed = augment_features(mel, told, AugmentConfig(), (0, 1))
    assert changed.shape == told.shape and not torch.equal(changed, told)
    assert torch.equal(changed, augment_features(mel, told, AugmentConfig(), (0, 1)))
    assert not torch.equal(changed, augment_features(mel, told, AugmentConfig(), (0, 2)))
    assert augment_features(other, told, AugmentConfig(), (0, 1)) is told


def test_other_clips_to_mix_babble_of_make_other_copies(clips, tracks):
    some, others = AugmentedCopies(tracks, clips[:2], 1, LOUD), AugmentedCopies(tracks, clips[1:], 1, LOUD)
    assert not np.array_equal(some.track(clips[1], 1).values, others.track(clips[1], 1).values)
