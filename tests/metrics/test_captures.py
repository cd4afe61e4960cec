"""Each measure against a number worked by hand."""

import numpy as np
import pytest

from utterface.metrics import captures
from utterface.motion import Motion

TEMPLATE = np.zeros((3, 3))
REFERENCE = np.zeros((2, 3, 3))
PREDICTED = REFERENCE.copy()
PREDICTED[0, 0] = (3, 4, 0)  # distance 5
PREDICTED[1, 1] = (0, 0, 1)  # distance 1
PREDICTED[1, 2] = (0, 2, 0)  # distance 2, outside the lips
LIPS = np.array([0, 1])


def test_the_three_lip_vertex_errors_differ():
    assert captures.lve(PREDICTED, REFERENCE, LIPS) == pytest.approx(3)  # (5 + 1) / 2
    assert captures.lve_squared(PREDICTED, REFERENCE, LIPS) == pytest.approx(13)  # (25 + 1) / 2
    assert captures.lve_rms(PREDICTED, REFERENCE, LIPS) == pytest.approx(13**0.5)


def test_published_reconciliation_of_squared_metres_and_millimetres():
    # 1.0828e-4 m² is what another paper prints as 10.4 mm
    offset = 1.0828e-4**0.5
    moved = REFERENCE + np.array([offset, 0, 0])
    assert captures.lve_rms(moved, REFERENCE, LIPS) * 1000 == pytest.approx(10.41, abs=0.005)


def test_mean_vertex_error():
    assert captures.mve(PREDICTED, REFERENCE) == pytest.approx(8 / 6)


def test_weights_lve():
    assert captures.lve_weights(np.array([[1.0, 0], [0, 0]]), np.zeros((2, 2))) == 0.25


def test_fdd_is_signed_and_on_squared_offsets():
    moving = REFERENCE.copy()
    moving[1, 0] = (2, 0, 0)  # squared offset 0 then 4: deviation 2
    assert captures.fdd(REFERENCE, moving, TEMPLATE, np.array([0])) == pytest.approx(2)
    assert captures.fdd(moving, REFERENCE, TEMPLATE, np.array([0, 1])) == pytest.approx(-1)


def test_jitter_of_a_kink_and_of_a_line():
    # Δ² of 0, 0, 1 is 1; at 10 frames a second that is 100 a s²
    assert captures.jitter(np.array([[0.0], [0], [1]]), 10) == pytest.approx(100)
    assert captures.jitter(np.arange(9.0)[:, None], 30) == pytest.approx(0)


def test_bcs_gives_the_reference_seventy_percent():
    aperture = np.linspace(0, 1, 101)
    bilabial = np.ones(101, bool)
    threshold = captures.bcs_threshold(aperture, bilabial)
    assert threshold == pytest.approx(0.7)
    assert captures.bcs(aperture, bilabial, threshold) == pytest.approx(71 / 101)
    assert captures.bcs(aperture + 1, bilabial, threshold) == 0


def test_motion_deviation_is_a_length_and_no_sign_cancels_another():
    still = np.zeros((4, 2, 3))
    moved = still.copy()
    moved[:, 0, 1] = [1.0, -1, 1, -1]  # deviation 1
    moved[:, 1, 2] = [3.0, -3, 3, -3]  # deviation 3
    other = still.copy()
    other[:, 0, 0] = [2.0, -2, 2, -2]  # 2: one more than above, in whatever direction
    other[:, 1, 0] = [7.0, 3, 7, 3]  # 2 around a mean of 5: one less
    region = np.array([0, 1])
    assert captures.motion_deviation(moved, still, region) == pytest.approx(2)
    assert captures.motion_deviation(moved, other, region) == pytest.approx(1)
    assert captures.motion_deviation(moved, other, region[:1]) == pytest.approx(1)
    assert captures.motion_deviation(moved + 5, moved, region) == 0


def test_dtw_forgives_delay_and_divides_by_the_path():
    assert captures.dtw(np.array([0.0, 0, 1, 0]), np.array([0.0, 1, 0, 0])) == 0
    assert captures.dtw(np.array([0.0, 0]), np.array([1.0, 1])) == pytest.approx(1)
    assert captures.dtw(np.array([0.0]), np.array([3.0, 1, 2])) == pytest.approx(2)  # one frame meets all three
    assert captures.dtw(np.array([0.0, 0, 4, 4, 0]), np.array([0.0, 3, 0])) == pytest.approx(2 / 5)


