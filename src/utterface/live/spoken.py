"""A text while it is being spoken: its sound to the loudspeaker, its frames to programs as their sound is played."""

import queue
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from utterface import speech
from utterface.errors import ConfigError, MissingExtra
from utterface.live.udp import Sender
from utterface.speaking import SpeechPiece

Play = Callable[[np.ndarray, int], None]  # (N,) samples and their rate, to follow those before
_BUFFER = 60  # ms of sound that the loudspeaker is ahead


def perform(pieces: Iterable[SpeechPiece], senders: Sequence[Sender], play: Play | None = None) -> tuple[int, float]:
    """Send every frame when its sound is played; the next phrase is spoken meanwhile.

    A voice that is slower than speech pauses between phrases, and the face with it.

    Args:
        pieces: of `speaking.stream`.
        senders: where frames go.
        play: takes the sound.

    Returns:
        Frames that were sent, and seconds that the voice paused for.
    """
    count, begun, paused = 0, None, 0.0
    for piece in _ahead(iter(pieces)):
        late = 0.0 if begun is None else max(0.0, time.monotonic() - begun - piece.start)
        begun = time.monotonic() - piece.start if begun is None else begun + late
        paused += late
        if play is not None and len(piece.samples):
            play(piece.samples, piece.sample_rate)
        for number, moment in enumerate(piece.motion.times):
            time.sleep(max(0.0, begun + moment - time.monotonic()))
            frame = replace(piece.motion, values=piece.motion.values[number : number + 1], start=float(moment))
            for sender in senders:
                sender.send(frame)
        count += len(piece.motion)
    return count, paused


def _ahead(pieces: Iterator[SpeechPiece]) -> Iterator[SpeechPiece]:
    """The same pieces, the next one made while one is used."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = pool.submit(next, pieces, None)
            yield piece


@contextmanager
def loudspeaker(**device: Any) -> Iterator[Play]:
    """A way to play sound, which ends when all of it is played.

    Args:
        device: further arguments of miniaudio's `PlaybackDevice`.

    Raises:
        ConfigError: no loudspeaker, when the first sound comes. MissingExtra: miniaudio is not installed.
    """
    try:
        import miniaudio
    except ImportError:
        raise MissingExtra("to play sound, pip install 'utterface[live]'; --mute sends the face alone") from None
    waiting: queue.SimpleQueue[np.ndarray] = queue.SimpleQueue()
    opened: list[Any] = []
    left = 0.0  # moment at which all sound is played

    def play(samples: np.ndarray, sample_rate: int) -> None:
        nonlocal left
        waiting.put(np.asarray(samples, np.float32))
        left = max(left, time.monotonic()) + len(samples) / sample_rate
        if not opened:
            try:
                with speech.silenced():
                    opened.append(
                        miniaudio.PlaybackDevice(miniaudio.SampleFormat.FLOAT32, 1, sample_rate, _BUFFER, **device)
                    )
                    source = _sound(waiting)
                    next(source)
                    opened[0].start(source)
            except miniaudio.MiniaudioError as error:
                raise ConfigError(f"no loudspeaker can be opened ({error}); --mute sends the face alone") from None

    try:
        yield play
        time.sleep(max(0.0, left - time.monotonic()) + _BUFFER / 1000)
    finally:
        for one in opened:
            one.close()


def _sound(waiting: "queue.SimpleQueue[np.ndarray]") -> Generator[bytes, int, None]:
    """Sound as the device asks for it; silence where none is there."""
    rest = np.zeros(0, np.float32)
    wanted = yield b""
    while True:
        while len(rest) < wanted and not waiting.empty():
            rest = np.concatenate([rest, waiting.get()])
        now, rest = rest[:wanted], rest[wanted:]
        wanted = yield np.pad(now, (0, wanted - len(now))).tobytes()
