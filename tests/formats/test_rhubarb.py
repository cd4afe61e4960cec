import numpy as np
import pytest

from utterface.errors import MotionError
from utterface.formats import rhubarb


def test_cues_become_gaps_and_rounding(tmp_path):
    path = tmp_path / "clip.tsv"
    path.write_text("0.00\tX\n0.10\tD\n0.30\tA\n0.40\tF\n0.60\tX\n")
    cues = rhubarb.read(path)
    assert [(c.label, c.start, c.end) for c in cues[1:3]] == [("D", 0.1, 0.3), ("A", 0.3, 0.4)]
    gap, rounding = rhubarb.to_lips(cues, np.array([0.05, 0.1, 0.29, 0.35, 0.5, 0.9]))
    assert gap.tolist() == [0, 10, 10, 0, 2.5, 0]
    assert rounding.tolist() == [0, 0, 0, 0, 1, 0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0.0 A\n", "line 1"),
        ("0.0\tA\n0.1\tQ\n", "line 2.*'Q'"),
        ("x\tA\n", "line 1"),
        ("nan\tA\n", "line 1"),
        ("0.5\tA\n0.2\tX\n", "line 2"),
        ("1e9\tA\n", "line 1"),
    ],
)
def test_a_line_that_is_no_cue_is_named(tmp_path, text, message):
    path = tmp_path / "clip.tsv"
    path.write_text(text)
    with pytest.raises(MotionError, match=message):
        rhubarb.read(path)
