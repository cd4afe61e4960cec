"""Flite's voices. `flite -psdur` prints every phone with the moment it ends.

https://github.com/festvox/flite
"""

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from utterface.phones import ARPABET_TO_IPA, SILENCE, Span
from utterface.speak.contract import SpeakingManner, SyntheticUtterance, SyntheticVoice, program, whole

# mean and deviation of each voice's pitch, Hz; `kal` (8 kHz) and `awb_time` (a clock) add nothing
_PITCH = {"slt": (170.0, 20.0), "rms": (100.0, 14.0), "awb": (130.0, 18.0), "kal16": (95.0, 11.0)}
_LICENCE = "BSD-style (Carnegie Mellon University)"


def voices() -> tuple[SyntheticVoice, ...]:
    """The installed voices; empty without Flite. The diphone speaker `kal` is left out of training."""
    path = program("flite")
    if path is None:
        return ()
    listed = subprocess.run([path, "-lv"], capture_output=True, text=True, check=False).stdout.split()
    return tuple(
        SyntheticVoice("flite", name, "en-gb-scotland" if name == "awb" else "en-us", name.removesuffix("16"),
              "test" if name == "kal16" else "train", _LICENCE)
        for name in _PITCH
        if name in listed
    )  # fmt: skip


def speak(voice: SyntheticVoice, sentences: Sequence[tuple[str, SpeakingManner]]) -> list[SyntheticUtterance | None]:
    """Each sentence as sound with phone times; None for one that the engine could not say."""
    return [_speak(voice, text, prosody) for text, prosody in sentences]


def _speak(voice: SyntheticVoice, text: str, prosody: SpeakingManner) -> SyntheticUtterance | None:
    import soundfile

    mean, deviation = _PITCH[voice.name]
    with tempfile.TemporaryDirectory() as folder:
        wave = Path(folder) / "speech.wav"
        features = {
            "duration_stretch": 1 / prosody.rate,
            "int_f0_target_mean": mean * prosody.pitch,
            "int_f0_target_stddev": deviation * prosody.range,
        }
        options = [part for key, value in features.items() for part in ("--setf", f"{key}={value:.3f}")]
        command = [program("flite") or "flite", "-voice", voice.name, *options, "-psdur", "-t", text, "-o", str(wave)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0 or not wave.exists():
            return None
        samples, sample_rate = soundfile.read(wave, dtype="float32")
    return whole(samples, from_segments(result.stdout), text, sample_rate)


def from_segments(printed: str) -> list[Span]:
    """`name:end name:end …` as Flite prints it; CMU phone names become IPA."""
    phones, cursor = [], 0.0
    for entry in printed.split():
        name, _, end = entry.rpartition(":")
        label = ARPABET_TO_IPA.get(name.upper(), SILENCE)
        phones.append(Span(label, cursor, float(end)))
        cursor = float(end)
    return phones
