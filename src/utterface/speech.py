"""Any audio file → samples on the 16 kHz clock; log-mel, energy and pitch.

libsndfile reads the formats and compensates the delay of its codecs; soxr resamples, linear in phase and centred, so a
click keeps its place to well within a millisecond whatever file it came in. Everything runs in blocks: hours of sound
need no more memory than seconds, and the size of the blocks never changes a sample.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from utterface import timing
from utterface.errors import AudioError
from utterface.timing import SAMPLE_RATE

if TYPE_CHECKING:
    import soundfile

SOUNDS = (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".w64")  # looked for in folders
MIN_DURATION = 0.1  # seconds; less holds no speech sound
TRACK_RATE = 100.0  # Hz, frames a second of log-mel, energy and pitch
HOP = 160  # samples from frame to frame
MEL_COUNT = 80
MEL_WINDOW = 400  # samples, 25 ms
MEL_FLOOR = 1e-5
PITCH_RANGE = (60.0, 480.0)  # Hz
QUIET_DB = -60.0  # re full scale; below it nobody speaks
PROSODY_CONTEXT = 400  # samples on either side of its moment that a prosody frame depends on
_FFT = 512
_READ_FRAMES = 65_536  # how much is decoded at a time, in the file's own samples
_RATES = (4_000, 768_000)  # Hz; 8 to 192 kHz are what people have
_FORMATS = "WAV, FLAC, Ogg Vorbis, Ogg Opus and MP3"
_BATCH = 4096  # frames analysed at a time, so that an hour needs no more memory than a minute


@dataclass(frozen=True)
class Speech:
    """One utterance: sound, and what is said where that is known.

    Attributes:
        samples: (N,) float32 mono at 16 kHz, full scale ±1; int16, as others read wave files, is scaled to that.
        text: the transcript, or None.
        path: where the sound came from, or None.
    """

    samples: np.ndarray
    text: str | None = None
    path: Path | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "samples", samples_of(self.samples))

    @property
    def duration(self) -> float:
        """Seconds."""
        return timing.seconds(len(self.samples))


def samples_of(given: np.ndarray, voices: int | None = None) -> np.ndarray:
    """Samples as everything here hears them, (N,) float32 of full scale ±1, or (B, N) of several voices.

    Args:
        given: floats, or int16, as audio interfaces hand them out, which is scaled.
        voices: B; None is a single one without that axis.

    Raises:
        AudioError: other numbers, another shape, NaN or infinite samples.
    """
    given = np.asarray(given)
    if given.dtype == np.int16:
        given = given / np.float32(32768)
    if not np.issubdtype(given.dtype, np.floating):
        raise AudioError(f"samples must be float (full scale ±1) or int16, got {given.dtype}")
    samples = np.ascontiguousarray(given, np.float32)
    if voices is None and samples.ndim != 1:
        raise AudioError(f"speech must be mono, one array of samples (N,), got the shape {samples.shape}")
    if voices is not None and (samples.ndim != 2 or len(samples) != voices):
        raise AudioError(f"expected samples of {voices} voices, ({voices}, N), got the shape {samples.shape}")
    if not np.isfinite(samples).all():
        raise AudioError("speech holds NaN or infinite samples; export the sound again")
    return samples


def read(path: str | Path, text: str | None = None) -> Speech:
    """A whole audio file as `Speech`; AudioError where it cannot be read."""
    return Speech(np.concatenate(list(blocks(path))), text, Path(path))


def duration(path: str | Path) -> float:
    """Seconds of sound in a file, from its header where the header knows."""
    with _opened(Path(path)) as sound:
        if 0 < sound.frames < 2**62:
            return float(sound.frames / sound.samplerate)
    return timing.seconds(sum(len(block) for block in blocks(path)))


def blocks(path: str | Path, seconds: float = 10.0) -> Iterator[np.ndarray]:
    """A file as consecutive blocks of mono float32 samples at 16 kHz; joined, they are exactly `read(path).samples`.

    Args:
        path: WAV (8 to 32 bit, float), FLAC, Ogg Vorbis or Opus, MP3, or whatever else libsndfile knows; any channel
            count (channels are averaged), 8 to 192 kHz.
        seconds: length of a block; the last one is shorter.

    Raises:
        AudioError: no such file, a folder, empty, no sound format, cut short, NaN or infinite samples, under 0.1 s.
    """
    path = Path(path)
    size = max(1, timing.sample_count(seconds))
    waiting: list[np.ndarray] = []
    held = total = 0
    for piece in _resampled(path):
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


def _resampled(path: Path) -> Iterator[np.ndarray]:
    """Pieces at 16 kHz of whatever length comes out of the decoder and the resampler."""
    import soxr

    with _opened(path) as sound:
        rate = sound.samplerate
        if rate == SAMPLE_RATE:
            yield from _decoded(path, sound)
            return
        stream = soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32", quality="HQ")
        for piece in _decoded(path, sound):
            yield stream.resample_chunk(piece)
        yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def _decoded(path: Path, sound: "soundfile.SoundFile") -> Iterator[np.ndarray]:
    """Mono pieces at the file's own rate; AudioError where the file ends early or holds numbers that are no sound."""
    promised = sound.frames if 0 <= sound.frames < 2**62 else 0
    done = 0
    while True:
        try:
            piece = sound.read(_READ_FRAMES, dtype="float32", always_2d=True)
        except (RuntimeError, OSError):  # what libsndfile raises for a broken stream
            raise _cut_short(path, done, promised, sound.samplerate) from None
        if not len(piece):
            break
        mono = piece.mean(1) if piece.shape[1] > 1 else np.ascontiguousarray(piece[:, 0])
        if not np.isfinite(mono).all():
            at = (done + int(np.argmin(np.isfinite(mono)))) / sound.samplerate
            raise AudioError(f"{path.name} holds NaN or infinite samples (first at {at:.3f} s); export it again")
        done += len(piece)
        yield mono
    estimated = sound.samplerate if sound.format == "MP3" else 0  # MP3 headers may guess their length
    if done < promised - estimated:
        raise _cut_short(path, done, promised, sound.samplerate)


