"""Recordings → mono samples at 16 kHz, in blocks.

libsndfile reads the formats and compensates the delay of its codecs; soxr resamples, linear in phase and centred, so a
click keeps its place to well within a millisecond whatever file it came in. Everything runs in blocks: hours of sound
need no more memory than seconds, and the size of the blocks never changes a sample.
"""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from utterface import timing
from utterface.errors import AudioError
from utterface.speech import containers
from utterface.speech.media import MediaSound, reads_media
from utterface.speech.samples import RATES, Speech
from utterface.timing import SAMPLE_RATE

if TYPE_CHECKING:
    import soundfile

SOUNDS = tuple(".wav .flac .ogg .oga .opus .mp3 .aif .aiff .au .caf .w64".split())  # looked for in folders
MEDIA = (".m4a", ".aac", ".mp4", ".mov", ".webm", ".mkv", ".mka", ".wma", ".amr")  # readable with the extra `media`
MIN_DURATION = 0.1  # seconds; less holds no speech sound
_READ_FRAMES = 65_536  # how much is decoded at a time, in the file's own samples
_STEP = 1024  # the same where the file is broken; divides the above
_FORMATS = "WAV, FLAC, Ogg Vorbis, Ogg Opus and MP3"
_SLACK = 0.02  # seconds that a header may count too much
_MP3_FRAME = 1152  # samples
_PROBES = 32  # places at which channels are compared with their mix
_CANCELLED = 0.1  # power of the mix against that of its channels, as if they had nothing in common
_SILENCED = threading.Lock()


def kinds() -> tuple[str, ...]:
    """Suffixes of files that are looked for in folders: those of media files where they can be read."""
    return SOUNDS + MEDIA if reads_media() else SOUNDS


def read(path: str | Path, text: str | None = None, *, allow_truncated: bool = False) -> Speech:
    """A whole audio file as `Speech`; AudioError where it cannot be read."""
    return Speech(np.concatenate(list(blocks(path, allow_truncated=allow_truncated))), text, Path(path))


def duration(path: str | Path, *, allow_truncated: bool = False) -> float:
    """Seconds of sound in a file, from its header where the header knows; raises as `blocks`."""
    with _opened(Path(path), allow_truncated) as sound:
        if 0 < sound.frames < 2**62 and not allow_truncated:
            return float(sound.frames / sound.samplerate)
    return timing.seconds(sum(len(block) for block in blocks(path, allow_truncated=allow_truncated)))


def blocks(path: str | Path, seconds: float = 10.0, *, allow_truncated: bool = False) -> Iterator[np.ndarray]:
    """A file as consecutive blocks of mono float32 samples at 16 kHz; joined, they are exactly `read(path).samples`.

    Args:
        path: WAV (8 to 32 bit, float), FLAC, Ogg Vorbis or Opus, MP3, or whatever else libsndfile knows; with the
            extra `media` also the sound of MP4, WebM and other media files. 4 to 768 kHz; any channel count: channels
            are averaged, or the loudest is taken where they cancel each other out.
        seconds: length of a block; the last one is shorter.
        allow_truncated: read what is there of a file that is cut short.

    Raises:
        AudioError: no such file, a folder, empty, no sound format, cut short, NaN or infinite samples, under 0.1 s.
        MissingExtra: a media file, and the extra `media` is not installed.
    """
    path = Path(path)
    size = max(1, timing.sample_count(seconds))
    waiting: list[np.ndarray] = []
    held = total = 0
    for piece in _resampled(path, allow_truncated):
        waiting.append(piece)
        held += len(piece)
        total += len(piece)
        if held >= size and total >= MIN_DURATION * SAMPLE_RATE:
            joined = np.concatenate(waiting)
            for start in range(0, held - size + 1, size):
                yield joined[start : start + size]
            held %= size
            waiting = [joined[len(joined) - held :]]
    if total == 0:
        raise AudioError(f"{path.name} holds no sound: zero samples")
    if total < MIN_DURATION * SAMPLE_RATE:
        raise AudioError(
            f"{path.name} is only {timing.seconds(total):.3f} s long; speech takes at least {MIN_DURATION} s"
        )
    if held:
        yield np.concatenate(waiting)


