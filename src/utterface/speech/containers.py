"""Headers of sound files: how long they say to be, against what is there; which format a file of another name holds.

WAV, RF64, W64, AIFF, CAF and AU declare the bytes of their samples, Matroska those of all it holds; an Ogg stream marks
its last page. Sizes that a program writes which does not know the end yet (0, −1, or near the largest) declare nothing.

RIFF: McGill, "Audio File Format Specifications"; RF64: EBU Tech 3306; Ogg: RFC 3533; CAF: Apple, "Core Audio Format";
Matroska: RFC 8794, 9559.
"""

import io
import os
import struct
from collections.abc import Iterator
from typing import BinaryIO

_UNKNOWN = (0x7FFFF000, 0x80000000)  # sizes from here on, to 0x80000000 or of all ones, are placeholders
_W64 = bytes.fromhex("726966662e91cf11a5d628db04c10000")  # the GUID of `riff`
_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"  # elements of Matroska: its header, all that follows
_OGG_TAIL = 131_072  # bytes; the longest page has 65,307
_NAMES = (  # (offset, bytes there, what such a file is)
    (4, b"ftyp", "an MP4 file (AAC sound or video)"),
    (0, _EBML, "a WebM or Matroska file"),
    (0, b"\x30\x26\xb2\x75", "a Windows Media file"),
    (0, b"#!AMR", "an AMR file"),
    (0, b"FLV", "a Flash video"),
    (8, b"AVI ", "an AVI video"),
    (0, b"\xff\xf1", "an AAC file"),
    (0, b"\xff\xf9", "an AAC file"),
)


def declared_and_present(file: BinaryIO) -> tuple[int, int] | None:
    """(bytes of samples that the header declares, bytes that are there); None where the header declares none."""
    size = file.seek(0, os.SEEK_END)
    for name, start, length in _chunks(file, size):
        if name in (b"data", b"SSND", _SEGMENT):
            return (length, max(0, size - start)) if length else None
    return None


def size_to_replace(file: BinaryIO) -> tuple[int, bytes] | None:
    """(offset, bytes) of a size of samples with which libsndfile reads all that is there; None where it does anyway.

    A WAV file may declare no samples although some follow, a CAF file more than there are, or an unknown number.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    kind = file.read(4)
    for name, start, length in _chunks(file, size) if kind in (b"RIFF", b"caff") else ():
        present = size - start
        if name == b"data" and present > 0 and not 0 < length <= (present if kind == b"caff" else length):
            return (start - 4, b"\xff" * 4) if kind == b"RIFF" else (start - 8, present.to_bytes(8, "big"))
    return None


def lacks_last_page(file: BinaryIO) -> bool:
    """Whether an Ogg file ends before the page that is marked as the last of its stream."""
    file.seek(0)
    if file.read(4) != b"OggS":
        return False
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _OGG_TAIL))
    tail = file.read()
    at = tail.rfind(b"OggS")
    header = tail[at : at + 27]
    if at < 0 or len(header) < 27:
        return True
    segments = tail[at + 27 : at + 27 + header[26]]
    whole = len(segments) == header[26] and at + 27 + header[26] + sum(segments) <= len(tail)
    return not (whole and header[5] & 4)


def foreign_format(file: BinaryIO) -> str | None:
    """What a file is that libsndfile cannot read, for a message: "an MP4 file (AAC sound or video)"; None = unknown."""
    file.seek(0)
    head = file.read(16)
    return next((said for offset, magic, said in _NAMES if head[offset : offset + len(magic)] == magic), None)


class WithSize(io.RawIOBase):
    """A file in which another size reads, see `size_to_replace`.

    Args:
        file: open for reading; stays open.
        offset: of the size in the file.
        size: its bytes.
    """

    def __init__(self, file: BinaryIO, offset: int, size: bytes) -> None:
        self._file, self._offset, self._size = file, offset, size
        file.seek(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        start = self._file.tell()
        piece = bytearray(self._file.read(len(buffer)))
        for at, value in enumerate(self._size, self._offset - start):
            if 0 <= at < len(piece):
                piece[at] = value
        buffer[: len(piece)] = piece
        return len(piece)


def _chunks(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """(name, where it starts, declared length or 0 for unknown) of the chunks of a file, in order."""
    file.seek(0)
    head = file.read(40)
    if head[:16] == _W64:
        yield from _walk(file, size, 40, "<16sQ", 8, header_counts=True)
    elif head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64") and head[8:12] == b"WAVE":
        yield from _walk(file, size, 12, ">4sI" if head[:4] == b"RIFX" else "<4sI", 2)
    elif head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        yield from _walk(file, size, 12, ">4sI", 2)
    elif head[:4] == b"caff":
        yield from _walk(file, size, 8, ">4sQ", 1)
    elif head[:4] == b".snd" and len(head) >= 12:
        start, length = struct.unpack(">II", head[4:12])
        yield b"data", start, 0 if _is_unknown(length) else length
    elif head[:4] == _EBML:
        start, length = _ebml_size(head, 4)
        file.seek(start + length)
        head = file.read(12)
        if head[:4] == _SEGMENT:
            width, declared = _ebml_size(head, 4)
            yield _SEGMENT, start + length + width, declared


def _ebml_size(data: bytes, at: int) -> tuple[int, int]:
    """(offset after it, value or 0 for unknown) of a number whose leading zero bits say how many bytes it takes."""
    width = 9 - int.from_bytes(data[at : at + 1], "big").bit_length()
    value = int.from_bytes(data[at : at + width], "big") & (1 << 7 * width) - 1
    return at + width, 0 if value == (1 << 7 * width) - 1 else value


def _walk(
    file: BinaryIO, size: int, at: int, layout: str, even: int, header_counts: bool = False
) -> Iterator[tuple[bytes, int, int]]:
    width, large = struct.calcsize(layout), 0
    for _ in range(10_000):
        file.seek(at)
        header = file.read(width)
        if len(header) < width:
            return
        name, length = struct.unpack(layout, header)
        length -= width if header_counts else 0
        start = at + width
        if name == b"ds64":  # the 64-bit sizes of RF64: of the file, of its samples
            file.seek(start + 8)
            large = struct.unpack("<Q", file.read(8).ljust(8, b"\0"))[0]
        if name[:4] == b"data" and length == 0xFFFFFFFF and large:
            length = large
        yield name[:4], start, 0 if _is_unknown(length) else length
        at = start + length + -length % even
        if length < 0 or at <= start - 1 or at > size:
            return


def _is_unknown(length: int) -> bool:
    return _UNKNOWN[0] <= length <= _UNKNOWN[1] or (length >= 0xFFFFFFFF - 0xFFFF and length < 2**32) or length >= 2**62
