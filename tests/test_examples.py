"""Every numbered example runs and does what it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# example: (files that it writes, a line that it prints)
EXPECTED = {
    "01_animate": (["hello.html", "hello.glb"], r"374 frames at 60 Hz; the jaw is widest at \d"),
    "02_batch": (["out/hello.csv"], r"broken.wav: .*not sound.*\nhello.flac: done"),
    "03_live": ([], r"374 frames of 60 Hz, 0.24 s behind the sound"),
    "04_own_engine": (["loudness.html"], r"loudness: jaw up to 1\.00"),
    "05_read_take": (["take.csv", "take.npz", "take.html"], r"60 Hz to 25 Hz; lips closed 1\d times"),
    "06_score": (["animator.csv", "tokens.csv"], r"animator: closure F1 0\.[89]\d"),
}


def test_every_example_is_listed_here_and_in_its_readme():
    names = {path.stem for path in (ROOT / "examples").glob("*.py")}
    assert names == set(EXPECTED)
    assert names == set(re.findall(r"`(\d\d_\w+)\.py`", (ROOT / "examples" / "README.md").read_text()))


@pytest.mark.parametrize("name", EXPECTED)
def test_example(name, tmp_path):
    files, line = EXPECTED[name]
    command = [sys.executable, ROOT / "examples" / f"{name}.py"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert re.search(line, done.stdout), done.stdout
    assert all((tmp_path / file).stat().st_size > 1000 for file in files)
