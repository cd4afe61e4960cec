import numpy as np
import pytest

from utterface import speech, timing
from utterface.engines.bundle import open_windows, shipped
from utterface.errors import ModelError
from utterface.lab.bundles.token_faces import TokenFaces
from utterface.lab.representations import open_representation

EXAMPLE = "examples/hello.flac"


@pytest.fixture(scope="module")
def tokenizer():
    return open_representation("ours:tokenizer")


def test_a_window_of_tokens_is_the_window_of_their_sound(tokenizer, pytestconfig):
    folder = shipped("motion")["tokens"]
    faces = TokenFaces(folder, 25.0, 0)
    samples = speech.read(pytestconfig.rootpath / EXAMPLE).samples
    sound = np.zeros(timing.sample_count(2.4), np.float32)
    sound[: min(len(samples), len(sound))] = samples[: len(sound)]
    face = open_windows(folder, 1).predict(sound[None])[0]
    alone = faces.window(tokenizer.units(sound).values)
    # the graph holds weights rounded to bytes, so some tokens are others
    assert np.median(np.abs(face - alone)) < 1e-5
    assert np.abs(face - faces.window(np.zeros(60, np.int64))).max() > 0.1


def test_motion_is_as_long_as_the_sound_and_begins_with_what_is_known(tokenizer):
    tokens = tokenizer.units(np.random.default_rng(0).normal(0, 0.1, 32000).astype(np.float32)).values
    faces = TokenFaces(shipped("motion")["tokens"], 25.0, int(tokens[0]))
    whole = faces.motion(tokens, 32000)
    assert len(whole) == 60
    first = faces.motion(tokens[: faces.first], faces.first_samples)
    np.testing.assert_array_equal(first.values, whole.values[: len(first)])


def test_bundles_without_tokens_are_refused():
    with pytest.raises(ModelError, match="no face of tokens"):
        TokenFaces(shipped("motion")["thunder"], 25.0, 0)
