"""Where live sound comes from: a file at the speed of real time, standard input, a microphone."""

import queue
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from utterface import speech
from utterface.errors import AudioError, ConfigError, MissingExtra
from utterface.live.voice import samples_from

TICK = 0.02  # seconds of a chunk
_MOST = 500  # chunks of a microphone that may wait, 10 s


def from_file(path: Path, hurry: bool = False) -> Iterator[np.ndarray]:
    """Chunks of `TICK` at 16 kHz, each no earlier than its last sample is spoken; `hurry` leaves the waiting out.

    Raises:
        AudioError: see `speech.blocks`.
    """
    size, done, begun = round(TICK * speech.SAMPLE_RATE), 0, time.monotonic()
    for block in speech.blocks(path):
        for first in range(0, len(block), size):
            chunk = block[first : first + size]
            done += len(chunk)
            if not hurry:
                time.sleep(max(0.0, begun + done / speech.SAMPLE_RATE - time.monotonic()))
            yield chunk


def from_stream(stream: BinaryIO, sample_rate: float, encoding: str) -> Iterator[np.ndarray]:
    """Raw PCM as it comes, until the stream ends.

    Raises:
        AudioError: it ends within a sample.
    """
    width = 4 if encoding == "f32" else 2
    size = width * round(TICK * sample_rate)
    left = b""
    while data := (stream.read1(size) if hasattr(stream, "read1") else stream.read(size)):
        data = left + data
        whole = len(data) - len(data) % width
        left = data[whole:]
        if whole:
            yield samples_from(data[:whole], encoding)
    if left:
        raise AudioError("standard input ends within a sample; is --encoding right?")


def microphones() -> list[str]:
    """Names of the microphones of this computer; MissingExtra without miniaudio."""
    audio = _audio()
    with speech.silenced():
        try:
            return [str(device["name"]) for device in audio.Devices().get_captures()]
        except audio.MiniaudioError:
            return []


@contextmanager
def microphone(name: str | None, sample_rate: int) -> Iterator[Iterator[np.ndarray]]:
    """Chunks of a microphone, int16 mono; that of the system where no name is given.

    Raises:
        ConfigError: no such microphone, or none at all. MissingExtra: miniaudio is not installed.
    """
    audio = _audio()
    chosen = None
    if name is not None:
        with speech.silenced():
            found = [one for one in audio.Devices().get_captures() if name.lower() in str(one["name"]).lower()]
        if not found:
            raise ConfigError(f"no microphone is called {name!r}; see --list-microphones")
        chosen = found[0]["id"]
    waiting: queue.Queue[np.ndarray] = queue.Queue(_MOST)

    def taken() -> Generator[None, bytes, None]:
        while True:
            data = yield
            with suppress(queue.Full):  # nothing takes chunks any more, so this one is of no use
                waiting.put_nowait(np.frombuffer(data, np.int16).copy())

    taker = taken()
    next(taker)
    try:
        with speech.silenced():
            device = audio.CaptureDevice(
                audio.SampleFormat.SIGNED16, 1, sample_rate, buffersize_msec=round(1000 * TICK), device_id=chosen
            )
            device.start(taker)
    except audio.MiniaudioError as error:
        why = error.args[0] if error.args else error
        raise ConfigError(f"no microphone can be opened ({why}); see --list-microphones") from None
    try:
        yield iter(waiting.get, None)
    finally:
        device.close()


def _audio() -> Any:
    try:
        import miniaudio
    except ImportError:
        raise MissingExtra("microphones need an extra; run: pip install 'utterface[live]'") from None
    return miniaudio
