"""A file with something added to it, and what is not added as it was, byte for byte.

The JSON is spliced as text, never written again: the spans of its members are found, new items go before the closing
bracket of their list, and one number, the length of the first buffer, is replaced. The old BIN chunk begins
the new one. So compressed geometry, unknown extensions, extras and the spelling of numbers stay.
"""

import base64
import json
import re
from typing import Any

from utterface.gltf.builder import GltfBuilder
from utterface.gltf.container import joined
from utterface.gltf.document import Gltf

_DECODER = json.JSONDecoder()
_BETWEEN = re.compile(r"[\s,:]*")
Span = tuple[int, int]


class GltfEditor(GltfBuilder):
    """What is added to a file.

    Attributes:
        gltf: the file.
        content: what is appended, by kind.
        data: bytes that are appended.
    """

    def __init__(self, gltf: Gltf) -> None:
        super().__init__("")
        self.gltf = gltf
        self.content = {}
        self._replaced: dict[tuple[str, int], dict[str, Any]] = {}
        buffers = gltf.items("buffers")
        self._own = gltf.packed and bool(buffers) and "uri" not in buffers[0]
        self.buffer = 0 if self._own else len(buffers)
        length = max(len(gltf.binary), gltf.count(buffers[0], "byteLength")) if self._own else 0
        self.begin = length + -length % 4

    def add(self, kind: str, **item: object) -> int:
        """Append to `meshes`, `nodes` …; members that are None are left out. Returns its number in the new file."""
        return super().add(kind, **item) + len(self.gltf.items(kind))

    def replace(self, kind: str, number: int, item: dict[str, Any]) -> None:
        """Put another item in the place of one, which is then written again."""
        self.gltf.item(kind, number)
        self._replaced[kind, number] = item

    def to_bytes(self) -> bytes:
        """The new file."""
        text = self._text()
        if not self.gltf.packed:
            return text.encode()
        binary = self.gltf.binary
        if self._own and self.data:
            binary += bytes(self.begin - len(binary)) + bytes(self.data)
        return joined(text.encode(), binary, self.gltf.rest)

    def _text(self) -> str:
        text, content = self.gltf.text, dict(self.content)
        top = spans(text, _skipped(text, 0))
        edits: list[tuple[Span, str]] = []
        if self.data and self._own:
            first = spans(text, spans(text, top["buffers"][0])["0"][0])
            edits.append((first["byteLength"], str(self.begin + len(self.data))))
        elif self.data:
            uri = "data:application/octet-stream;base64," + base64.b64encode(self.data).decode()
            content["buffers"] = [{"byteLength": len(self.data), "uri": uri}]
        for (kind, number), item in self._replaced.items():
            edits.append((spans(text, top[kind][0])[str(number)], _dumped(item)))
        absent = []
        for kind, items in content.items():
            joint = ",".join(map(_dumped, items))
            if kind in top:
                end = top[kind][1] - 1
                edits.append(((end, end), f",{joint}" if self.gltf.items(kind) else joint))
            else:
                absent.append(f'"{kind}":[{joint}]')
        if absent:
            end = top["}"][0]
            edits.append(((end, end), ("," if len(top) > 1 else "") + ",".join(absent)))
        for (begin, end), put in sorted(edits, reverse=True):
            text = text[:begin] + put + text[end:]
        return text


def spans(text: str, at: int) -> dict[str, Span]:
    """Where each value of the object or list that begins at `at` stands in the text.

    Returns:
        Begin and end by key; of a list by number as text; the closing bracket under its own name.
    """
    is_list = text[at] == "["
    closing, at = "]" if is_list else "}", _skipped(text, at + 1)
    places: dict[str, Span] = {}
    while text[at] != closing:
        key = str(len(places))
        if not is_list:
            key, at = _DECODER.raw_decode(text, at)
            at = _skipped(text, at)
        _, end = _DECODER.raw_decode(text, at)
        places[key] = at, end
        at = _skipped(text, end)
    return {**places, closing: (at, at + 1)}


def _skipped(text: str, at: int) -> int:
    """The next place that is no blank, comma or colon."""
    found = _BETWEEN.match(text, at)
    return found.end() if found else at


def _dumped(item: object) -> str:
    return json.dumps(item, separators=(",", ":"))
