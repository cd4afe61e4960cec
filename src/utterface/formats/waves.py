"""The sound of a clip as a wave file, 16 bits a sample, at the rate that it has."""

from pathlib import Path

import numpy as np

from utterface import timing
from utterface.clip import Clip
from utterface.errors import OutputError
from utterface.rigs import Rig


def write(clip: Clip, path: Path, rig: Rig | None) -> None:
    """Write the sound; OutputError for motion without one."""
    import soundfile

    if clip.audio is None:
        raise OutputError("the clip has no sound to write")
    if isinstance(clip.audio, np.ndarray):
        samples, sample_rate = clip.audio, timing.SAMPLE_RATE
    else:
        samples, sample_rate = soundfile.read(clip.audio, dtype="float32")
    soundfile.write(path, samples, sample_rate, subtype="PCM_16", format="WAV")
