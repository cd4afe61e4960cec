"""Recordings → samples on the 16 kHz clock; log-mel, energy and pitch."""

from utterface.speech.features import (
    HOP,
    MEL_COUNT,
    MEL_FLOOR,
    MEL_WINDOW,
    PITCH_RANGE,
    PROSODY_CONTEXT,
    QUIET_DB,
    TRACK_RATE,
    Prosody,
    log_mel,
    mel_matrix,
    mel_window,
    prosody,
    prosody_of,
)
from utterface.speech.media import reads_media
from utterface.speech.reading import MEDIA, MIN_DURATION, SOUNDS, blocks, duration, kinds, read, silenced
from utterface.speech.samples import Speech, resampled, samples_of
from utterface.timing import SAMPLE_RATE

__all__ = [
    "HOP",
    "MEDIA",
    "MEL_COUNT",
    "MEL_FLOOR",
    "MEL_WINDOW",
    "MIN_DURATION",
    "PITCH_RANGE",
    "PROSODY_CONTEXT",
    "QUIET_DB",
    "SAMPLE_RATE",
    "SOUNDS",
    "TRACK_RATE",
    "Prosody",
    "Speech",
    "blocks",
    "duration",
    "kinds",
    "log_mel",
    "mel_matrix",
    "mel_window",
    "prosody",
    "prosody_of",
    "read",
    "reads_media",
    "resampled",
    "samples_of",
    "silenced",
]
