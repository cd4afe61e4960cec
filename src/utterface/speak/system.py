"""Any program that writes a wave file: `system:espeak-ng -w {wav} {text}`. Its phones are aligned, or recognised.

The command is run as it stands, without a shell; `{text}` is the sentence, `{wav}` the file to write. Without `{text}`
the sentence comes through standard input.
"""

import shlex
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from utterface import align, speech
from utterface.errors import AudioError, ConfigError, TextError
from utterface.recognise import recognise
from utterface.speak.contract import SpeakingManner, SyntheticUtterance, SyntheticVoice, whole

_SECONDS = 120  # that a program has for a sentence


def find(command: str, language: str | None = None) -> SyntheticVoice:
    """The voice of a command; its language is the one that is asked for.

    Raises:
        ConfigError: a command that cannot be read, or without `{wav}`.
    """
    try:
        parts = shlex.split(command)
    except ValueError as error:
        raise ConfigError(f"the command {command!r} cannot be read: {error}") from None
    if not any("{wav}" in part for part in parts):
        example = "--voice 'system:espeak-ng -w {wav} {text}'"
        raise ConfigError(f"a system voice is a command that writes {{wav}}, as in {example}")
    return SyntheticVoice("system", command, language or "en", Path(parts[0]).name, "test", "the program's own")


def speak(voice: SyntheticVoice, sentences: Sequence[tuple[str, SpeakingManner]]) -> list[SyntheticUtterance | None]:
    """Each sentence as sound with phone times; None for one that the program made no sound of."""
    return [_speak(voice, text) for text, _ in sentences]


def _speak(voice: SyntheticVoice, text: str) -> SyntheticUtterance | None:
    import soundfile

    with tempfile.TemporaryDirectory() as folder:
        wave = Path(folder) / "speech.wav"
        command = [part.replace("{wav}", str(wave)).replace("{text}", text) for part in shlex.split(voice.name)]
        try:
            done = subprocess.run(
                command, input=text, capture_output=True, text=True, check=False, timeout=_SECONDS
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ConfigError(f"the command {command[0]} failed: {error}") from None
        if done.returncode != 0 or not wave.is_file():
            last = (done.stderr.strip().splitlines() or ["it wrote no sound"])[-1]
            raise ConfigError(f"the command {command[0]} failed: {last[:200]}")
        try:
            samples = speech.read(wave).samples
        except AudioError:
            return None
        own, rate = soundfile.read(wave, dtype="float32", always_2d=True)
    pcm = align.to_pcm(samples)
    try:
        alignment = align.align(pcm, text, voice.language)
    except TextError:
        alignment = recognise(pcm, voice.language, "phones")
    return whole(own.mean(1), alignment.phones, text, rate)
