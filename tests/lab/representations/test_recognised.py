import numpy as np

from utterface.lab.representations import open_representation
from utterface.recognise.phones import MARGIN, WINDOW, PhoneRecogniser


def test_log_probabilities_are_the_recognisers_own_and_windows_join():
    representation, recogniser = open_representation("phones"), PhoneRecogniser()
    rng = np.random.default_rng(0)
    short = rng.normal(0, 0.05, 20_000).astype(np.float32)
    track = representation.encode(short)
    assert (len(track), track.values.shape[1]) == (63, representation.about.dimension)
    np.testing.assert_array_equal(track.values, recogniser.scores(short))
    hop, step = recogniser.config.hop, WINDOW - 2 * MARGIN
    long = rng.normal(0, 0.05, (step + WINDOW + 50) * hop + 7).astype(np.float32)
    values = representation.encode(long).values
    assert len(values) == step + WINDOW + 51
    second = recogniser.scores(long[step * hop : (step + WINDOW) * hop])
    np.testing.assert_array_equal(values[step + MARGIN : step + WINDOW - MARGIN], second[MARGIN:-MARGIN])
    np.testing.assert_allclose(np.exp(values).sum(1), 1, atol=1e-3)
    assert len(representation.encode(np.zeros(0, np.float32))) == 1
