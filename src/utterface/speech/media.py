"""Sound tracks of MP4, WebM and other media files, by PyAV where the extra `media` is installed.

PyAV brings FFmpeg's libraries (LGPL or GPL by build), so the package does not depend on it.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any, BinaryIO

import numpy as np

from utterface.errors import AudioError, MissingExtra
from utterface.speech import containers

_GUESSED = ("aac", "ac3", "amr", "eac3", "mp3")  # no header counts: FFmpeg guesses the length by the first frames


def reads_media() -> bool:
    """Whether PyAV is installed."""
    return find_spec("av") is not None


class MediaSound:
    """The first sound track of a media file, read as `soundfile.SoundFile` is.

    Args:
        file: open for reading; stays open.
        name: of the file, for messages.
        kind: what the file is, for messages: "an MP4 file".

    Raises:
        MissingExtra: PyAV is not installed. AudioError: no sound in it, or damaged.
    """

    format = "media"

    def __init__(self, file: BinaryIO, name: str, kind: str) -> None:
        try:
            import av
        except ImportError:
            raise MissingExtra(
                f"{name} is {kind}; to read it: pip install 'utterface[media]', or convert it, for example with ffmpeg"
            ) from None
        self._error: type[Exception] = av.FFmpegError
        counts = containers.declared_and_present(file)
        file.seek(0)
        try:
            self._container: Any = av.open(file, metadata_errors="ignore")
        except (av.FFmpegError, ValueError):
            raise AudioError(f"{name} is {kind} that is cut short or damaged; copy it again") from None
        if not self._container.streams.audio:
            self._container.close()
            raise AudioError(f"{name} is {kind} without a sound track that can be read; it may be cut short")
        track = self._container.streams.audio[0]
        self.samplerate: int = track.rate
        self.frames = int(self._declared(counts is not None and counts[1] < counts[0]) * self.samplerate)
        self.channels: int = track.channels
        self._resampler = av.AudioResampler(format="fltp", layout=track.layout, rate=track.rate)
        self._damage = ""
        self._pieces = self._decode()
        self._waiting = np.zeros((0, self.channels), np.float32)

    def read(self, frames: int, dtype: str = "float32", always_2d: bool = True) -> np.ndarray:
        """The next (n, channels) samples, n = `frames` except at the end; RuntimeError where the file is damaged."""
        parts, count = [self._waiting], len(self._waiting)
        while count < frames and (piece := next(self._pieces, None)) is not None:
            parts.append(piece)
            count += len(piece)
        joined = np.concatenate(parts)
        if self._damage and not len(joined):
            raise RuntimeError(self._damage)
        self._waiting = joined[frames:]
        return joined[:frames]

    def _declared(self, cut: bool) -> float:
        """Seconds of sound by the header, 0 where it does not say.

        Matroska gives the length of all tracks together, which its sound may not fill: it counts where the file is
        `cut`.
        """
        container = self._container
        track = container.streams.audio[0]
        if container.format.name in _GUESSED:
            return 0.0
        if track.duration and track.time_base:
            return float(track.duration * track.time_base)
        return (container.duration or 0) / 1e6 if cut else 0.0

    def _decode(self) -> Iterator[np.ndarray]:
        try:
            for frame in self._container.decode(audio=0):
                for piece in self._resampler.resample(frame):
                    yield np.ascontiguousarray(piece.to_ndarray().T, np.float32)
        except self._error as error:
            self._damage = str(error)  # what is whole before it is read first

    def __enter__(self) -> "MediaSound":
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()
