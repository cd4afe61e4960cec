import io
import sys
import time

from utterface.cli import progress
from utterface.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_nothing_shows_where_nobody_looks(capsys):
    with Progress("line.wav") as report:
        report("reading", 0.5)
    assert capsys.readouterr().err == ""


def test_short_work_shows_nothing(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with Progress("line.wav") as report:
        report("reading", 0.5)
    assert sys.stderr.getvalue() == ""


def test_long_work_says_what_it_does(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(progress, "DELAY", 0.05)
    with Progress("line.wav") as report:
        report("listening", None)
        time.sleep(0.5)
    assert "line.wav" in sys.stderr.getvalue() and "listening" in sys.stderr.getvalue()
