"""Captures of VMC messages, sent by liblo's `oscsendfile` and decoded as they arrive."""

import shutil
import socket
import struct
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from utterface.formats import vmc
from utterface.motion import ARKIT
from utterface.rigs import reduction

MTU = 1472  # bytes that one datagram carries over Ethernet


def test_the_capture_is_as_oscdump_writes_it(clip, tmp_path):
    vmc.write(clip, tmp_path / "a.osc")
    lines = (tmp_path / "a.osc").read_text().splitlines()
    assert len(lines) == 120 * 10
    assert lines[0].startswith('00000000.00000000 /VMC/Ext/Blend/Val sf "A" 0.')
    assert lines[10 * 90].startswith("00000001.80000000 ")  # 1.5 s
    assert [line.split()[3].strip('"') for line in lines[:7]] == ["A", "I", "U", "E", "O", "Blink_L", "Blink_R"]


def test_perfect_sync_names_come_with_vowels_at_zero(clip, tmp_path):
    vmc.write_arkit(clip, tmp_path / "a.osc")
    values = [line.split()[3:] for line in (tmp_path / "a.osc").read_text().splitlines() if " sf " in line][:59]
    told = {name.strip('"'): float(value) for name, value in values}
    assert set(told) == {*(n[0].upper() + n[1:] for n in ARKIT), "A", "I", "U", "E", "O", "Blink_L", "Blink_R"}
    assert abs(told["JawOpen"] - clip.motion["jawOpen"][0]) < 1e-6 and told["A"] == told["Blink_L"] == 0


def test_oscsendfile_plays_it_in_datagrams_that_fit(clip, tmp_path):
    if not shutil.which("oscsendfile"):
        pytest.skip("oscsendfile is not installed (Debian: liblo-tools)")
    short = replace(clip.motion, values=clip.motion.values[:12])
    vmc.write(replace(clip, motion=short), tmp_path / "a.osc")
    vowels, messages, largest = _played(tmp_path / "a.osc", 12)
    np.testing.assert_allclose(vowels, reduction.to_vowels(short), atol=1e-6)
    vmc.write_arkit(replace(clip, motion=short), tmp_path / "a.osc")
    _, messages, largest = _played(tmp_path / "a.osc", 12)
    assert largest <= MTU
    jaw = [value for name, value in messages if name == "JawOpen"]
    np.testing.assert_allclose(jaw, short["jawOpen"].clip(0, 1), atol=1e-6)


def _played(path, frames: int) -> tuple[np.ndarray, list[tuple[str, float]], int]:
    """(frames, 5) vowels, all (name, value) as they came, and the bytes of the largest datagram."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(10)
        command = ["oscsendfile", "127.0.0.1", str(receiver.getsockname()[1]), str(path)]
        with subprocess.Popen(command) as sender:
            messages, largest, applied = [], 0, 0
            while applied < frames:
                datagram = receiver.recv(1 << 16)
                largest = max(largest, len(datagram))
                for address, values in _messages(datagram):
                    applied += address == "/VMC/Ext/Blend/Apply"
                    if address == "/VMC/Ext/Blend/Val":
                        messages.append(values)
            sender.wait(10)
    vowels = [[value for name, value in messages if name == vowel] for vowel in vmc.VOWELS]
    return np.array(vowels).T, messages, largest


def _messages(datagram: bytes):
    """(address, values) of every message of a bundle."""
    assert datagram.startswith(b"#bundle\0")
    at = 16
    while at < len(datagram):
        size = struct.unpack_from(">i", datagram, at)[0]
        yield _message(datagram[at + 4 : at + 4 + size])
        at += 4 + size


def _message(data: bytes) -> tuple[str, tuple]:
    def text(at: int) -> tuple[str, int]:
        end = data.index(b"\0", at)
        return data[at:end].decode(), (end // 4 + 1) * 4

    address, at = text(0)
    kinds, at = text(at)
    values = []
    for kind in kinds[1:]:
        if kind == "s":
            value, at = text(at)
        else:
            value, at = struct.unpack_from(f">{kind}", data, at)[0], at + 4
        values.append(value)
    return address, tuple(values)
