import numpy as np

from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.systems.animator_validation import Answer, _degraded, _observed, answer, closure_f1, validate
from utterface.metrics.lips import summarise


def test_an_answer_has_a_value_a_frame(network):
    said = answer(network, np.zeros(16000, np.float32))
    assert said.articulators.shape == (50, 11)
    assert said.closure.shape == said.silence.shape == (50,)


def test_lips_that_know_the_phones_score_full_marks(corpus):
    from utterface.lab.batches.articulators import ArticulatorTargets

    clip = read_corpus(corpus).clips[0]
    targets = ArticulatorTargets.from_phones(clip.phones(), clip.duration, 50)
    figures = summarise([_observed(clip, Answer(targets.articulators, targets.closure, targets.silence), 0.5)])
    assert figures["closure_f1"] > 0.999


def test_the_best_threshold_is_reported(network, corpus):
    figures = validate(network, read_corpus(corpus).split("valid").clips, (0.3, 0.7))
    assert figures["threshold"] in (0.3, 0.7)
    assert 0 <= figures["closure_f1"] <= 1 and 0 <= figures["noisy_f1"] <= 1
    assert network.training  # left as training needs it


def test_every_clip_is_degraded_and_always_alike(corpus):
    sounds = [clip.samples() for clip in read_corpus(corpus)]
    first, again = list(_degraded(sounds)), list(_degraded(sounds))
    for plain, noisy, same in zip(sounds, first, again, strict=True):
        assert noisy.shape == plain.shape and np.array_equal(noisy, same)
        assert np.abs(noisy - plain).max() > 1e-3


def test_lips_that_never_part_earn_nothing(corpus):
    """They meet every bilabial, and now and then, between two pauses, no vowel's closure is counted against them."""
    from utterface.lab.batches.articulators import ArticulatorTargets

    clip = read_corpus(corpus).clips[0]
    targets = ArticulatorTargets.from_phones(clip.phones(), clip.duration, 50)
    right = _observed(clip, Answer(targets.articulators, targets.closure, targets.silence), 0.5)
    shut = np.where(np.arange(len(targets.closure)) % 40 == 39, 0.0, 1.0)  # parted for a frame now and then
    mumbled = _observed(clip, Answer(targets.articulators, shut, targets.silence), 0.5)
    assert closure_f1([right]) > 0.999
    assert summarise([mumbled])["closure_f1"] > 0.2 and closure_f1([mumbled]) == 0
    never = _observed(clip, Answer(np.zeros_like(targets.articulators), np.zeros_like(shut), targets.silence), 0.5)
    assert closure_f1([never]) == 0
