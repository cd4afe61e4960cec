"""`utterface serve` as a process: it starts, answers, stops by a signal, and says what is wrong."""

import json
import re
import signal
import socket
import subprocess
import sys
from urllib.request import urlopen

import pytest

from utterface.cli import main


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_it_answers_and_stops_in_peace():
    command = [sys.executable, "-m", "utterface", "serve", "--port", "0", "--model", "animator"]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    line = running.stderr.readline()
    place = re.search(r"http://\S+/health", line)
    assert place, line
    assert json.load(urlopen(place.group()))["voices"] == 0
    running.send_signal(signal.SIGTERM)
    rest = running.communicate(timeout=20)[1]
    assert "Traceback" not in rest and running.returncode in (0, -signal.SIGTERM)


def test_a_port_that_is_taken_is_one_line(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["serve", "--port", str(taken.getsockname()[1])]) == 2
    assert re.search(r"cannot listen on 127\.0\.0\.1:\d+: .*--port", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--voices", "0"], "greater than 0"), (["--model", "phones"], "needs the whole utterance"),
        (["--model", "nothing"], "nothing"), (["--host", "no.such.host.invalid"], "cannot listen"),
        (["--port", "70000"], "cannot listen"),
    ],
)  # fmt: skip
def test_options_that_do_not_fit(capsys, arguments, message):
    assert main(["serve", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
