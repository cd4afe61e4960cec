"""Damaged files of every kind are read or refused in a clean way; the fuzzer itself notices what is not."""

import random
import time
import warnings
from pathlib import Path

import fuzz
import pytest

from utterface.errors import MotionError


def test_six_hundred_damaged_files_are_read_or_refused(tmp_path: Path) -> None:
    tally = fuzz.run(600, 0, list(fuzz.KINDS), tmp_path / "findings")
    assert [path.name for path in tmp_path.rglob("*")] == []
    assert tally["read"] + tally["refused"] == 600
    assert min(tally["read"], tally["refused"]) > 60  # neither all whole nor all beyond reading


@pytest.mark.parametrize("kind", fuzz.KINDS)
def test_undamaged_files_are_read(kind: str, tmp_path: Path) -> None:
    samples, read = fuzz.KINDS[kind]
    for number, sample in enumerate(samples()):
        path = tmp_path / str(number) / sample.name
        path.parent.mkdir()
        for other in sample.beside.iterdir() if sample.beside else ():
            (path.parent / other.name).symlink_to(other)
        path.unlink(missing_ok=True)
        path.write_bytes(sample.data)
        assert fuzz.outcome(read, path) == "read", sample.name


def test_the_same_seed_damages_alike() -> None:
    sample = fuzz.transcript_samples()[0]
    once, again, other = (fuzz.damaged(sample, random.Random(seed)) for seed in (1, 1, 2))
    assert once == again != other


def _refuses(_: Path) -> None:
    raise MotionError("no motion")


def _hides_memory(_: Path) -> None:
    try:
        raise MemoryError
    except MemoryError:
        raise MotionError("too large") from None


def _breaks(_: Path) -> None:
    raise KeyError("place")


def _warns(_: Path) -> None:
    warnings.warn("overflow", RuntimeWarning, stacklevel=1)


def _prints(_: Path) -> None:
    print("retrying")  # noqa: T201 - what is looked for


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (_refuses, "refused"),
        (_hides_memory, "memory"),
        (_breaks, "traceback"),
        (_warns, "warning: overflow"),
        (_prints, "printed: retrying"),
    ],
)
def test_outcomes_are_told_apart(read: object, said: str) -> None:
    assert fuzz.outcome(read, Path("none")).startswith(said)  # type: ignore[arg-type]


def test_a_worker_that_hangs_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "WALL", 0.0)
    path = tmp_path / "hello.txt"
    path.write_text("hello")
    worker = fuzz.Worker()
    try:
        assert worker.read("transcripts", path).startswith("hang")
        monkeypatch.setattr(fuzz, "WALL", 60.0)
        began = time.monotonic()
        assert worker.read("transcripts", path) == "read"
        assert time.monotonic() - began < 60
    finally:
        worker.close()
