import io
import struct

import pytest

from utterface.speech import containers


def wave(data_size: int, samples: bytes, extra: bytes = b"") -> io.BytesIO:
    layout = struct.pack("<HHIIHH", 1, 1, 16000, 32000, 2, 16)
    chunks = b"fmt " + struct.pack("<I", 16) + layout + extra + b"data" + struct.pack("<I", data_size) + samples
    return io.BytesIO(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)


def test_declared_against_present_bytes() -> None:
    assert containers.declared_and_present(wave(1000, bytes(1000))) == (1000, 1000)
    assert containers.declared_and_present(wave(1000, bytes(400))) == (1000, 400)
    odd = b"LIST" + struct.pack("<I", 3) + b"abc\0"  # chunks begin at even places
    assert containers.declared_and_present(wave(1000, bytes(400), odd)) == (1000, 400)


@pytest.mark.parametrize("size", [0, 0x7FFFF024, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_placeholders_declare_nothing(size: int) -> None:
    assert containers.declared_and_present(wave(size, bytes(400))) is None


@pytest.mark.parametrize("content", [b"", b"RIFF", b"RIFF\0\0\0\0WAVE", b"caff" + b"\xff" * 60, b"FORM" + b"\0" * 40])
def test_headers_of_nothing(content: bytes) -> None:
    assert containers.declared_and_present(io.BytesIO(content)) is None
    assert containers.size_to_replace(io.BytesIO(content)) is None
    assert not containers.lacks_last_page(io.BytesIO(content))


@pytest.mark.parametrize(("size", "counts"), [(b"\x88", (8, 5)), (b"\x10\0\0\x08", (8, 5)), (b"\xff", None)])
def test_matroska_declares_all_it_holds_or_nothing_where_it_is_streamed(
    size: bytes, counts: tuple[int, int] | None
) -> None:
    file = io.BytesIO(b"\x1a\x45\xdf\xa3\x83abc" + b"\x18\x53\x80\x67" + size + bytes(5))
    assert containers.declared_and_present(file) == counts


@pytest.mark.parametrize("rest", [b"", b"\0" * 40, b"\x80\x18\x53\x80\x67", b"\x01" + b"\xff" * 20])
def test_beginnings_of_matroska_declare_nothing(rest: bytes) -> None:
    assert not (containers.declared_and_present(io.BytesIO(b"\x1a\x45\xdf\xa3" + rest)) or (0,))[0]


def test_an_unknown_size_reads_as_all_ones_whatever_the_steps() -> None:
    file = wave(0, bytes(range(200)))
    replaced = containers.size_to_replace(file)
    assert replaced is not None
    offset, size = replaced
    expected = bytearray(file.getvalue())
    expected[offset : offset + 4] = b"\xff" * 4
    for step in (1, 3, 1000):
        masked, pieces = containers.WithSize(file, offset, size), []
        while piece := masked.read(step):
            pieces.append(piece)
        assert b"".join(pieces) == expected
    assert containers.size_to_replace(wave(200, bytes(200))) is None


def test_formats_are_known_by_their_beginning() -> None:
    assert containers.foreign_format(io.BytesIO(b"\0\0\0\x1cftypM4A ")) == "an MP4 file (AAC sound or video)"
    assert containers.foreign_format(io.BytesIO(b"Hello, this is text")) is None


def test_a_core_audio_file_of_unknown_length_is_as_long_as_its_bytes() -> None:
    chunks = b"desc" + struct.pack(">q", 32) + bytes(32) + b"data" + struct.pack(">q", -1) + bytes(404)
    file = io.BytesIO(b"caff" + struct.pack(">HH", 1, 0) + chunks)
    place, size = containers.size_to_replace(file) or (0, b"")
    assert file.getvalue()[place : place + 8] == b"\xff" * 8 and int.from_bytes(size, "big") == 404
