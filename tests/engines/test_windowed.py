import json
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.windowed_bundle import MOVED
from utterface.articulation.pace import FASTEST
from utterface.engines import Animator, Request, find_engine, open_animator
from utterface.engines.animate import animate
from utterface.engines.bundle import ConditionInput, MotionConfig, Windows, open_windows, read_config
from utterface.engines.windowed import WindowedAnimator
from utterface.engines.windowed import windows as cut_windows
from utterface.errors import AudioError, ModelError
from utterface.motion import CHANNELS, Motion, join
from utterface.track import Track

COLUMNS = [CHANNELS.index(name) for name in MOVED]
PAST, BLOCK, OVERLAP, WINDOW = 18, 12, 6, 42  # frames, of `write_bundle`
ONE_DRAW, DRAWS = {"channels": 3, "draws": 1}, {"channels": 3, "draws": 2}


def voice(seconds: float, seed: int = 0) -> np.ndarray:
    """Noise that swells and fades."""
    t = np.arange(round(seconds * 16000)) / 16000
    noise = np.random.default_rng(seed).standard_normal(len(t)) * 0.05
    return (noise * np.sin(2 * np.pi * 1.3 * t)).astype(np.float32)


def _held_back(jaw: np.ndarray) -> np.ndarray:
    """A jaw that changes by at most `FASTEST`, frame by frame."""
    held = [jaw[0]]
    for value in jaw[1:]:
        held.append(min(max(value, held[-1] - FASTEST / 30), held[-1] + FASTEST / 30))
    return np.array(held, np.float32)


def whole(animator: WindowedAnimator, samples: np.ndarray) -> np.ndarray:
    animator.reset()
    return join([animator.push(samples), animator.flush()]).values


def test_it_keeps_the_contract(motion_bundle):
    animator = open_animator(str(motion_bundle()), Request(frame_rate=60))
    assert isinstance(animator, Animator) and isinstance(animator, WindowedAnimator)
    assert animator.about.name == "windowed" and animator.about.frame_rate == 30
    assert animator.about.look_ahead == pytest.approx(0.8)
    parts = [animator.push(voice(2.0)), animator.flush()]
    assert parts[1].start == pytest.approx(len(parts[0]) / 30)
    motion = join(parts)
    assert len(motion) == 60 and motion.channels == CHANNELS
    still = [i for i in range(len(CHANNELS)) if i not in COLUMNS]
    assert not motion.values[:, still].any() and motion.values[:, COLUMNS].std(0).min() > 0.05
    assert (
        len(parts[0]) / 30 > 2.0 - animator.about.look_ahead - 1 / 30
    )  # a frame comes as soon as what it needs was heard


@pytest.mark.parametrize("noise", [None, ONE_DRAW, DRAWS])
def test_it_is_windows_on_a_grid_faded_into_each_other(motion_bundle, noise):
    """What the windows say one by one, with silence around the sound, joined by hand."""
    network, seconds = open_windows(motion_bundle(noise)), 2.3
    padded = np.concatenate([np.zeros(9600), voice(seconds), np.zeros(40_000)]).astype(np.float32)
    answers = []
    for k in range(6):
        drawn = None
        if noise:
            row = (noise["draws"], 3)
            frames = range(k * BLOCK - PAST, k * BLOCK - PAST + WINDOW)
            rows = [np.random.default_rng((5, f % 2**32)).standard_normal(row, np.float32) for f in frames]
            drawn = np.moveaxis(np.stack(rows), 0, -2)[None].copy()
        answers.append(network.predict(padded[None, k * 6400 : k * 6400 + 22_400], drawn)[0, PAST:])
    expected = np.concatenate([answer[:BLOCK] for answer in answers])[: round(seconds * 30)]
    fade = 0.5 - 0.5 * np.cos(np.pi * (np.arange(OVERLAP)[:, None] + 0.5) / OVERLAP)
    for k in range(1, 6):
        before, after = answers[k - 1][BLOCK : BLOCK + OVERLAP], answers[k][:OVERLAP]
        rows = expected[k * BLOCK : k * BLOCK + OVERLAP]
        rows[:] = (before * (1 - fade) + after * fade)[: len(rows)]
    expected[:, :2] = expected[:, :2].clip(0, 1)
    expected[:, :1] = _held_back(expected[:, 0])[:, None]
    found = whole(WindowedAnimator(motion_bundle(noise), Request(seed=5)), voice(seconds))
    assert found.shape[0] == 69
    assert np.abs(found[:, COLUMNS] - expected).max() < 1e-6


