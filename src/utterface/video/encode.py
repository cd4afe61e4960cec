"""A clip as MP4 (H.264, AAC) or WebM (VP9, Opus), drawn by OpenGL or a processor and muxed with its sound by PyAV."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from utterface.clip import Clip
from utterface.errors import AudioError, ConfigError, OutputError
from utterface.formats.grid import from_zero
from utterface.rigs import Rig
from utterface.timing import SAMPLE_RATE
from utterface.video.tone import colour_of

LEAST, MOST = 64, 4096  # pixels along a side
RENDERERS = ("auto", "gl", "numpy")
_PAINTERS = 4  # threads that draw, at most
BLOCK_FRAMES = 64  # frames whose vertices are in memory at once
_BT709 = 1
_AUDIO_RATE = 48_000  # Hz, which both AAC and Opus know
_AUDIO_BITS = 160_000  # a second


@dataclass(frozen=True)
class Look:
    """How a video shows a face.

    Attributes:
        width, height: pixels, even.
        background: red, green and blue, 0…255; None is transparent.
        renderer: `gl`, `numpy` (the processor), or `auto`: OpenGL where a graphics processor draws and the face has no
            pictures.
    """

    width: int = 720
    height: int = 720
    background: tuple[int, int, int] | None = (200, 204, 210)
    renderer: str = "auto"

    @classmethod
    def of(cls, size: str | None = None, background: str | None = None, renderer: str = "auto") -> "Look":
        """From `720` or `1280x720`, a colour and a renderer; ConfigError for what is none."""
        plain = cls()
        width, _, height = (size or f"{plain.width}x{plain.height}").lower().partition("x")
        try:
            sides = int(width), int(height or width)
        except ValueError:
            raise ConfigError(f"--size takes pixels, 720 or 1280x720, got {size!r}") from None
        if not all(LEAST <= side <= MOST and side % 2 == 0 for side in sides):
            raise ConfigError(f"--size takes even numbers from {LEAST} to {MOST}, got {size!r}")
        if renderer not in RENDERERS:
            raise ConfigError(f"--renderer takes {', '.join(RENDERERS)}, got {renderer!r}")
        return cls(*sides, plain.background if background is None else colour_of(background), renderer)


@dataclass(frozen=True)
class _Codec:
    container: str
    video: str
    audio: str
    options: dict[str, str]
    pixels: str = "yuv420p"


_MP4 = _Codec("mp4", "libx264", "aac", {"preset": "veryfast", "crf": "18"})
_WEBM = _Codec("webm", "libvpx-vp9", "libopus", {"crf": "28", "b": "0", "deadline": "realtime", "cpu-used": "7"})
_CLEAR_WEBM = replace(_WEBM, options={**_WEBM.options, "auto-alt-ref": "0"}, pixels="yuva420p")
Report = Callable[[str, float | None], None]


def write_mp4(clip: Clip, path: Path, rig: Rig, look: Look | None = None, progress: Report | None = None) -> None:
    """H.264 and AAC."""
    look = look or Look()
    if look.background is None:
        raise OutputError("MP4 has no transparency; write .webm, or give --background a colour")
    _write(clip, path, rig, look, progress, _MP4)


def write_webm(clip: Clip, path: Path, rig: Rig, look: Look | None = None, progress: Report | None = None) -> None:
    """VP9 and Opus; with an alpha channel where the background is transparent."""
    look = look or Look()
    _write(clip, path, rig, look, progress, _CLEAR_WEBM if look.background is None else _WEBM)


def _write(clip: Clip, path: Path, rig: Rig, look: Look, progress: Report | None, codec: _Codec) -> None:
    import av

    motion = from_zero(clip.motion)
    rate = Fraction(motion.frame_rate).limit_denominator(1001)
    options = {"movflags": "+faststart"} if codec.container == "mp4" else {}
    with av.open(str(path), "w", format=codec.container, container_options=options) as file:
        video: Any = file.add_stream(codec.video, rate=rate, options=codec.options)
        video.width, video.height, video.pix_fmt = look.width, look.height, codec.pixels
        context = video.codec_context
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = _BT709
        if clip.audio is not None:
            sound: Any = file.add_stream(codec.audio, rate=_AUDIO_RATE, bit_rate=_AUDIO_BITS)
            sound.layout = "stereo" if _channels(clip.audio) > 1 else "mono"
            for packet in _sound(clip.audio, sound):
                file.mux(packet)
        for number, picture in enumerate(frames(motion.select(rig.channels), rig, look)):
            if progress is not None:
                progress("drawing", number / len(motion))
            frame = av.VideoFrame.from_ndarray(picture, "rgb24" if picture.shape[2] == 3 else "rgba")
            frame = frame.reformat(format=codec.pixels, dst_colorspace="itu709")
            frame.pts, frame.time_base = number, 1 / rate
            file.mux(video.encode(frame))
        file.mux(video.encode())


def frames(values: np.ndarray, rig: Rig, look: Look) -> Iterator[np.ndarray]:
    """(H, W, 3) uint8 pictures, or with alpha (H, W, 4), of a rig for (T, C) values of its channels."""
    from utterface.video.gl import GlPainter  # Numba is imported where pictures are drawn
    from utterface.video.painter import Painter

    blocks = (rig.vertices(values[begin : begin + BLOCK_FRAMES]) for begin in range(0, len(values), BLOCK_FRAMES))
    vertices = (each for block in blocks for each in block)
    pictured = any(material.picture for material in getattr(rig, "materials", {}).values())
    if pictured and look.renderer == "gl":
        raise ConfigError(f"OpenGL draws no pictures of materials, which {rig.name} has; leave --renderer out")
    if look.renderer != "numpy" and not pictured:
        try:
            painter = GlPainter(rig, look.width, look.height, look.background, any_driver=look.renderer == "gl")
        except ConfigError:
            if look.renderer == "gl":
                raise
        else:
            yield from map(painter.draw, vertices)
            return
    yield from _in_threads(Painter(rig, look.width, look.height, look.background).draw, vertices)


def _in_threads(draw: Callable[[np.ndarray], np.ndarray], vertices: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Pictures in order, drawn by several threads, not many ahead."""
    count, waiting = min(_PAINTERS, os.cpu_count() or 1), deque[Future[np.ndarray]]()
    with ThreadPoolExecutor(count) as threads:
        for each in vertices:
            waiting.append(threads.submit(draw, each))
            if len(waiting) > 2 * count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _channels(audio: Path | np.ndarray | None) -> int:
    import av

    if not isinstance(audio, Path):
        return 1
    with av.open(str(audio)) as file:
        return int(file.streams.audio[0].channels) if file.streams.audio else 1


def _sound(audio: Path | np.ndarray | None, stream: Any) -> Iterator[Any]:
    """Packets of a stream with the whole sound."""
    import av

    resampler = av.AudioResampler(format=stream.format.name, layout=stream.layout.name, rate=_AUDIO_RATE)
    queue = av.AudioFifo()
    for frame in [*_decoded(audio), None]:
        for piece in resampler.resample(frame):
            piece.pts = None
            queue.write(piece)
        while (block := queue.read(stream.codec_context.frame_size or 960, partial=frame is None)) is not None:
            yield from stream.encode(block)
    yield from stream.encode()


def _decoded(audio: Path | np.ndarray | None) -> Iterator[Any]:
    """Frames of a file's first sound, or of samples."""
    import av

    if not isinstance(audio, Path):
        samples = np.asarray(audio, np.float32).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, "flt", "mono")
        frame.sample_rate = SAMPLE_RATE
        yield frame
        return
    try:
        with av.open(str(audio)) as file:
            yield from file.decode(audio=0)
    except (av.FFmpegError, IndexError) as error:
        raise AudioError(f"the sound of {audio} cannot be put into a video: {error}") from None
