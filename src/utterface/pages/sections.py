"""Arrays and a JSON header as one stream of bytes for a page. web/src/payload.ts reads it.

One zlib stream: a little-endian uint32 with the length of the header, the header, then the sections that it lists, in
order, each at a multiple of four bytes.
"""

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

VERSION = 1
_KINDS = {"f32": np.float32, "i16": np.int16, "u16": np.uint16, "u32": np.uint32, "i8": np.int8, "u8": np.uint8}


@dataclass
class Sections:
    """Arrays on their way into the file, with what the header says of them."""

    listed: list[dict[str, object]] = field(default_factory=list)
    arrays: list[np.ndarray] = field(default_factory=list)

    def add(self, name: str, kind: str, array: np.ndarray) -> None:
        self.listed.append({"name": name, "kind": kind, "count": int(array.size)})
        self.arrays.append(np.ascontiguousarray(array, dtype=_KINDS[kind]))


def compress(header: Mapping[str, object], sections: Sections) -> bytes:
    """The stream."""
    whole = {"version": VERSION, **header, "sections": sections.listed}
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
    out = bytearray(struct.pack("<I", len(text)) + text)
    for array in sections.arrays:
        out += bytes(-len(out) % 4)
        out += array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
    return zlib.compress(out, level=9)
