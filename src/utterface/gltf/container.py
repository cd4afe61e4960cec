"""Chunks of glTF binaries: bytes apart and together."""

import struct

from utterface.errors import GltfError

MAGIC, VERSION = b"glTF", 2
_JSON, _BIN = b"JSON", b"BIN\0"


def chunks(data: bytes, name: str) -> tuple[str, bytes, bytes]:
    """JSON, BIN and the chunks that follow them, headers included; GltfError where lengths do not add up."""
    damaged = GltfError(f"{name} is damaged: it is cut short or its lengths do not add up; export it again")
    if len(data) < 20:
        raise damaged
    version, length, size = struct.unpack_from("<III", data, 4)
    if version != VERSION:
        raise GltfError(f"{name} is glTF version {version}; export it as version {VERSION}")
    end = 20 + size
    if length > len(data) or end > length or data[16:20] != _JSON:
        raise damaged
    try:
        text = data[20:end].decode()
    except UnicodeDecodeError:
        raise GltfError(f"{name} is damaged: its JSON is not UTF-8; export it again") from None
    if end + 8 > length or data[end + 4 : end + 8] != _BIN:
        return text, b"", data[end:length]
    (size,) = struct.unpack_from("<I", data, end)
    begin, end = end + 8, end + 8 + size
    if end > length:
        raise damaged
    return text, data[begin:end], data[end:length]


def joined(text: bytes, binary: bytes, rest: bytes = b"") -> bytes:
    """Header and chunks, each filled up to a multiple of four bytes."""
    text += b" " * (-len(text) % 4)
    data = struct.pack("<I4s", len(text), _JSON) + text
    if binary:
        binary += bytes(-len(binary) % 4)
        data += struct.pack("<I4s", len(binary), _BIN) + binary
    data += rest
    return struct.pack("<4sII", MAGIC, VERSION, 12 + len(data)) + data
