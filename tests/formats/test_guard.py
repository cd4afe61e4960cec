"""What every reader refuses in one line: too much, too long, not finite, and any exception on the way."""

import numpy as np
import pytest

from utterface.clip import Clip
from utterface.errors import GltfError, MotionError
from utterface.formats import guard
from utterface.formats.guard import check_motion, check_span, guarded
from utterface.motion import Motion


def reading(path, outcome):
    """A guarded reader that gives or raises `outcome`."""

    @guarded("test file")
    def read(path):
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    return read(path)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (ValueError("two\nlines"), "no test file, or damaged: two lines"), (KeyError("words"), "or damaged$"),
        (TypeError("'int' object is not iterable"), "or damaged$"), (RecursionError(), "nested too deeply"),
        (MemoryError(), "too large"),
        (GltfError("x is damaged"), "^x is damaged"), (PermissionError(13, "denied"), "cannot read .*: denied"),
    ],
)  # fmt: skip
def test_any_exception_becomes_one_line(tmp_path, outcome, words):
    (tmp_path / "a").write_text("")
    with pytest.raises(MotionError, match=words) as error:
        reading(tmp_path / "a", outcome)
    assert "\n" not in str(error.value)


def test_bugs_of_other_kinds_are_not_hidden(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(AssertionError):
        reading(tmp_path / "a", AssertionError())


def test_missing_and_large_files_are_not_opened(tmp_path, monkeypatch):
    with pytest.raises(MotionError, match="no such file"):
        reading(tmp_path / "a", AssertionError())
    (tmp_path / "a").write_bytes(bytes(100))
    monkeypatch.setattr(guard, "MAX_BYTES", 99)
    with pytest.raises(MotionError, match="too large"):
        reading(tmp_path / "a", AssertionError())


@pytest.mark.parametrize(
    ("seconds", "rate", "words"),
    [(14_401, 30, "14401 s"), (14_000, 120, "1000000 frames"), (float("nan"), 30, "spans"), (1, 5000, "5000 frames"),
     (1, 0, "0 frames"), (1, float("inf"), "inf frames")],
)  # fmt: skip
def test_spans_beyond_the_limits(seconds, rate, words):
    with pytest.raises(MotionError, match=words):
        check_span(seconds, rate, "a.csv")


@pytest.mark.parametrize(
    ("values", "start", "words"),
    [(np.zeros((0, 61)), 0, "no frame"), (np.full((1, 61), np.inf), 0, "NaN or infinite"),
     (np.zeros((1, 61)), float("nan"), "begins at"), (np.zeros((1, 61)), 1e9, "begins at")],
)  # fmt: skip
def test_motion_that_is_none(values, start, words):
    with pytest.raises(MotionError, match=words):
        check_motion(Motion(values, start=start), "a.csv")


def test_a_whole_clip_passes(clip, tmp_path):
    (tmp_path / "a").write_text("")
    assert reading(tmp_path / "a", clip) is clip
    assert isinstance(clip, Clip)
