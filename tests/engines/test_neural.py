from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from utterface.articulation import ARTICULATORS
from utterface.engines import Animator, Request
from utterface.engines.bundle import read_config, shipped
from utterface.engines.neural import NeuralAnimator, NeuralStreams, settle
from utterface.errors import AudioError
from utterface.motion import CHANNELS, join


@pytest.fixture(params=["tiny", "directed", "shipped"])
def bundle(request, tiny_bundle, directed_bundle) -> Path:
    if request.param != "shipped":
        return {"tiny": tiny_bundle, "directed": directed_bundle}[request.param]
    if "animator" not in shipped():
        pytest.skip("no bundle came with the package")
    return shipped()["animator"]


def voice(seconds: float = 2.0, seed: int = 0) -> np.ndarray:
    """Something between a hum and a hiss that swells and fades, after a little silence."""
    rng, t = np.random.default_rng(seed), np.arange(round(seconds * 16000)) / 16000
    swell = np.clip(np.sin(2 * np.pi * 3 * t) + 0.3, 0, 1) * (t > 0.2)
    hum = np.sign(np.sin(2 * np.pi * 130 * t)) * 0.1
    return (swell * (hum + 0.05 * rng.standard_normal(len(t)))).astype(np.float32)


def whole(animator: NeuralAnimator, samples: np.ndarray) -> np.ndarray:
    animator.reset()
    return join([animator.push(samples), animator.flush()]).values


def test_it_keeps_the_contract(bundle):
    animator = NeuralAnimator(bundle, Request(frame_rate=60))
    assert isinstance(animator, Animator)
    assert animator.about.look_ahead is not None and animator.about.look_ahead <= 0.160
    parts = [animator.push(voice()), animator.flush()]
    assert parts[1].start == pytest.approx(len(parts[0]) / 60)
    motion = join(parts)
    assert len(motion) == 120 and motion.channels == CHANNELS
    assert np.isfinite(motion.values).all()
    # a frame comes as soon as what it needs was heard, give or take a hop
    assert len(parts[0]) / 60 > 2.0 - animator.about.look_ahead - 0.02 - 1 / 60


@given(cuts=st.lists(st.integers(0, 20_000), max_size=12), rate=st.sampled_from([24.0, 50.0, 60.0]))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_chunking_gives_the_same_motion(bundle, cuts, rate):
    samples = voice(1.25)
    animator = NeuralAnimator(bundle, Request(frame_rate=rate), threads=1)
    expected = whole(animator, samples)
    animator.reset()
    edges = [0, *sorted(cuts), len(samples)]
    parts = [animator.push(samples[a:b]) for a, b in pairwise(edges)]
    found = join([*parts, animator.flush()]).values
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 1e-6


def test_a_sample_at_a_time_gives_the_same_motion(tiny_bundle):
    samples = voice(0.4)
    animator = NeuralAnimator(tiny_bundle, threads=1)
    expected = whole(animator, samples)
    animator.reset()
    found = join([*(animator.push(s[None]) for s in samples), animator.flush()]).values
    assert np.abs(found - expected).max() < 1e-6


def test_later_sound_shifts_the_motion_and_nothing_else(bundle):
    samples = voice(8.0)
    animator = NeuralAnimator(bundle, Request(frame_rate=50))
    first = whole(animator, samples)
    later = whole(animator, np.concatenate([np.zeros(5 * 320, np.float32), samples]))
    warm = 4 * 50
    assert np.abs(first[warm:-10] - later[warm + 5 : -10]).max() < 1e-3


def test_nothing_beyond_the_look_ahead_is_heard(bundle):
    samples = voice(2.0)
    animator = NeuralAnimator(bundle, Request(frame_rate=60))
    frame = 70
    changed = samples.copy()
    changed[int((frame / 60 + animator.about.look_ahead) * 16000) + 1 :] = 0.5
    assert np.array_equal(whole(animator, samples)[:frame], whole(animator, changed)[:frame])


def test_strength_moves_the_jaw_and_not_the_closures(tiny_bundle):
    weak, strong = (whole(NeuralAnimator(tiny_bundle, Request(strength=s)), voice()) for s in (0.4, 1.2))
    jaw = CHANNELS.index("jawOpen")
    assert strong[:, jaw].max() > 1.5 * weak[:, jaw].max()


def test_silence_is_a_still_closed_face():
    if "animator" not in shipped():
        pytest.skip("no bundle came with the package")
    motion = whole(NeuralAnimator(shipped()["animator"]), np.zeros(3 * 16000, np.float32))
    assert np.abs(motion).max() < 0.05
    assert np.abs(np.diff(motion[30:], axis=0)).max() < 1e-3


