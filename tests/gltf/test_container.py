"""Chunks apart and together; damage of lengths is in test_document.py."""

from utterface.gltf.container import chunks, joined


def test_what_is_joined_comes_apart_again():
    for binary, rest in ((b"", b""), (b"abcd", b""), (b"abcd", b"\4\0\0\0MINEefgh"), (b"", b"\4\0\0\0MINEefgh")):
        data = joined(b"{} ", binary, rest)
        assert chunks(data, "x") == ("{}  "[:4], binary, rest) and len(data) % 4 == 0