def _cut_short(path: Path, done: int, promised: int, rate: int) -> AudioError:
    return AudioError(
        f"{path.name} is cut short or damaged: {done / rate:.2f} of {promised / rate:.2f} s can be read; copy it again"
    )


@contextmanager
def _opened(path: Path) -> Iterator["soundfile.SoundFile"]:
    """The file open for reading, after the checks that need no decoding."""
    import soundfile

    if path.is_dir():
        raise AudioError(f"{path} is a folder; give an audio file")
    if not path.exists():
        raise AudioError(f"no such file: {path}")
    try:
        if not path.is_file():
            raise AudioError(f"{path} is no file but a pipe or a device; save the sound in a file first")
        size = path.stat().st_size
        if size == 0:
            raise AudioError(f"{path.name} is empty (0 bytes)")
        sound = soundfile.SoundFile(path)
    except (RuntimeError, TypeError, OSError) as error:  # a TypeError is a headerless .raw
        if isinstance(error, PermissionError) or "System error" in str(error):
            raise AudioError(f"{path} cannot be opened; check its permissions") from None
        raise AudioError(
            f"{path.name} is not sound that can be read here ({_FORMATS} are); convert it, for example with ffmpeg"
        ) from None
    with sound:
        if not _RATES[0] <= sound.samplerate <= _RATES[1]:
            raise AudioError(f"{path.name} has {sound.samplerate} samples a second; 8000 to 192000 are expected")
        yield sound


# ---------------------------------------------------------------------------------------------------------- log-mel


