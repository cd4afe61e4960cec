"""`utterface live` to sockets of ours."""

import io
import socket
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from pythonosc.osc_bundle import OscBundle

from utterface import speech
from utterface.cli import main
from utterface.live.udp import Packet


@pytest.fixture
def receivers():
    pair = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    for one in pair:
        one.bind(("127.0.0.1", 0))
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        one.settimeout(5)
    yield pair
    for one in pair:
        one.close()


def test_raw_sound_on_standard_input_goes_to_both(monkeypatch, takes, receivers, capsys):
    sound = speech.read(min(takes.glob("*.flac"), key=lambda path: path.stat().st_size)).samples[:24_000]
    data = (sound * 32767).astype("<i2").tobytes()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    unreal, warudo = (f"127.0.0.1:{one.getsockname()[1]}" for one in receivers)
    told = ["--to", f"livelink:{unreal}", "--to", f"vmc:{warudo}", "--subject", "her", "--model", "animator"]
    assert main(["live", "-", *told, "--frame-rate", "30"]) == 0
    packets = [Packet.decode(receivers[0].recv(4096)) for _ in range(45)]
    assert [packet.frame for packet in packets] == [2 * i for i in range(45)] and packets[0].subject == "her"
    assert np.ptp([packet.values[17] for packet in packets]) > 0.03  # the jaw moves
    first = OscBundle(receivers[1].recv(4096))
    assert {message.params[0] for message in first if message.address.endswith("Val")} >= {"A", "Blink_L"}
    assert "45 frames" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["line.wav"], "live needs a target"), (["nothing.wav", "--to", "vmc"], "nothing.wav is not a file"),
        (["--to", "unreal"], "livelink or vmc"), (["x.wav", "--to", "vmc", "--sample-rate", "8000"], "raw PCM"),
        (["-", "--to", "vmc", "--emotion", "jo"], "no emotion is called"), (["-", "--to", "vmc", "--life", "x"], "x"),
    ],
)  # fmt: skip
def test_options_that_do_not_fit(capsys, arguments, message):
    assert main(["live", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_a_page_is_written_and_opened(tmp_path, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert main(["live", "--page", str(tmp_path / "live.html")]) == 0
    text = (tmp_path / "live.html").read_text("utf-8")
    assert opened == [(tmp_path / "live.html").as_uri()] and 'id="utterface-wasm"' in text
    assert main(["live", "--page", str(tmp_path / "live.mp4")]) == 2
    assert "--page live.html" in capsys.readouterr().err


def test_microphones_are_listed(capsys):
    assert main(["live", "--list-microphones"]) == 0
    assert capsys.readouterr().out.strip()
