"""Frames as datagrams: Live Link Face (Unreal) and the VMC protocol (VSeeFace, Warudo, VMagicMirror)."""

import socket
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from utterface.errors import ConfigError, OutputError
from utterface.motion import ARKIT, CHANNELS, Motion
from utterface.rigs import reduction

LIVE_LINK_PORT, VMC_PORT = 11111, 39539
LARGEST = 1472  # bytes of a datagram that no network splits
_VERSION = 6
_VALUE, _APPLY = "/VMC/Ext/Blend/Val", "/VMC/Ext/Blend/Apply"
VOWELS = {"vrm0": ("A", "I", "U", "E", "O"), "vrm1": ("aa", "ih", "ou", "ee", "oh")}
LIDS = {"vrm0": ("Blink_L", "Blink_R"), "vrm1": ("blinkLeft", "blinkRight")}
NAMES = ("arkit", *VOWELS)
_HEAD_BONE = "/VMC/Ext/Bone/Pos"


@dataclass(frozen=True)
class Packet:
    """A Live Link Face datagram of version 6.

    Attributes:
        device, subject: who sends, and the name that Unreal shows.
        frame, subframe: on a clock of `rate` frames a second.
        rate: numerator and denominator.
        values: 61 in the order of `CHANNELS`; empty where no face is tracked.
    """

    device: str
    subject: str
    frame: int
    subframe: float
    rate: tuple[int, int]
    values: tuple[float, ...]

    def encode(self) -> bytes:
        """The bytes, big-endian."""
        names = b"".join(struct.pack(">i", len(text)) + text for text in (self.device.encode(), self.subject.encode()))
        clock = struct.pack(">ifii", self.frame, self.subframe, *self.rate)
        row = struct.pack(f">B{len(self.values)}f", len(self.values), *self.values) if self.values else b""
        return struct.pack(">B", _VERSION) + names + clock + row

    @classmethod
    def decode(cls, data: bytes) -> "Packet":
        """The packet of a datagram.

        Raises:
            ValueError: another version, or cut short.
        """
        try:
            if data[0] != _VERSION:
                raise ValueError(f"version {data[0]} of Live Link Face; 6 is read")
            at, names = 1, []
            for _ in range(2):
                (length,) = struct.unpack_from(">i", data, at)
                if not 0 <= length <= len(data):
                    raise ValueError("a name longer than the datagram")
                names.append(data[at + 4 : at + 4 + length].decode())
                at += 4 + length
            frame, subframe, over, under = struct.unpack_from(">ifii", data, at)
            at += 16
            count = data[at] if at < len(data) else 0
            values = struct.unpack_from(f">{count}f", data, at + 1) if count else ()
        except (struct.error, IndexError, UnicodeDecodeError) as error:
            raise ValueError(f"no datagram of Live Link Face: {error}") from None
        return cls(names[0], names[1], frame, subframe, (over, under), values)


def live_link(motion: Motion, subject: str, device: str = "utterface") -> Iterator[bytes]:
    """A datagram a frame, numbered on a 60-frame clock from the first sample on."""
    clocks = motion.times * 60
    for clock, row in zip(clocks.tolist(), motion.select(CHANNELS).tolist(), strict=True):
        frame = int(np.floor(clock + 1e-6))
        yield Packet(device, subject, frame, max(0.0, clock - frame), (60, 1), tuple(row)).encode()


def osc(address: str, types: str = "", *values: object) -> bytes:
    """A message of Open Sound Control 1.0; types of s (text), i and f (32 bits)."""

    def padded(text: str) -> bytes:
        data = text.encode()
        return data + b"\0" * (4 - len(data) % 4)

    parts = [padded(address), padded("," + types)]
    for kind, value in zip(types, values, strict=True):
        parts.append(padded(str(value)) if kind == "s" else struct.pack(f">{kind}", value))
    return b"".join(parts)


def bundles(messages: Sequence[bytes]) -> Iterator[bytes]:
    """Messages as bundles that are to be played at once, none larger than `LARGEST`."""
    head = b"#bundle\0" + struct.pack(">Q", 1)
    part = head
    for message in messages:
        framed = struct.pack(">i", len(message)) + message
        if len(part) + len(framed) > LARGEST:
            yield part
            part = head
        part += framed
    yield part


