import shutil

import pytest

from utterface.cli import main

pytestmark = pytest.mark.slow


@pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed")
def test_the_smallest_study_speaks_and_is_resumed(tmp_path):
    command = ["bench", "avtts", "--size", "smoke", "--processes", "1", "-o", str(tmp_path)]
    assert main(command) == 0
    page = (tmp_path / "avtts.md").read_text("utf-8")
    assert "| synthetic speech |" in page
    sentence = tmp_path / "runs" / "00.tokens.json"
    before = sentence.stat().st_mtime_ns
    assert main(command) == 0
    assert sentence.stat().st_mtime_ns == before
