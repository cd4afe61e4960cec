from dataclasses import replace

import numpy as np

from utterface.formats.grid import from_zero


def test_motion_from_the_first_sample_on_stays_as_it_is(clip):
    assert from_zero(clip.motion) is clip.motion


def test_a_late_start_is_filled_by_the_first_frame(clip):
    late = from_zero(replace(clip.motion, start=0.5))
    assert late.start == 0 and len(late) == 150
    np.testing.assert_array_equal(late.values[30:], clip.motion.values)
    np.testing.assert_array_equal(late.values[:30], np.repeat(clip.motion.values[:1], 30, 0))


def test_an_early_start_is_cut(clip):
    early = from_zero(replace(clip.motion, start=-0.5))
    np.testing.assert_array_equal(early.values, clip.motion.values[30:])
