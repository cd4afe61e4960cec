"""Speech from a face: motion, from a clip or a file, → sound, by a mesh-to-speech bundle.

utterface.mesh_to_speech.predict("face.glb")                      # (N,) samples at 16 kHz
utterface.mesh_to_speech.write("face.npz", "voice.wav", "me.wav")  # in the voice of a speaker
"""

from collections.abc import Iterator
from os import PathLike
from pathlib import Path

import numpy as np

from utterface import formats, speech, timing
from utterface.clip import Clip
from utterface.engines.bundle import find_bundle, shipped
from utterface.engines.mesh_to_speech import MeshToSpeechEngine
from utterface.errors import AudioError, ConfigError, OutputError
from utterface.files import check_place, replacing
from utterface.motion import Motion

DEFAULT_MODEL = "listener"
SOUNDS = (".wav", ".flac", ".ogg")
_BLOCK = 10.0  # seconds of motion predicted at a time

Face = Motion | Clip | str | PathLike[str]
Speaker = np.ndarray | str | PathLike[str] | None


def predict(face: Face, speaker: Speaker = None, model: str | PathLike[str] = DEFAULT_MODEL) -> np.ndarray:
    """Predict the sound of a face.

    Args:
        face: motion, a clip, or a file of motion: .npz, .glb, Live Link .csv.
        speaker: a recording of the speaker, or (N,) samples at 16 kHz; by default the mean of many speakers.
        model: mesh-to-speech bundle, by name or folder.

    Returns:
        (N,) float32 samples at 16 kHz, from time 0 to the end of the motion.

    Raises:
        MotionError: no motion, or none of a mouth. ConfigError: no such bundle. ModelError: a damaged one.
        AudioError: a speaker's recording that cannot be read.
    """
    return np.concatenate([np.zeros(0, np.float32), *blocks(face, speaker, model)])


def blocks(face: Face, speaker: Speaker = None, model: str | PathLike[str] = DEFAULT_MODEL) -> Iterator[np.ndarray]:
    """`predict` as consecutive blocks; memory stays flat however long the motion is."""
    motion, engine = motion_of(face), open_model(model)
    if speaker is not None:
        engine.speaker = engine.speaker_of(_samples(speaker))
    size = max(1, round(_BLOCK * motion.frame_rate))
    for first in range(0, len(motion), size):
        start = float(motion.times[first])
        yield engine.push(Motion(motion.values[first : first + size], motion.channels, motion.frame_rate, start))
    yield engine.flush()


def write(
    face: Face, path: str | PathLike[str], speaker: Speaker = None, model: str | PathLike[str] = DEFAULT_MODEL
) -> float:
    """Write the sound of a face to a .wav, .flac or .ogg file; returns the seconds written.

    Raises:
        OutputError: another suffix, a place that cannot be written, or an input as output. Others as `predict`.
    """
    import soundfile

    check_output(path, face, speaker)
    written = 0
    try:
        with replacing(path) as part, soundfile.SoundFile(part, "w", speech.SAMPLE_RATE, 1) as file:
            for block in blocks(face, speaker, model):
                file.write(block)
                written += len(block)
    except soundfile.LibsndfileError as error:
        raise OutputError(f"cannot write {path}: {error.error_string}") from None
    return timing.seconds(written)


def check_output(path: str | PathLike[str], face: Face, speaker: Speaker = None) -> None:
    """OutputError where no sound can be written at `path`, or where that would overwrite an input."""
    if Path(path).suffix.lower() not in SOUNDS:
        raise OutputError(f"cannot write {path}: sound is written as one of {' '.join(SOUNDS)}")
    check_place(path)
    for given in (face, speaker):
        if not isinstance(given, str | PathLike) or not Path(given).exists() or not Path(path).exists():
            continue
        if Path(path).samefile(given):
            raise OutputError(f"cannot write {path}: it is also an input; name another file")


def motion_of(face: Face) -> Motion:
    """The motion of a clip or a file; MotionError where there is none."""
    if isinstance(face, Motion):
        return face
    if isinstance(face, Clip):
        return face.motion
    return formats.read(face).motion


def open_model(model: str | PathLike[str] = DEFAULT_MODEL) -> MeshToSpeechEngine:
    """A mesh-to-speech bundle by name or folder; ConfigError where there is none, ModelError where it is damaged."""
    folder = find_bundle(str(model), "voice")
    if folder is None:
        names = ", ".join(shipped("voice"))
        known = f"there are {names}" if names else "none is installed"
        raise ConfigError(f"no mesh-to-speech bundle is called {str(model)!r}, {known}; or give the folder of one")
    return MeshToSpeechEngine(folder)


def _samples(speaker: np.ndarray | str | PathLike[str]) -> np.ndarray:
    if not isinstance(speaker, np.ndarray):
        return speech.read(Path(speaker)).samples
    samples = speech.samples_of(speaker)
    if len(samples) < speech.MIN_DURATION * speech.SAMPLE_RATE:
        raise AudioError(f"a speaker's sound must last {speech.MIN_DURATION} s or more, got {len(samples)} samples")
    return samples