@cache
def mel_matrix() -> np.ndarray:
    """(257, 80) float32: triangles of height 1, evenly spaced on the mel scale 2595·log10(1 + f / 700), 0 to 8 kHz."""
    top = 2595 * np.log10(1 + SAMPLE_RATE / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, MEL_COUNT + 2) / 2595) - 1)
    bins = np.arange(_FFT // 2 + 1) * SAMPLE_RATE / _FFT
    rising = (bins[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins[:, None]) / (edges[2:] - edges[1:-1])
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


@cache
def mel_window() -> np.ndarray:
    """(400,) float32 periodic Hann window."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(MEL_WINDOW) / MEL_WINDOW)).astype(np.float32)


def log_mel(samples: np.ndarray) -> np.ndarray:
    """Log-mel energies at 100 Hz.

    Frame i is centred on the moment i / 100 s: `log(max(|DFT₅₁₂(hann · samples[160 i − 200 : 160 i + 200])|² @
    mel_matrix(), 1e-5))`, zeros beyond the ends. No normalisation over the utterance, so a stream gives the same
    numbers, and window, DFT and matrix can stand in a network as one convolution and one product.

    Args:
        samples: (N,) float at 16 kHz.

    Returns:
        (ceil(N / 160), 80) float32, natural logarithm.
    """
    count = timing.frame_count(timing.seconds(len(samples)), TRACK_RATE)
    out = np.empty((count, MEL_COUNT), np.float32)
    for start, frames in _framed(samples, count, MEL_WINDOW // 2, MEL_WINDOW):
        power = np.abs(np.fft.rfft(frames * mel_window(), _FFT)) ** 2
        out[start : start + len(frames)] = np.log(np.maximum(power.astype(np.float32) @ mel_matrix(), MEL_FLOOR))
    return out


def _framed(samples: np.ndarray, count: int, before: int, width: int) -> Iterator[tuple[int, np.ndarray]]:
    """(first frame, (batch, width) samples) for frames that begin `before` samples ahead of their moment."""
    padded = np.pad(np.asarray(samples, np.float32), (before, width + HOP))
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)[::HOP]
    for start in range(0, count, _BATCH):
        yield start, windows[start : min(start + _BATCH, count)]


# ---------------------------------------------------------------------------------------------------------- prosody


@dataclass(frozen=True)
class Prosody:
    """How loud and how high, at 100 Hz; frame i is the moment i / 100 s.

    Attributes:
        energy: (T,) float32 dB, root mean square of ±12.5 ms against full scale, never below −80.
        pitch: (T,) float32 Hz, 0 where the voice does not sound.
        voicing: (T,) float32, 0 noise … 1 perfectly periodic.
    """

    energy: np.ndarray
    pitch: np.ndarray
    voicing: np.ndarray

    def __len__(self) -> int:
        return len(self.energy)


def prosody(samples: np.ndarray) -> Prosody:
    """Energy and pitch of the voice.

    Pitch is the first dip of YIN's cumulative mean normalised difference (de Cheveigné and Kawahara 2002, steps 2 to
    5) over 60 to 480 Hz. A frame looks at most `PROSODY_CONTEXT` samples to either side of its moment and at nothing
    else, so a stream that keeps that much gets the same numbers.

    Args:
        samples: (N,) float at 16 kHz.

    Returns:
        Prosody of ceil(N / 160) frames.
    """
    count = timing.frame_count(timing.seconds(len(samples)), TRACK_RATE)
    energy, pitch, voicing = np.empty((3, count), np.float32)
    half = MEL_WINDOW // 2
    for start, frames in _framed(samples, count, PROSODY_CONTEXT, 2 * PROSODY_CONTEXT):
        here = slice(start, start + len(frames))
        middle = frames[:, PROSODY_CONTEXT - half : PROSODY_CONTEXT + half].astype(np.float64)
        energy[here] = 10 * np.log10(np.maximum((middle**2).mean(1), 1e-8))
        pitch[here], voicing[here] = _yin(frames.astype(np.float64))
    pitch[energy < QUIET_DB] = 0
    return Prosody(energy, pitch, np.where(energy < QUIET_DB, 0, voicing).astype(np.float32))


def _yin(frames: np.ndarray, dip: float = 0.15, voiced: float = 0.35) -> tuple[np.ndarray, np.ndarray]:
    """(pitch, voicing) of frames (B, 800): YIN with window + longest lag = the frame."""
    shortest, longest = int(SAMPLE_RATE / PITCH_RANGE[1]), int(SAMPLE_RATE / PITCH_RANGE[0]) + 2
    window = frames.shape[1] - longest
    frames = frames - frames.mean(1, keepdims=True)
    spectrum = np.fft.rfft(frames, 2 * _FFT)
    head = np.fft.rfft(frames[:, :window], 2 * _FFT)
    product = np.fft.irfft(spectrum * head.conj())[:, : longest + 1]  # Σ x(j) x(j + lag)
    squares = np.pad(np.cumsum(frames**2, 1), ((0, 0), (1, 0)))
    moved = squares[:, window : window + longest + 1] - squares[:, : longest + 1]
    difference = np.maximum(moved[:, :1] + moved - 2 * product, 0)
    lags = np.arange(1, longest + 1)
    mean = np.cumsum(difference[:, 1:], 1) / lags
    normalised = np.pad(difference[:, 1:] / np.maximum(mean, 1e-12), ((0, 0), (1, 0)), constant_values=1.0)
    region = normalised[:, shortest:longest]
    is_dip = (region < dip) & (region <= normalised[:, shortest + 1 : longest + 1])
    at = shortest + np.where(is_dip.any(1), is_dip.argmax(1), region.argmin(1))
    rows = np.arange(len(frames))
    left, here, right = normalised[rows, at - 1], normalised[rows, at], normalised[rows, at + 1]
    bend = left - 2 * here + right
    shift = np.where(bend > 1e-9, 0.5 * (left - right) / np.where(bend > 1e-9, bend, 1), 0)
    voicing = np.clip(1 - here, 0, 1)
    return np.where(here < voiced, SAMPLE_RATE / (at + np.clip(shift, -1, 1)), 0), voicing
