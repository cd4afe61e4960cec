"""Datagrams beside real ones and beside a real reader of Open Sound Control."""

import gzip
import socket
import struct
from pathlib import Path

import numpy as np
import pytest
from pythonosc.osc_bundle import OscBundle

from utterface.errors import ConfigError, OutputError
from utterface.live.udp import LARGEST, Packet, Sender, bundles, live_link, osc, vmc
from utterface.motion import CHANNELS, Motion


@pytest.fixture
def motion() -> Motion:
    values = np.random.default_rng(1).uniform(0, 1, (3, len(CHANNELS))).astype(np.float32)
    return Motion(values, frame_rate=30.0, start=1.0)


def test_real_packets_are_read_and_written_byte_for_byte(assets: Path) -> None:
    data, at, count = gzip.decompress((assets / "motion" / "dao.gesichter").read_bytes()), 5, 0
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        packet = Packet.decode(data[at + 4 : at + 4 + length])
        assert packet.encode() == data[at + 4 : at + 4 + length] and len(packet.values) == 61
        at, count = at + 4 + length, count + 1
    assert count == 180


def test_frames_for_unreal(motion: Motion) -> None:
    packets = [Packet.decode(data) for data in live_link(motion, "me")]
    assert [(p.frame, round(p.subframe, 3), p.subject, p.rate) for p in packets] == [
        (n, 0, "me", (60, 1)) for n in (60, 62, 64)
    ]
    assert np.allclose([p.values for p in packets], motion.values)


@pytest.mark.parametrize(
    "data", [b"", b"\x05", b"\x06\x00\x00", b"\x06\x7f\xff\xff\xff", b"\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"]
)
def test_damaged_datagrams(data: bytes) -> None:
    with pytest.raises(ValueError):
        Packet.decode(data)


def test_a_packet_without_a_face() -> None:
    empty = Packet("d", "s", 1, 0.5, (60, 1), ())
    assert Packet.decode(empty.encode()) == empty


@pytest.mark.parametrize(("names", "some"), [("vrm0", "Blink_L"), ("vrm1", "blinkLeft"), ("arkit", "JawOpen")])
def test_vmc_is_read_by_python_osc(motion: Motion, names: str, some: str) -> None:
    for frame, datagrams in enumerate(vmc(motion, names)):
        assert all(len(data) <= LARGEST for data in datagrams)
        messages = [message for data in datagrams for message in OscBundle(data)]
        values = {m.params[0]: m.params[1] for m in messages if m.address == "/VMC/Ext/Blend/Val"}
        assert len(values) == (52 if names == "arkit" else 7) and some in values
        assert [m.address for m in messages[-3:]] == ["/VMC/Ext/Blend/Apply", "/VMC/Ext/OK", "/VMC/Ext/T"]
        assert messages[-1].params[0] == pytest.approx(1 + frame / 30)
        if names == "arkit":
            assert values["JawOpen"] == pytest.approx(float(motion["jawOpen"][frame]))
        (head,) = (m.params for m in messages if m.address == "/VMC/Ext/Bone/Pos")
        assert head[0] == "Head" and np.linalg.norm(head[4:]) == pytest.approx(1, abs=1e-5)


def test_bytes_of_osc_by_hand() -> None:
    assert osc("/a", "if", 1, 0.5) == b"/a\0\0,if\0\0\0\0\1\x3f\0\0\0"
    assert osc("/abc", "s", "hi") == b"/abc\0\0\0\0,s\0\0hi\0\0"
    (one,) = bundles([osc("/a")])
    assert one == b"#bundle\0" + b"\0" * 7 + b"\1" + b"\0\0\0\x08" + b"/a\0\0,\0\0\0"


def test_a_sender_reaches_a_socket(motion: Motion) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        sender = Sender(f"livelink:127.0.0.1:{receiver.getsockname()[1]}", "her")
        sender.send(motion)
        assert [Packet.decode(receiver.recv(2048)).frame for _ in range(3)] == [60, 62, 64]
        sender.close()


@pytest.mark.parametrize("target", ["unreal", "vmc:127.0.0.1:x", "livelink:127.0.0.1:-1", "vmc:no.such.host.invalid:1"])
def test_targets_that_do_not_exist(target: str) -> None:
    with pytest.raises(ConfigError, match=r"livelink or vmc|no such address"):
        Sender(target)


def test_a_network_that_refuses_is_told_in_one_line(motion: Motion) -> None:
    sender = Sender("livelink")
    sender.close()
    with pytest.raises(OutputError, match="cannot send by livelink"):
        sender.send(motion)