@pytest.mark.parametrize("samples", [np.zeros((2, 5), np.float32), np.array([0.0, np.nan], np.float32)])
def test_what_is_no_sound_is_refused(tiny_bundle, samples):
    with pytest.raises(AudioError):
        NeuralAnimator(tiny_bundle).push(samples)


def test_samples_beyond_eight_times_full_scale_are_clipped(tiny_bundle):
    far = voice(1.0)
    far *= np.where(np.arange(16000) % 400 < 20, 30 / np.abs(far).max(), 1)
    animator = NeuralAnimator(tiny_bundle)
    assert not np.array_equal(whole(animator, far), whole(animator, voice(1.0)))
    assert np.array_equal(whole(animator, far), whole(animator, np.clip(far, -8, 8)))


def test_no_sound_at_all_is_one_frame(tiny_bundle):
    assert len(NeuralAnimator(tiny_bundle).flush()) == 1


def test_closures_follow_the_decision_and_nothing_else(tiny_bundle):
    config = replace(read_config(tiny_bundle), closing=0.3)
    frames = np.zeros((8, len(ARTICULATORS) + 2), np.float32)
    seal = ARTICULATORS.index("seal")
    frames[:2, seal] = 0.9
    frames[:, -2] = -2.0, -2.0, -0.8, 3.0, 3.0, -2.0, 3.0, -2.0  # probabilities .12, .31 and .95
    settled = settle(frames, config)[:, seal]
    assert settled[0] < 0.2  # the regression alone does not close
    assert 0.75 < settled[1] < settled[2] <= 1  # the surer the firmer
    assert settled[5] < 0.2  # a single frame is a mistake


def test_voices_heard_together_move_as_each_does_alone(tiny_bundle):
    voices = np.stack([voice(1.0, seed) for seed in range(3)])
    streams = NeuralStreams(tiny_bundle, 3, threads=1)
    parts = [streams.push(voices[:, a : a + 500]) for a in range(0, 16000, 500)]
    together = np.concatenate([*parts, streams.flush()])
    animator = NeuralAnimator(tiny_bundle, threads=1)
    for number, samples in enumerate(voices):
        assert np.abs(together[:, number] - whole(animator, samples)).max() < 1e-6
    with pytest.raises(AudioError, match="3 voices"):
        streams.push(np.zeros((2, 100), np.float32))


ASKED = Request(strength=1.3, emotions={"joy": 0.7, "disgust": 0.4, "fear": 1.0})


def test_a_bundle_with_controls_is_at_neutral_the_one_without(tiny_bundle, directed_bundle):
    plain, directed = NeuralAnimator(tiny_bundle), NeuralAnimator(directed_bundle)
    assert np.abs(whole(plain, voice()) - whole(directed, voice())).max() < 1e-6
    assert plain.about.emotions == () and directed.about.emotions == ("joy", "disgust")


@given(cuts=st.lists(st.integers(0, 20_000), max_size=12))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_chunking_gives_the_same_motion_under_controls(directed_bundle, cuts):
    samples = voice(1.25)
    animator = NeuralAnimator(directed_bundle, ASKED)
    expected = whole(animator, samples)
    animator.reset()
    edges = [0, *sorted(cuts), len(samples)]
    found = join([*(animator.push(samples[a:b]) for a, b in pairwise(edges)), animator.flush()]).values
    assert np.abs(found - expected).max() < 1e-6


def test_moods_move_the_face(directed_bundle):
    plain = whole(NeuralAnimator(directed_bundle, Request(strength=1.3)), voice())
    glad = whole(NeuralAnimator(directed_bundle, ASKED), voice())
    smile, sneer = CHANNELS.index("mouthSmileLeft"), CHANNELS.index("noseSneerLeft")
    assert (glad[:, smile] - plain[:, smile]).mean() > 0.03 and glad[:, sneer].mean() > 0.05
    fearful = whole(NeuralAnimator(directed_bundle, Request(strength=1.3, emotions={"fear": 1.0})), voice())
    np.testing.assert_array_equal(fearful, plain)  # it has no such control


def test_strength_beyond_what_was_learned_acts_on_what_the_network_says(directed_bundle):
    least, none = (whole(NeuralAnimator(directed_bundle, Request(strength=s)), voice()) for s in (0.5, 0.0))
    jaw = CHANNELS.index("jawOpen")
    assert none[:, jaw].max() <= 0.056 < least[:, jaw].max()


def test_articulators_leave_as_those_of_strength_one(tiny_bundle):
    config = read_config(tiny_bundle)
    frames = np.zeros((5, len(ARTICULATORS) + 2), np.float32)
    frames[:, ARTICULATORS.index("jaw")] = 1.2
    settled = settle(frames, config, strength=1.5)
    assert settled[0, ARTICULATORS.index("jaw")] == pytest.approx(0.8)
