"""A glTF file as it was read: JSON as text and parsed, buffers as bytes.

Both are kept so that a file can be edited without touching what is not understood here. Files come from strangers:
lengths, counts, offsets and references are checked before anything is allocated, and whatever is wrong with a file is
one `GltfError`.
"""

import base64
import binascii
import json
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np

from utterface.errors import GltfError
from utterface.gltf.components import COMPONENTS, MAX_BYTES, UNSIGNED_BYTE, UNSIGNED_INT, UNSIGNED_SHORT, WIDTHS
from utterface.gltf.compression import COMPRESSED, decode_view
from utterface.gltf.container import MAGIC, chunks, joined


@dataclass(frozen=True)
class Gltf:
    """A glTF file as it was read: a binary (.glb, .vrm), or JSON with its buffers beside it (.gltf).

    Attributes:
        name: of the file, for messages.
        text: the JSON chunk, character by character.
        content: the same, parsed.
        binary: the BIN chunk; empty where there is none.
        rest: bytes of further chunks, headers included.
        packed: whether it is a binary.
        folder: where it lies; files that it names are read from there and below, and from nowhere else.
    """

    name: str
    text: str
    content: dict[str, Any]
    binary: bytes
    rest: bytes = b""
    packed: bool = True
    folder: Path | None = None
    _views: dict[int, tuple[bytes, int | None]] = field(default_factory=dict, repr=False, compare=False)
    _buffers: dict[int, bytes] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls, path: str | PathLike[str]) -> "Gltf":
        """A .glb, .vrm or .gltf file; GltfError where it is missing, too large, or no glTF."""
        path = Path(path)
        return cls.from_bytes(_read(path), str(path), path.parent)

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "the file", folder: Path | None = None) -> "Gltf":
        """The bytes of a file; GltfError where they are damaged."""
        packed = data.startswith(MAGIC)
        if packed:
            text, binary, rest = chunks(data, name)
        else:
            text, binary, rest = _text(data, name), b"", b""
        try:
            content = json.loads(text.rstrip("\0"))  # some exporters fill chunks up with zeros
        except (ValueError, RecursionError) as error:
            raise GltfError(f"{name} is damaged: its JSON cannot be read ({error}); export it again") from None
        if not isinstance(content, dict):
            raise GltfError(f"{name} is damaged: its JSON is no object; export it again")
        gltf = cls(name, text, content, binary, rest, packed, folder)
        gltf.parents()
        return gltf

    def items(self, kind: str) -> list[dict[str, Any]]:
        """All of a kind: `meshes`, `nodes`, `accessors` …; an empty list where the file has none."""
        items = self.content.get(kind, [])
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise self.damage(f"its {kind} are no list of objects")
        return items

    def item(self, kind: str, number: object) -> dict[str, Any]:
        """One of a kind by its number, as other parts of the file refer to it."""
        items = self.items(kind)
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < len(items):
            raise self.damage(f"there is no {kind}[{number}]")
        return items[number]

    def parents(self) -> list[int | None]:
        """Parent of every node, None for roots; GltfError where a node has two parents or is its own ancestor."""
        nodes = self.items("nodes")
        parents: list[int | None] = [None] * len(nodes)
        for number, node in enumerate(nodes):
            for child in self.list_of(node, "children"):
                self.item("nodes", child)
                if parents[child] is not None:
                    raise self.damage(f"nodes[{child}] has two parents")
                parents[child] = number
        sound: set[int | None] = {None}
        for number in range(len(nodes)):
            path: list[int] = []
            at: int | None = number
            while at not in sound and at is not None:
                path.append(at)
                at = parents[at]
                if at == number:
                    raise self.damage(f"nodes[{number}] is its own ancestor")
            sound.update(path)
        return parents

    def target_names(self, mesh: dict[str, Any]) -> list[str]:
        """Names of a mesh's morph targets, in the order of its weights; an empty list where they have none."""
        first: object = next(iter(self.list_of(mesh, "primitives")), None)
        for owner in (mesh, first):
            extras = owner.get("extras") if isinstance(owner, dict) else None
            names = extras.get("targetNames") if isinstance(extras, dict) else None
            if isinstance(names, list) and names:
                return [str(name) for name in names]
        return []

    def accessor(self, number: object, fractions: bool = False) -> np.ndarray:
        """(count, width) values of an accessor.

        Args:
            number: of the accessor.
            fractions: read integers as the fractions they stand for, whether or not the accessor says `normalized`
                (animations may hold no other integers).

        Returns:
            float32 where the accessor holds floats or fractions, else its own integers.
        """
        accessor = self.item("accessors", number)
        kind, width, count = self._layout(accessor)
        if "bufferView" in accessor:
            values = self._values(accessor, kind, count, width)
        else:
            values = np.zeros((count, width), kind)
        if isinstance(sparse := accessor.get("sparse"), dict):
            values = self._with_sparse(values, sparse)
        if kind.kind != "f" and (fractions or accessor.get("normalized")):
            return np.maximum(values.astype(np.float32) / np.iinfo(kind).max, -1)
        return values

    def to_bytes(self) -> bytes:
        """The file again, byte by byte."""
        return joined(self.text.encode(), self.binary, self.rest) if self.packed else self.text.encode()

    def damage(self, reason: str) -> GltfError:
        """The error that says that the file is damaged, and by what."""
        return GltfError(f"{self.name} is damaged: {reason}; export it again")

    def _layout(self, accessor: dict[str, Any]) -> tuple[np.dtype, int, int]:
        """Component type, width and count of an accessor."""
        component, shape = accessor.get("componentType"), accessor.get("type")
        if component not in COMPONENTS or shape not in WIDTHS:
            raise self.damage(f"an accessor has the type {shape} of {component}")
        kind, width, count = COMPONENTS[component], WIDTHS[shape], self.count(accessor, "count")
        if count * width * kind.itemsize > MAX_BYTES:
            raise self.damage(f"an accessor counts {count} elements")
        return kind, width, count

    def _values(self, place: dict[str, Any], kind: np.dtype, count: int, width: int) -> np.ndarray:
        """(count, width) that lie where an accessor, or a part of a sparse one, points to."""
        data, stride = self.view(place.get("bufferView"))
        offset, step = self.count(place, "byteOffset", 0), stride or width * kind.itemsize
        needed = offset + (count - 1) * step + width * kind.itemsize if count else 0
        if step < width * kind.itemsize or needed > len(data):
            raise self.damage(f"a buffer view of {len(data)} bytes is to hold {needed}")
        return np.ndarray((count, width), kind, data, offset, (step, kind.itemsize))

    def view(self, number: object) -> tuple[bytes, int | None]:
        """Bytes of a buffer view, decoded where meshopt compressed them, and its stride."""
        view = self.item("bufferViews", number)
        assert isinstance(number, int)
        if number not in self._views:
            extensions = view.get("extensions")
            packed = next((extensions[n] for n in COMPRESSED if n in extensions), None) if extensions else None
            if packed is None:
                self._views[number] = self._slice(view), self.count(view, "byteStride", 0) or None
            else:
                self._views[number] = decode_view(self, packed, self._slice(packed)), self.count(packed, "byteStride")
        return self._views[number]

    def buffer(self, number: object) -> bytes:
        """A buffer: the BIN chunk, a data URI, or a file that lies beside this one."""
        buffer = self.item("buffers", number)
        assert isinstance(number, int)
        if "uri" not in buffer:
            if number != 0:
                raise self.damage(f"buffers[{number}] is nowhere")
            return self.binary
        if number not in self._buffers:
            self._buffers[number] = self.outside(str(buffer["uri"]))
        return self._buffers[number]

    def _slice(self, view: dict[str, Any]) -> bytes:
        data = self.buffer(view.get("buffer"))
        begin, length = self.count(view, "byteOffset", 0), self.count(view, "byteLength")
        if begin + length > len(data):
            raise self.damage(f"a buffer view ends at byte {begin + length} of {len(data)} bytes of data")
        return data[begin : begin + length]

    def outside(self, uri: str) -> bytes:
        """What a URI names; GltfError for anything but data and files in this file's own folder."""
        if uri.startswith("data:"):
            try:
                return base64.b64decode(uri.partition(",")[2], validate=True)
            except binascii.Error:
                raise self.damage("a data URI is not base64") from None
        folder = self.folder.resolve() if self.folder else None
        path = (folder / unquote(uri)).resolve() if folder else None
        if folder is None or path is None or "://" in uri or not path.is_relative_to(folder):
            raise GltfError(f"{self.name} keeps its data outside itself, in {uri[:80]}; export it as one .glb file")
        return _read(path, f"{self.name} lacks {uri[:80]}, which must lie beside it")

    def _with_sparse(self, values: np.ndarray, sparse: dict[str, Any]) -> np.ndarray:
        """Values with those of a sparse accessor in their places."""
        count, indices, replaced = self.count(sparse, "count"), sparse.get("indices"), sparse.get("values")
        if not isinstance(indices, dict) or not isinstance(replaced, dict):
            raise self.damage("a sparse accessor lacks its indices or values")
        if indices.get("componentType") not in (UNSIGNED_BYTE, UNSIGNED_SHORT, UNSIGNED_INT) or count > len(values):
            raise self.damage(f"a sparse accessor replaces {count} of {len(values)} elements")
        at = self._values(indices, COMPONENTS[indices["componentType"]], count, 1)[:, 0]
        if count and at.max() >= len(values):
            raise self.damage(f"a sparse accessor replaces element {at.max()} of {len(values)}")
        values = values.copy()
        values[at] = self._values(replaced, values.dtype, count, values.shape[1])
        return values

    def count(self, item: dict[str, Any], key: str, default: int | None = None) -> int:
        """A whole number from 0 on."""
        value = item.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.damage(f"{key} is {value}, not a count")
        return value

    def list_of(self, item: dict[str, Any], key: str) -> list[Any]:
        """A list of an object; an empty one where it is absent."""
        value = item.get(key, [])
        if not isinstance(value, list):
            raise self.damage(f"{key} is no list")
        return value


def _read(path: Path, missing: str = "") -> bytes:
    """A whole file, unless it is too large."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise GltfError(f"{path} is larger than {MAX_BYTES >> 20} MB; reduce its textures")
        return path.read_bytes()
    except OSError as error:
        raise GltfError(missing or f"cannot read {path}: {error.strerror or error}") from None


def _text(data: bytes, name: str) -> str:
    """JSON of a .gltf file; GltfError for files of another kind, with the way to a .glb."""
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        kind = "FBX, which" if name.lower().endswith(".fbx") or data.startswith(b"Kaydara FBX") else "no glTF file and"
        raise GltfError(f"{name} is {kind} is not read; export it as .glb (in Blender: File, Export, glTF 2.0)")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise GltfError(f"{name} is damaged: its JSON is not UTF-8; export it again") from None