def _resampled(path: Path, allow_truncated: bool) -> Iterator[np.ndarray]:
    """Pieces at 16 kHz of whatever length comes out of the decoder and the resampler."""
    import soxr

    channel = _louder_channel(path, allow_truncated)
    with _opened(path, allow_truncated) as sound:
        rate = sound.samplerate
        if rate == SAMPLE_RATE:
            yield from _decoded(path, sound, channel, allow_truncated)
            return
        stream = soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32", quality="HQ")
        for piece in _decoded(path, sound, channel, allow_truncated):
            yield stream.resample_chunk(piece)
        yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def _louder_channel(path: Path, allow_truncated: bool) -> int | None:
    """The loudest channel of a file whose channels cancel each other out in the mix; None where they do not.

    Judged at `_PROBES` places spread over the file; a stream that cannot seek is judged at its beginning.
    """
    with _opened(path, allow_truncated) as sound:
        if sound.channels == 1:
            return None
        step = 0 if isinstance(sound, MediaSound) else max(0, sound.frames) // _PROBES
        powers, mixed = np.zeros(sound.channels), 0.0
        for i in range(_PROBES):
            try:
                if not isinstance(sound, MediaSound) and step > _READ_FRAMES // 4:
                    sound.seek(i * step)
                with _quiet(sound.format):
                    piece = sound.read(_READ_FRAMES // 4, dtype="float32", always_2d=True)
            except (RuntimeError, OSError):
                break
            if not len(piece):
                break
            piece = np.nan_to_num(piece, posinf=0, neginf=0).astype(np.float64)
            powers += (piece**2).sum(0)
            mixed += float((piece.mean(1) ** 2).sum())
        expected = powers.sum() / len(powers) ** 2
        return int(powers.argmax()) if mixed < _CANCELLED * expected else None


def _decoded(
    path: Path, sound: "soundfile.SoundFile | MediaSound", channel: int | None, allow_truncated: bool
) -> Iterator[np.ndarray]:
    """Mono pieces at the file's own rate; AudioError where the file ends early or holds numbers that are no sound."""
    declared = sound.frames if 0 <= sound.frames < 2**62 else 0
    done = 0
    while True:
        try:
            with _quiet(sound.format):
                piece = sound.read(_READ_FRAMES, dtype="float32", always_2d=True)
        except (RuntimeError, OSError):  # what libsndfile raises for a broken stream
            piece = _remainder(path, sound, done)
            if not allow_truncated:
                raise _cut_short(path, (done + len(piece)) / sound.samplerate, declared / sound.samplerate) from None
        if not len(piece):
            break
        mixed = piece.shape[1] > 1 and channel is None
        mono = piece.mean(1) if mixed else np.ascontiguousarray(piece[:, channel or 0])
        if not np.isfinite(mono).all():
            at = (done + int(np.argmin(np.isfinite(mono)))) / sound.samplerate
            raise AudioError(f"{path.name} holds NaN or infinite samples (first at {at:.3f} s); export it again")
        done += len(piece)
        yield mono
    slack = {"MP3": 2 * _MP3_FRAME, "media": sound.samplerate // 4}.get(sound.format, 0)
    if done < declared - slack and not allow_truncated:
        raise _cut_short(path, done / sound.samplerate, declared / sound.samplerate)


def _remainder(path: Path, sound: "soundfile.SoundFile | MediaSound", done: int) -> np.ndarray:
    """(n, channels) after the first `done` samples of a broken file: what small steps reach before the break."""
    pieces = [np.zeros((0, sound.channels), np.float32)]
    if isinstance(sound, MediaSound):
        return pieces[0]
    position = 0
    with path.open("rb") as file, _sound(path, file) as again, _quiet(sound.format):
        try:
            while len(piece := again.read(_STEP, dtype="float32", always_2d=True)):
                pieces += [piece] if position >= done else []
                position += len(piece)
        except (RuntimeError, OSError):
            pass
    return np.concatenate(pieces)


def _cut_short(path: Path, present: float, declared: float | None) -> AudioError:
    of = f" of {declared:.2f}" if declared else ""
    why = ", its end mark is missing" if declared is None else ""
    return AudioError(
        f"{path.name} is cut short or damaged: {present:.2f}{of} s can be read{why}; copy it again, or use what is "
        "there with --allow-truncated"
    )


@contextmanager
def _opened(path: Path, allow_truncated: bool = False) -> "Iterator[soundfile.SoundFile | MediaSound]":
    """The file open for reading, after the checks that need no decoding."""
    if path.is_dir():
        raise AudioError(f"{path} is a folder; give an audio file")
    try:
        if not path.exists():
            raise AudioError(f"no such file: {path}")
        if not path.is_file():
            raise AudioError(f"{path} is no file but a pipe or a device; save the sound in a file first")
        if path.stat().st_size == 0:
            raise AudioError(f"{path.name} is empty (0 bytes)")
        file = path.open("rb")
    except OSError:
        raise AudioError(f"{path} cannot be opened; check its permissions") from None
    with file, _sound(path, file) as sound:
        if not RATES[0] <= sound.samplerate <= RATES[1]:
            raise AudioError(f"{path.name} has {sound.samplerate} samples a second; 4000 to 768000 are expected")
        if not allow_truncated:
            _check_length(path, sound)
        yield sound


def _sound(path: Path, file: BinaryIO) -> "soundfile.SoundFile | MediaSound":
    """An open file as a sound: by libsndfile, else by PyAV where it is a media file.

    libsndfile is handed the open file, so that no name has to be written in another encoding.
    """
    import soundfile

    size = containers.size_to_replace(file)
    source = file if size is None else containers.WithSize(file, *size)
    source.seek(0)
    try:
        with _quiet("MP3"):
            return soundfile.SoundFile(source)
    except (RuntimeError, TypeError, OSError):  # a TypeError is a headerless .raw
        if (kind := containers.foreign_format(file)) is not None:
            return MediaSound(file, path.name, kind)
        raise AudioError(
            f"{path.name} is not sound that can be read here ({_FORMATS} are); convert it, for example with ffmpeg"
        ) from None


def _check_length(path: Path, sound: "soundfile.SoundFile | MediaSound") -> None:
    """AudioError where less sound is there than the header declares."""
    if isinstance(sound, MediaSound):
        return
    with path.open("rb") as own:  # libsndfile stands somewhere in the other one
        counts, endless = containers.declared_and_present(own), containers.lacks_last_page(own)
    present = sound.frames / sound.samplerate
    if counts is not None and counts[1] < counts[0]:
        declared = present * counts[0] / max(1, counts[1])
        if declared - present > _SLACK or not counts[1]:
            raise _cut_short(path, present, declared)
    if endless:
        raise _cut_short(path, present, None)


@contextmanager
def _quiet(kind: str) -> Iterator[None]:
    """Keep libmpg123, which reads MP3, from writing on standard error."""
    with silenced() if kind == "MP3" else nullcontext():
        yield


@contextmanager
def silenced() -> Iterator[None]:
    """Without what C libraries write on standard error by themselves; one thread at a time."""
    with _SILENCED:
        try:
            sys.stderr.flush()
            kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        except (OSError, AttributeError, ValueError):  # no standard error
            yield
            return
        os.dup2(nowhere, 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(nowhere)