@given(cuts=st.lists(st.integers(0, 24_000), max_size=10), length=st.integers(1, 24_000), noisy=st.booleans())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_chunking_gives_the_same_motion(motion_bundle, cuts, length, noisy):
    samples = voice(1.5)[:length]
    animator = WindowedAnimator(motion_bundle(DRAWS if noisy else None), Request(seed=3))
    expected = whole(animator, samples)
    assert len(expected) == np.ceil(length / 16000 * 30 - 1e-6)
    animator.reset()
    edges = [0, *sorted(min(cut, length) for cut in cuts), length]
    parts = [animator.push(samples[a:b]) for a, b in pairwise(edges)]
    found = join([*parts, animator.flush()]).values
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 1e-6


def test_a_sample_at_a_time_gives_the_same_motion(motion_bundle):
    animator = WindowedAnimator(motion_bundle())
    expected = whole(animator, voice(1.1))
    animator.reset()
    found = join([*(animator.push(s[None]) for s in voice(1.1)), animator.flush()]).values
    assert np.abs(found - expected).max() < 1e-6


def test_nothing_beyond_the_look_ahead_is_heard(motion_bundle):
    animator = WindowedAnimator(motion_bundle())
    samples = voice(3.0)
    for frame in (24, 30, 35):
        changed = samples.copy()
        changed[round((frame / 30 + animator.about.look_ahead) * 16000) :] = 0.5
        assert np.array_equal(whole(animator, samples)[: frame + 1], whole(animator, changed)[: frame + 1])


def test_there_is_no_seam_between_windows(motion_bundle):
    """A window that says another level than the one before it does not make the face jump."""
    quiet_then_loud = np.concatenate([np.zeros(32_000), np.full(32_000, 0.1)]).astype(np.float32)
    moved = whole(WindowedAnimator(motion_bundle()), quiet_then_loud)[
        :60, COLUMNS
    ]  # what only the mean of windows moves
    steps = np.abs(np.diff(moved, axis=0)).max(1)
    total = np.abs(moved[59] - moved[0]).max()
    assert total > 0.01 and steps.max() < 0.3 * total


def test_the_memory_does_not_grow_with_the_sound(motion_bundle):
    animator = WindowedAnimator(motion_bundle(DRAWS))

    def highest(blocks: int) -> int:
        animator.reset()
        tracemalloc.start()
        for _ in range(blocks):
            animator.push(np.zeros(16_000, np.float32))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    highest(2)
    assert highest(120) < 1.2 * highest(6) + 20_000


def test_a_seed_is_a_take(motion_bundle):
    folder = motion_bundle(ONE_DRAW)
    first, again, other = (whole(WindowedAnimator(folder, Request(seed=seed)), voice(2.0)) for seed in (1, 1, -2))
    assert np.array_equal(first, again)
    assert np.abs(first - other).max() > 0.1
    for bundle, sampled in ((folder, True), (motion_bundle(name="other"), False)):
        assert find_engine(str(bundle)).sampled == WindowedAnimator(bundle).about.sampled == sampled


def test_weights_stay_weights_and_angles_go_where_they_go(motion_bundle):
    moved = whole(WindowedAnimator(motion_bundle()), 60 * voice(3.0))
    assert moved[:, :52].min() == 0 and moved[:, :52].max() == 1
    assert moved[:, 52:].min() < -1 and moved[:, 52:].max() > 1


def test_strength_moves_the_mouth_and_not_the_head(motion_bundle):
    weak, plain = (whole(WindowedAnimator(motion_bundle(), Request(strength=s)), voice(2.0) / 8) for s in (0.5, 1.0))
    assert np.allclose(weak[:, :52], plain[:, :52] / 2, atol=1e-6)
    assert np.array_equal(weak[:, 52:], plain[:, 52:])


@pytest.mark.parametrize("samples", [np.zeros((2, 5), np.float32), np.array([0.0, np.nan], np.float32)])
def test_what_is_no_sound_is_refused(motion_bundle, samples):
    with pytest.raises(AudioError):
        WindowedAnimator(motion_bundle()).push(samples)


def test_samples_beyond_eight_times_full_scale_are_clipped(motion_bundle):
    far = voice(1.0)
    far *= np.where(np.arange(16000) % 400 < 20, 30 / np.abs(far).max(), 1)
    animator = WindowedAnimator(motion_bundle())
    assert not np.array_equal(whole(animator, far), whole(animator, voice(1.0)))
    assert np.array_equal(whole(animator, far), whole(animator, np.clip(far, -8, 8)))
    config = read_config(motion_bundle())
    windows = zip(cut_windows(far, config), cut_windows(np.clip(far, -8, 8), config), strict=True)
    assert all(np.array_equal(one[0], other[0]) for one, other in windows)


def test_no_sound_at_all_is_one_frame(motion_bundle):
    assert len(WindowedAnimator(motion_bundle()).flush()) == 1