def test_correlation_and_concordance():
    time = np.linspace(0, 6, 50)
    reference = np.zeros((50, 1, 3))
    reference[:, 0, 1] = np.sin(time)
    doubled = 2 * reference + 0.0
    mouth = np.array([0])
    assert captures.lip_correlation(doubled, reference, mouth) == pytest.approx(1)
    series = np.sin(time)
    expected = 2 * (2 * series.var()) / (5 * series.var() + series.mean() ** 2)
    assert captures.lip_concordance(doubled, reference, mouth) == pytest.approx(expected)
    assert captures.lip_correlation(-reference, reference, mouth) == pytest.approx(-1)


def test_diversities():
    samples = np.zeros((2, 2, 1, 3))
    samples[1, :, 0, 0] = (2, 4)  # distances 0,0 and 2,4
    region = np.array([0])
    reference = np.zeros((2, 1, 3))
    assert captures.sample_diversity(samples, reference, region) == pytest.approx(1.5)  # deviations 1 and 2
    assert captures.temporal_diversity(samples, reference, region) == pytest.approx(0.5)  # 0 and 1
    assert captures.pairwise_diversity(samples) == pytest.approx(3)
    assert captures.mean_estimate_error(samples, reference, region) == pytest.approx(2.5)  # (1² + 2²) / 2
    assert captures.coverage_error(samples, reference, region) == 0


def test_opening_difference_and_pooling():
    assert captures.mouth_opening_difference(np.array([1.0, 3]), np.array([2.0, 1])) == 1.5
    assert captures.mean_over_clips([1, 4], [3, 1]) == 1.75


def test_face_diffusers_lve_on_beat_by_hand():
    """Norms over its 12 channels: 5 and 0; jawOpen is none of them."""
    channels = (*captures.BEAT_MOUTH, "jawOpen")
    values = np.zeros((2, 13), np.float32)
    values[0, [0, 3]] = 3, 4
    values[1, 12] = 9
    predicted, reference = (Motion(v, channels, 30.0) for v in (values, np.zeros_like(values)))
    assert len(captures.BEAT_MOUTH) == 12 and captures.lve_beat(predicted, reference) == 2.5


def test_upper_face_errors_by_hand():
    assert captures.ufve(PREDICTED, REFERENCE, np.array([0, 1])) == 6 / 4  # 5, 0, 0, 1
    assert captures.eve(PREDICTED, REFERENCE, np.array([0, 1])) == 3  # the largest of each frame: 5 and 1


def test_mouth_timing_is_how_late_turning_points_come():
    t = np.arange(240) / 30
    wave = np.sin(2 * np.pi * 0.5 * t)
    assert captures.mouth_timing_ms(wave, wave, 30) == 0
    late = np.sin(2 * np.pi * 0.5 * (t - 0.1))  # three frames
    assert captures.mouth_timing_ms(late, wave, 30) == pytest.approx(100, abs=20)
    assert captures.mouth_timing_ms(late, wave, 60) == pytest.approx(50, abs=10)
    assert np.isnan(captures.mouth_timing_ms(np.zeros(50), wave[:50], 30))
    assert np.isnan(captures.mouth_timing_ms(wave[:2], wave[:2], 30))


def test_beats_that_meet_align_and_late_ones_by_their_lateness():
    t = np.arange(300) / 30
    nod = np.stack([np.sin(2 * np.pi * t), np.zeros_like(t), np.zeros_like(t)], 1)  # slowest every half second
    late = np.roll(nod, 3, 0)
    assert captures.beat_alignment(nod, nod, 30) == 1
    assert captures.beat_alignment(late, nod, 30) == pytest.approx(np.exp(-0.5), abs=0.03)
    assert captures.beat_alignment(np.zeros_like(nod), nod, 30) == 0
    assert np.isnan(captures.beat_alignment(nod, np.zeros_like(nod), 30))


def test_mean_speed_by_hand():
    weights = np.array([[0.0, 0.0], [0.3, 0.4], [0.3, 0.4]])
    assert captures.mean_speed(weights, 30) == pytest.approx(7.5)  # 0.5 and 0 a frame
    assert captures.mean_speed(weights[:1], 30) == 0