def vmc(motion: Motion, names: str = "vrm0") -> Iterator[list[bytes]]:
    """For each frame its datagrams: weights, `Apply` and the time, and the head's turn.

    Args:
        motion: of all channels.
        names: `vrm0` or `vrm1`, five vowels and both lids; `arkit`, 52 by the names of Perfect Sync.
    """
    if names not in NAMES:
        raise ConfigError(f"names must be {', '.join(NAMES)}, got {names!r}")
    if names == "arkit":
        labels = tuple(name[0].upper() + name[1:] for name in ARKIT)
        weights = motion.select(ARKIT).clip(0, 1)
    else:
        labels = (*VOWELS[names], *LIDS[names])
        lids = motion.select(("eyeBlinkLeft", "eyeBlinkRight")).clip(0, 1)
        weights = np.concatenate([reduction.to_vowels(motion), lids], 1)
    turns = motion.select(("headYaw", "headPitch", "headRoll"))
    for moment, row, turn in zip(motion.times.tolist(), weights.tolist(), turns, strict=True):
        messages = [osc(_VALUE, "sf", label, value) for label, value in zip(labels, row, strict=True)]
        messages.append(osc(_HEAD_BONE, "sfffffff", "Head", 0.0, 0.0, 0.0, *_quaternion(turn)))
        messages += [osc(_APPLY), osc("/VMC/Ext/OK", "i", 1), osc("/VMC/Ext/T", "f", moment)]
        yield list(bundles(messages))


def _quaternion(turn: np.ndarray) -> tuple[float, float, float, float]:
    """x, y, z, w in Unity's left-handed axes of yaw, pitch, roll in radians."""
    (cy, cx, cz), (sy, sx, sz) = np.cos(turn * (0.5, 0.5, -0.5)), np.sin(turn * (0.5, 0.5, -0.5))
    return (
        float(cy * sx * cz + sy * cx * sz),
        float(sy * cx * cz - cy * sx * sz),
        float(cy * cx * sz - sy * sx * cz),
        float(cy * cx * cz + sy * sx * sz),
    )


class Sender:
    """Datagrams to an address.

    Args:
        target: `livelink` or `vmc`, perhaps with `:HOST` and `:PORT` behind it.
        subject: the name that Unreal shows.
        names: as of `vmc`.

    Raises:
        ConfigError: another target, or no such address.
    """

    def __init__(self, target: str, subject: str = "utterface", names: str = "vrm0") -> None:
        kind, _, place = target.partition(":")
        ports = {"livelink": LIVE_LINK_PORT, "vmc": VMC_PORT}
        if kind not in ports:
            raise ConfigError(f"--to takes livelink or vmc, perhaps with :HOST:PORT, got {target!r}")
        host, _, port = place.rpartition(":") if ":" in place else (place, "", "")
        try:
            number = int(port) if port else ports[kind]
            if not 0 < number < 1 << 16:
                raise ValueError(number)
            self.address = socket.getaddrinfo(host or "127.0.0.1", number, type=socket.SOCK_DGRAM)[0]
        except (OSError, ValueError, OverflowError):
            raise ConfigError(f"--to {target}: no such address; write {kind}:127.0.0.1:{ports[kind]}") from None
        self._kind, self._subject, self._names = kind, subject, names
        self._socket = socket.socket(self.address[0], socket.SOCK_DGRAM)
        if kind == "vmc":
            next(iter(vmc(Motion(np.zeros((1, len(CHANNELS)), np.float32)), names)))  # refuse wrong names at once

    def send(self, motion: Motion) -> None:
        """Every frame now; OutputError where the system refuses."""
        frames = (
            ([data] for data in live_link(motion, self._subject))
            if self._kind == "livelink"
            else vmc(motion, self._names)
        )
        try:
            for datagrams in frames:
                for data in datagrams:
                    self._socket.sendto(data, self.address[4])
        except OSError as error:
            raise OutputError(f"cannot send by {self._kind}: {error}") from None

    def close(self) -> None:
        self._socket.close()