def test_numbers_that_are_none_never_come_out(motion_bundle):
    import onnx

    folder = motion_bundle()
    model = onnx.load(folder / "model.onnx")
    (weight,) = (c for c in model.graph.initializer if c.name == "weight")
    weight.CopyFrom(onnx.numpy_helper.from_array(np.full((3200, 18), np.nan, np.float32), "weight"))
    onnx.save(model, folder / "model.onnx")
    with pytest.raises(ModelError, match="bundle windowed gave NaN"):
        WindowedAnimator(folder).push(voice(2.0))


@pytest.mark.parametrize("frame_rate", [24, 30, 60])
def test_it_speaks_in_animate_at_any_rate(motion_bundle, frame_rate):
    clip = animate(voice(2.35), model=str(motion_bundle()), frame_rate=frame_rate, life=False)
    assert clip.engine == "windowed"
    assert len(clip.motion) == np.ceil(2.35 * frame_rate) and clip.motion.frame_rate == frame_rate
    plain = Motion(whole(WindowedAnimator(motion_bundle()), voice(2.35)), frame_rate=30)
    inside = slice(int(np.ceil(0.08 * frame_rate)), int(-np.ceil(0.12 * frame_rate)))  # a take's ends lead to rest
    expected = plain.at_rate(frame_rate)["jawOpen"][: len(clip.motion)]
    np.testing.assert_array_equal(clip.motion["jawOpen"][inside], expected[inside])
    assert clip.motion["jawOpen"][0] == clip.motion["jawOpen"][-1] == 0


def test_life_leaves_alone_what_the_network_moves_by_itself(motion_bundle):
    folder = motion_bundle()
    alone = animate(voice(2.0), model=str(folder), frame_rate=30, life=False).motion
    lived = animate(voice(2.0), model=str(folder), frame_rate=30).motion
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "alive": ["head", "gaze"]}))
    found = animate(voice(2.0), model=str(folder), frame_rate=30).motion
    assert not np.allclose(lived["headYaw"], alone["headYaw"], atol=1e-3)
    assert np.array_equal(found["headYaw"], alone["headYaw"])
    assert not found.select(("eyeLookInLeft", "leftEyeYaw")).any()
    assert np.array_equal(found["eyeBlinkLeft"], lived["eyeBlinkLeft"])


def test_a_network_may_stand_in_the_place_of_its_bundle(motion_bundle):
    folder = motion_bundle(DRAWS)
    given = WindowedAnimator(open_windows(folder), Request(seed=4))
    assert np.array_equal(whole(given, voice(1.0)), whole(WindowedAnimator(folder, Request(seed=4)), voice(1.0)))


class Shown:
    """Opens the jaw as far as the track says, and moves the head by the vector, or by -1 where it is not given."""

    config = MotionConfig(
        "shown", "MIT", ("jawOpen", "headYaw"), 30, Windows(0.4, 0.6, 0.4, 0.2), None,
        conditions=(ConditionInput("opening", 1, track=True), ConditionInput("turn", 1)),
    )  # fmt: skip

    def predict(self, samples, noise=None, conditions=None):
        turn = conditions["condition_turn"] if conditions["given"][0, 1] else np.full((1, 1), -1)
        return np.concatenate([conditions["condition_opening"], np.tile(turn[:, None], (1, 42, 1))], -1)


@pytest.mark.parametrize("chunk", [700, 30_000])
def test_tracks_are_read_at_the_frames_of_their_windows_and_vectors_hold(chunk):
    opening, sound = Track(np.linspace(0, 1, 201)[:, None], 100.0), np.zeros(30_000, np.float32)
    given = {"opening": opening, "turn": np.array([0.25], np.float32)}
    for conditions, turn in ((given, 0.25), ({"opening": opening}, -1.0)):
        animator = WindowedAnimator(Shown(), Request(conditions=conditions))
        parts = [animator.push(sound[first : first + chunk]) for first in range(0, len(sound), chunk)]
        motion = join([*parts, animator.flush()])
        assert np.allclose(motion["jawOpen"], motion.times / 2, atol=1e-6) and np.allclose(motion["headYaw"], turn)


def test_the_jaw_moves_no_faster_than_people_s(motion_bundle):
    """The network's jaw follows noise and jumps; the engine holds it back, however the sound is cut."""
    animator = WindowedAnimator(motion_bundle(DRAWS), Request(seed=5, strength=2.0))
    samples = np.random.default_rng(1).standard_normal(32_000).astype(np.float32)
    jaw = CHANNELS.index("jawOpen")
    fastest = np.abs(np.diff(whole(animator, samples)[:, jaw])).max()
    assert 0.2 < fastest <= FASTEST / 30 + 1e-6
