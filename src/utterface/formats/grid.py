"""Motion for formats whose first frame is the first sample of the sound."""

from dataclasses import replace

from utterface import timing
from utterface.motion import Motion


def from_zero(motion: Motion) -> Motion:
    """The frames nearest to a grid from the first sample on; before it begins the first one holds."""
    if not motion.start:
        return motion
    count = timing.frame_count(motion.start + motion.duration, motion.frame_rate)
    times = timing.frame_times(count, motion.frame_rate)
    values = timing.nearest(motion.values, motion.frame_rate, times, motion.start)
    return replace(motion, values=values, start=0.0)
