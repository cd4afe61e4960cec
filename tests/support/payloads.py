"""Reads what a page is given, without the code that wrote it."""

import json
import struct
import zlib

import numpy as np

KINDS = {"f32": "<f4", "i16": "<i2", "u16": "<u2", "u32": "<u4", "i8": "i1", "u8": "u1"}


def unpack(packed: bytes) -> tuple[dict, dict[str, np.ndarray]]:
    """Header and sections."""
    data = zlib.decompress(packed)
    (length,) = struct.unpack_from("<I", data)
    header = json.loads(data[4 : 4 + length])
    at, arrays = 4 + length, {}
    for section in header["sections"]:
        at += -at % 4
        arrays[section["name"]] = np.frombuffer(data, KINDS[section["kind"]], section["count"], at)
        at += arrays[section["name"]].nbytes
    assert at == len(data)
    return header, arrays
