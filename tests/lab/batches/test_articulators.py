import numpy as np
import pytest
import torch

from utterface.articulation import ARTICULATORS
from utterface.errors import CorpusError
from utterface.lab.batches.articulators import ArticulatorBatches, ArticulatorSource, ArticulatorTargets, _Recording
from utterface.lab.batches.augment import AugmentConfig
from utterface.lab.batches.tracks import Tracks
from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.networks.animator import HOP, LEAD, phone_labels
from utterface.lab.networks.controls import ControlConfig, Director
from utterface.lab.representations import open_representation
from utterface.phones import Span


def feed(folder, config=None, **options) -> ArticulatorBatches:
    return ArticulatorBatches([ArticulatorSource(folder)], ("train",), 4, 60, config, options.pop("seed", 0), **options)


def test_targets_say_what_sounds_when():
    spans = [Span("sil", 0, 0.3), Span("ɑ", 0.3, 0.5), Span("b", 0.5, 0.6), Span("sil", 0.6, 0.7)]
    targets = ArticulatorTargets.from_phones(spans, 0.7)
    assert targets.articulators.shape == (70, len(ARTICULATORS))
    assert phone_labels()[targets.phones[40]] == "ɑ"
    assert targets.closure[50:60].all() and not targets.closure[:50].any()
    assert targets.silence[:30].all() and not targets.silence[30:].any()  # the last pause is too short to count


def test_a_batch_is_a_function_of_its_number(corpus):
    config = AugmentConfig()
    a, b = feed(corpus, config).make(7), feed(corpus, config).make(7)
    assert all(torch.equal(getattr(a, k), getattr(b, k)) for k in a.__dataclass_fields__)
    assert not torch.equal(a.samples, feed(corpus, config, seed=1).make(7).samples)
    shared = [next(iter(feed(corpus, first=k, stride=2))) for k in (0, 1)]
    alone = iter(feed(corpus))
    assert all(torch.equal(s.samples, next(alone).samples) for s in shared)


def test_sound_and_targets_stay_together_at_any_rate(corpus):
    """Where /ɑ/ is asked for there is a tone, where /b/ is there is next to none."""
    for rate in (0.8, 1.0, 1.25):
        quiet = AugmentConfig(rate=(rate, rate), room=0, equaliser=0, band=0, noise=0, clip=0, line=0,
                              loudness=(-20.0, -20.0))  # fmt: skip
        batch = feed(corpus, quiet).make(0)
        hops = batch.samples[:, LEAD:].unfold(1, HOP, HOP)
        loud = hops.square().mean(2).sqrt()
        vowel = batch.phones[:, : loud.shape[1]] == phone_labels().index("ɑ")
        closed = batch.closure[:, : loud.shape[1]] > 0
        inner = closed[:, 1:-1] & closed[:, 2:] & closed[:, :-2]
        assert loud[vowel].median() > 0.1
        assert loud[:, 1:-1][inner].max() < 0.1 * loud[vowel].median()


def test_a_recording_kept_as_int16_is_as_loud_as_the_clip(corpus):
    clip = read_corpus(corpus).clips[0]
    whole, recording = clip.samples(), _Recording(clip)
    np.testing.assert_allclose(recording.sound(0.0, len(whole) / 16000), whole, atol=1 / 32767)
    np.testing.assert_allclose(recording.looped(0.0, len(whole)), whole, atol=1 / 32767)


def test_babble_never_pauses_for_long(corpus):
    """Voices that are shorter than the crop are heard over and over."""
    made = feed(corpus)
    made.recordings = [made.recordings[0][:1]]  # one clip, 2.8 s
    made.shares, made.lengths = np.ones(1), [np.array([made.recordings[0][0].duration + 1])]
    babble = made._babble(5 * 16000, np.random.default_rng(0))
    level = np.sqrt(np.square(babble.reshape(-1, 8000)).mean(1))
    assert babble.shape == (80000,) and level.min() > 0.3 * level.mean()


def test_shapes(corpus):
    batch = feed(corpus, AugmentConfig()).make(0)
    assert batch.samples.shape == (4, 60 * HOP)
    assert batch.articulators.shape == (4, 60, len(ARTICULATORS))
    assert np.isfinite(batch.samples.numpy()).all()


def test_no_clips_are_refused(corpus):
    with pytest.raises(CorpusError, match="no clips"):
        ArticulatorBatches([ArticulatorSource(corpus)], ("test",), 4, 60, None, 0)


def test_controls_change_the_targets_and_not_the_sound(corpus):
    director = Director(("strength", "joy"), ControlConfig(strength=1.0, mood=1.0))
    plain, asked = feed(corpus, AugmentConfig()).make(3), feed(corpus, AugmentConfig(), director=director).make(3)
    for name in ("samples", "phones", "closure", "silence", "weight"):
        assert torch.equal(getattr(plain, name), getattr(asked, name))
    assert plain.controls.shape == (4, 0) and (plain.strength == 1).all()
    assert asked.controls.shape == (4, 2) and torch.equal(asked.strength, asked.controls[:, :1])
    jaw, seal = (ARTICULATORS.index(name) for name in ("jaw", "seal"))
    scaled = plain.articulators[..., jaw] * asked.strength
    assert torch.allclose(asked.articulators[..., jaw], scaled)
    assert torch.equal(asked.articulators[..., seal], plain.articulators[..., seal])
    assert asked.expression.shape == (4, 60, len(director.expression)) and asked.expression.max() > 0.1


def test_a_batch_goes_to_a_device_as_a_whole(corpus):
    batch = feed(corpus).make(0)
    there = batch.to(torch.device("meta"))
    assert {value.device.type for value in vars(there).values()} == {"meta"}


def test_a_teachers_tokens_keep_the_time_of_the_sound_at_any_rate(corpus, tmp_path):
    """The mel teacher finds most energy where the tone sounds, whatever the rate of the crop."""
    teacher = Tracks(open_representation("mel"), False, tmp_path)
    for rate in (0.8, 1.25):
        config = AugmentConfig(rate=(rate, rate), room=0, equaliser=0, band=0, noise=0, clip=0, line=0, opus=0)
        batch = feed(corpus, config, teacher=teacher).make(0)
        result = batch.tokens.amax(2)
        vowel, closed = batch.phones == phone_labels().index("ɑ"), batch.closure > 0
        assert batch.tokens.shape == (4, 60, 80)
        assert result[vowel].quantile(0.2) > 2 * result[closed].quantile(0.8)
    assert feed(corpus).make(0).tokens.shape == (4, 60, 0)
