import make_reduction
import numpy as np
import pytest

from utterface import animate
from utterface.motion import ARKIT, CHANNELS, Motion
from utterface.phones import OCULUS
from utterface.rigs import reduction
from utterface.rigs.solver import bounded

HELLO = "examples/hello.flac"


@pytest.fixture(scope="module")
def hello(request) -> Motion:
    return animate(request.config.rootpath / HELLO, life="off").motion


def lip_error_mm(shapes: np.ndarray, weights: np.ndarray, wanted: np.ndarray, lips: np.ndarray) -> float:
    """Root mean square distance of lip vertices."""
    distance = np.linalg.norm((weights @ shapes - wanted).reshape(len(wanted), -1, 3)[:, lips], axis=2)
    return 1000 * float(np.sqrt(np.square(distance).mean()))


def test_each_matrix_is_nearly_as_close_as_solving_every_frame(hello, assets):
    shapes, lips = make_reduction.shapes_of(assets / "avatars" / "mpfb_arkit52_base.glb")
    full = make_reduction.weighted(shapes, list(make_reduction.CHANNELS), lips)
    wanted = hello.select(make_reduction.CHANNELS).astype(float) @ full
    visemes = make_reduction.weighted(shapes, [f"viseme_{make_reduction.SHAPES[v]}" for v in OCULUS[1:]], lips)
    vowels = make_reduction.weighted(shapes, [f"viseme_{v}" for v in make_reduction.VOWELS.values()], lips)
    still = lip_error_mm(vowels, np.zeros((len(hello), 5)), wanted, lips)
    for reduced, weights in ((visemes, reduction.to_visemes(hello)[:, 1:]), (vowels, reduction.to_vowels(hello))):
        gram = reduced @ reduced.T
        gram += 1e-5 * np.trace(gram) / len(gram) * np.eye(len(gram))
        best = lip_error_mm(reduced, bounded(gram, wanted @ reduced.T)[0], wanted, lips)
        error = lip_error_mm(reduced, weights, wanted, lips)
        assert best <= error < 1.5 * best and error < 0.35 * still  # neither shows the rolled lips of /p b m/


def test_closed_lips_give_no_vowel_and_no_open_viseme(hello):
    shut = reduction.closed(hello)
    assert 20 < shut.sum() < len(shut)
    assert not reduction.to_vowels(hello)[shut].any()
    visemes = reduction.to_visemes(hello)
    assert not visemes[np.ix_(shut, [OCULUS.index(v) for v in ("TH", "kk", "aa", "E", "ih", "oh", "ou")])].any()
    assert reduction.to_vowels(hello)[~shut].max() > 0.5


def test_a_face_at_rest_is_silence_and_an_open_jaw_is_aa():
    motion = Motion(np.array([[0.0], [0.45]]), ("jawOpen",))
    visemes = dict(zip(OCULUS, reduction.to_visemes(motion).T, strict=True))
    assert visemes["sil"][0] == 1 and max(visemes, key=lambda name: visemes[name][1]) == "aa"
    assert reduction.to_vowels(motion)[1].argmax() == reduction.VOWELS.index("aa")
    pucker = Motion(np.array([[0.9]]), ("mouthPucker",))
    assert reduction.to_vowels(pucker)[0].argmax() == reduction.VOWELS.index("ou")


def test_weights_stay_between_0_and_1():
    motion = Motion(np.random.default_rng(0).uniform(-0.2, 1.2, (50, len(CHANNELS))))
    for weights in (reduction.to_visemes(motion), reduction.to_vowels(motion)):
        assert weights.min() >= 0 and weights.max() <= 1 and weights.dtype == np.float32


def test_the_table_names_channels_and_shapes():
    for name, shapes in reduction.SETS.items():
        channels, gains = reduction.matrix(name)
        assert set(channels) <= set(ARKIT) and gains.shape == (len(channels), len(shapes))
        assert not gains.flags.writeable
