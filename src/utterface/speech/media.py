"""Sound tracks of MP4, WebM and other media files, by PyAV where the extra `media` is installed.

PyAV brings FFmpeg's libraries (LGPL or GPL by build), so the package does not depend on it.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any, BinaryIO

import numpy as np

from utterface.errors import AudioError, MissingExtra


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
        length = track.duration * track.time_base if track.duration and track.time_base else 0
        self.frames = int(length * self.samplerate)
        self.channels: int = track.channels
        self._resampler = av.AudioResampler(format="fltp", layout=track.layout, rate=track.rate)
        self._pieces = self._decode()
        self._waiting = np.zeros((0, self.channels), np.float32)

    def read(self, frames: int, dtype: str = "float32", always_2d: bool = True) -> np.ndarray:
        """The next (n, channels) samples, n = `frames` except at the end; RuntimeError where the file is damaged."""
        parts, count = [self._waiting], len(self._waiting)
        while count < frames and (piece := next(self._pieces, None)) is not None:
            parts.append(piece)
            count += len(piece)
        joined = np.concatenate(parts)
        self._waiting = joined[frames:]
        return joined[:frames]

    def _decode(self) -> Iterator[np.ndarray]:
        try:
            for frame in self._container.decode(audio=0):
                for piece in self._resampler.resample(frame):
                    yield np.ascontiguousarray(piece.to_ndarray().T, np.float32)
        except self._error as error:
            raise RuntimeError(str(error)) from None

    def __enter__(self) -> "MediaSound":
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()
