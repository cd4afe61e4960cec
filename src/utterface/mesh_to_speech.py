"""What does a face say? Motion, from a clip or a file, → the sound that a voice bundle hears in it.

utterface.mesh_to_speech.hear("face.glb")                             # (N,) samples at 16 kHz
utterface.mesh_to_speech.save("face.npz", "voice.wav", "me.wav")      # in somebody's voice
"""

from collections.abc import Iterator
from os import PathLike
from pathlib import Path

import numpy as np

from utterface import formats, speech, timing
from utterface.clip import Clip
from utterface.engines import voices
from utterface.engines.mesh_to_speech import Voice
from utterface.errors import AudioError, ConfigError, OutputError
from utterface.files import check_place, replacing
from utterface.motion import Motion

DEFAULT_VOICE = "listener"
SOUNDS = (".wav", ".flac", ".ogg")
_BLOCK = 10.0  # seconds of motion heard at a time

Face = Motion | Clip | str | PathLike[str]
Speaker = np.ndarray | str | PathLike[str] | None


def hear(face: Face, speaker: Speaker = None, model: str | PathLike[str] = DEFAULT_VOICE) -> np.ndarray:
    """The sound of a face.

    Args:
        face: motion, a clip, or a file of motion: .npz, .glb, Live Link .csv.
        speaker: whose voice: a recording, or (N,) samples at 16 kHz; by default the middle of all voices.
        model: voice bundle, by name or folder.

    Returns:
        (N,) float32 samples at 16 kHz, from time 0 to the end of the motion.

    Raises:
        MotionError: no motion, or none of a mouth. ConfigError: no such voice. ModelError: a damaged one.
        AudioError: a speaker's recording that cannot be read.
    """
    return np.concatenate([np.zeros(0, np.float32), *blocks(face, speaker, model)])


def blocks(face: Face, speaker: Speaker = None, model: str | PathLike[str] = DEFAULT_VOICE) -> Iterator[np.ndarray]:
    """`hear` as consecutive blocks; memory stays flat however long the motion is."""
    motion, voice = motion_of(face), open_voice(model)
    if speaker is not None:
        voice.speaker = voice.speaker_of(_samples(speaker))
    size = max(1, round(_BLOCK * motion.frame_rate))
    for first in range(0, len(motion), size):
        start = float(motion.times[first])
        yield voice.push(Motion(motion.values[first : first + size], motion.channels, motion.frame_rate, start))
    yield voice.flush()


def save(
    face: Face, path: str | PathLike[str], speaker: Speaker = None, model: str | PathLike[str] = DEFAULT_VOICE
) -> float:
    """Write what a face says to a .wav, .flac or .ogg file; the seconds that were written.

    Raises:
        OutputError: another suffix, or a place that cannot be written.
    """
    import soundfile

    check_output(path)
    written = 0
    try:
        with replacing(path) as part, soundfile.SoundFile(part, "w", speech.SAMPLE_RATE, 1) as file:
            for block in blocks(face, speaker, model):
                file.write(block)
                written += len(block)
    except soundfile.LibsndfileError as error:
        raise OutputError(f"cannot write {path}: {error.error_string}") from None
    return timing.seconds(written)


def check_output(path: str | PathLike[str]) -> None:
    """OutputError where no sound can be written at `path`."""
    if Path(path).suffix.lower() not in SOUNDS:
        raise OutputError(f"cannot write {path}: sound is written as one of {' '.join(SOUNDS)}")
    check_place(path)


def motion_of(face: Face) -> Motion:
    """The motion of a clip or a file; MotionError where there is none."""
    if isinstance(face, Motion):
        return face
    if isinstance(face, Clip):
        return face.motion
    return formats.read(face).motion


def open_voice(model: str | PathLike[str] = DEFAULT_VOICE) -> Voice:
    """A voice bundle by name or folder; ConfigError where there is none, ModelError where it is damaged."""
    shipped = voices()
    if str(model) in shipped:
        return Voice(shipped[str(model)])
    if (Path(model) / "config.json").is_file():
        return Voice(Path(model))
    known = f"there are {', '.join(shipped)}" if shipped else "none is installed"
    raise ConfigError(
        f"no voice is called {str(model)!r}, {known}; train one with recipes/mesh_to_speech.toml and "
        "recipes/vocoder.toml, pack it with utterface bundle and give its folder as --model"
    )


def _samples(speaker: np.ndarray | str | PathLike[str]) -> np.ndarray:
    if not isinstance(speaker, np.ndarray):
        return speech.read(Path(speaker)).samples
    samples = speech.samples_of(speaker)
    if len(samples) < speech.MIN_DURATION * speech.SAMPLE_RATE:
        raise AudioError(f"a speaker's sound lasts {speech.MIN_DURATION} s at least, got {len(samples)} samples")
    return samples
