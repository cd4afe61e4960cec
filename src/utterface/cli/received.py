"""Sound from standard input, and raw samples, as files that the rest can read."""

import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from utterface.errors import AudioError, ConfigError
from utterface.speech.samples import RATES

_KINDS = {  # as FFmpeg calls them: (subtype, byte order) as libsndfile does
    "u8": ("PCM_U8", "FILE"), "s8": ("PCM_S8", "FILE"), "s16le": ("PCM_16", "LITTLE"), "s16be": ("PCM_16", "BIG"),
    "s24le": ("PCM_24", "LITTLE"), "s32le": ("PCM_32", "LITTLE"), "s32be": ("PCM_32", "BIG"),
    "f32le": ("FLOAT", "LITTLE"), "f32be": ("FLOAT", "BIG"),
}  # fmt: skip
_RAW = re.compile(r"(?P<kind>\w+)@(?P<rate>\d+)(?:x(?P<channels>\d{1,2}))?")
STDIN = Path("-")


def received(inputs: Sequence[Path], raw: str | None, folder: Path) -> list[Path]:
    """The inputs with `-` saved as a file, and each as a WAV file where it holds raw samples.

    Args:
        inputs: recordings; `-` is standard input.
        raw: how raw samples are written, `s16le@24000`, with `x2` for two channels; None for sound files.
        folder: where files are put; the caller removes it.

    Raises:
        ConfigError: a kind of samples that does not exist. AudioError: nothing comes in, a terminal, or a folder.
    """
    layout = None if raw is None else _layout(raw)
    return [_received(path, layout, folder) for path in inputs]


def _received(path: Path, layout: dict[str, Any] | None, folder: Path) -> Path:
    if path != STDIN and layout is None:
        return path
    place = folder / ("standard input" if path == STDIN else f"{path.stem}.wav")
    try:
        if path == STDIN:
            _save(sys.stdin.buffer, place)
        else:
            shutil.copyfile(path, place)
    except OSError as error:
        raise AudioError(f"cannot read {path}: {error.strerror}") from None
    if layout is not None:
        _wrap(place, layout)
    return place


def _save(stream: BinaryIO, place: Path) -> None:
    if stream.isatty():
        raise AudioError("standard input is a terminal; pipe sound into it")
    with place.open("wb") as file:
        shutil.copyfileobj(stream, file)
    if place.stat().st_size == 0:
        raise AudioError("nothing came through standard input; pipe sound into it")


def _wrap(place: Path, layout: dict[str, Any]) -> None:
    """Raw samples in a file become a WAV file of the same name."""
    import soundfile

    samples, rate = soundfile.read(place, dtype="float32", always_2d=True, format="RAW", **layout)
    soundfile.write(place, samples, rate, format="WAV", subtype="FLOAT")


def _layout(raw: str) -> dict[str, Any]:
    found = _RAW.fullmatch(raw.lower())
    if found is None or found["kind"] not in _KINDS:
        raise ConfigError(f"--raw takes KIND@RATE with one of {', '.join(_KINDS)}, as in s16le@24000, got {raw!r}")
    rate, channels = int(found["rate"]), int(found["channels"] or 1)
    if not RATES[0] <= rate <= RATES[1] or channels < 1:
        raise ConfigError(f"--raw takes 4000 to 768000 samples a second and a channel or more, got {raw!r}")
    subtype, endian = _KINDS[found["kind"]]
    return {"samplerate": rate, "channels": channels, "subtype": subtype, "endian": endian}
