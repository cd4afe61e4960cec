"""requirements.lock: everything that pyproject.toml asks for, at an exact version, with hashes, naming no host."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins() -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", LOCK, re.MULTILINE))


def test_every_requirement_is_pinned_to_a_version_that_it_allows():
    extras = PROJECT["project"]["optional-dependencies"]
    wanted = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
    wanted += [line for extra in ("lab", "dev", "docs", "languages", "words") for line in extras[extra]]
    locked = pins()
    wrong = [
        str(need)
        for need in map(Requirement, wanted)
        if need.name != "torch" and not need.specifier.contains(locked.get(need.name, "0"))
    ]
    assert not wrong, f"run scripts/make_lock.py: {wrong}"


def test_every_pin_has_hashes():
    entries = re.split(r"\n(?=[a-z0-9._-]+==)", LOCK)[1:]
    assert len(entries) == len(pins()) > 100
    assert not [entry.split()[0] for entry in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)]


def test_torch_has_a_version_and_no_hash():
    assert re.search(r"^torch==\d+\.\d+\.\d+$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert "torch" not in pins()


def test_it_names_no_host():
    assert not re.search(r"https?://|--index-url|--find-links|--extra-index-url|file:", LOCK)
