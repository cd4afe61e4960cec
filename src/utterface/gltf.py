"""glTF 2.0, read and written in one place: chunks, accessors (sparse and normalised too), nodes, meshes, animations.

The JSON of a file is kept as text beside its parsed form, and its BIN chunk as bytes, so that a file can be edited
without touching what is not understood here. Files come from strangers: lengths, counts, offsets and references are
checked before anything is allocated, and whatever is wrong with a file is one `GltfError`.

Specification: https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html
"""

import json
import struct
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from utterface.errors import GltfError

BYTE, UNSIGNED_BYTE, SHORT, UNSIGNED_SHORT, UNSIGNED_INT, FLOAT = 5120, 5121, 5122, 5123, 5125, 5126
ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963
MAX_BYTES = 1 << 30  # of a file, and of one accessor
COMPONENTS: dict[int, np.dtype[Any]] = {
    BYTE: np.dtype("<i1"), UNSIGNED_BYTE: np.dtype("<u1"), SHORT: np.dtype("<i2"),
    UNSIGNED_SHORT: np.dtype("<u2"), UNSIGNED_INT: np.dtype("<u4"), FLOAT: np.dtype("<f4"),
}  # fmt: skip
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
_COMPRESSED = ("EXT_meshopt_compression", "KHR_meshopt_compression")
_MAGIC, _VERSION = b"glTF", 2
_JSON, _BIN = b"JSON", b"BIN\0"


@dataclass(frozen=True)
class Gltf:
    """A glTF binary as it was read.

    Attributes:
        name: of the file, for messages.
        text: the JSON chunk, character by character.
        content: the same, parsed.
        binary: the BIN chunk; empty where there is none.
        rest: bytes of further chunks, headers included.
    """

    name: str
    text: str
    content: dict[str, Any]
    binary: bytes
    rest: bytes = b""

    @classmethod
    def read(cls, path: str | PathLike[str]) -> "Gltf":
        """A .glb file; GltfError where it is missing, too large, or no glTF binary."""
        path = Path(path)
        try:
            if path.stat().st_size > MAX_BYTES:
                raise GltfError(f"{path} is larger than {MAX_BYTES >> 20} MB; reduce its textures")
            data = path.read_bytes()
        except OSError as error:
            raise GltfError(f"cannot read {path}: {error.strerror or error}") from None
        return cls.from_bytes(data, str(path))

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "the file") -> "Gltf":
        """The bytes of a .glb file; GltfError where they are damaged."""
        if not data.startswith(_MAGIC):
            raise GltfError(f"{name} is no .glb file; give a glTF binary")
        text, binary, rest = _chunks(data, name)
        try:
            content = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise GltfError(f"{name} is damaged: its JSON cannot be read ({error}); export it again") from None
        if not isinstance(content, dict):
            raise GltfError(f"{name} is damaged: its JSON is no object; export it again")
        gltf = cls(name, text, content, binary, rest)
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
            for child in self._list(node, "children"):
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
        extras = mesh.get("extras")
        names = extras.get("targetNames") if isinstance(extras, dict) else None
        return [str(name) for name in names] if isinstance(names, list) else []

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
        return _joined(self.text.encode(), self.binary, self.rest)

    def damage(self, reason: str) -> GltfError:
        """The error that says that the file is damaged, and by what."""
        return GltfError(f"{self.name} is damaged: {reason}; export it again")

    def _layout(self, accessor: dict[str, Any]) -> tuple[np.dtype, int, int]:
        """Component type, width and count of an accessor."""
        component, shape = accessor.get("componentType"), accessor.get("type")
        if component not in COMPONENTS or shape not in WIDTHS:
            raise self.damage(f"an accessor has the type {shape} of {component}")
        kind, width, count = COMPONENTS[component], WIDTHS[shape], self._count(accessor, "count")
        if count * width * kind.itemsize > MAX_BYTES:
            raise self.damage(f"an accessor counts {count} elements")
        return kind, width, count

    def _values(self, place: dict[str, Any], kind: np.dtype, count: int, width: int) -> np.ndarray:
        """(count, width) that lie where an accessor, or a part of a sparse one, points to."""
        view = self.item("bufferViews", place.get("bufferView"))
        if isinstance(extensions := view.get("extensions"), dict) and any(name in extensions for name in _COMPRESSED):
            raise GltfError(f"{self.name} is compressed by meshopt; export it without compression")
        if "uri" in self.item("buffers", view.get("buffer")) or view["buffer"] != 0:
            raise GltfError(f"{self.name} keeps its data outside itself; export it as one .glb file")
        begin, length = self._count(view, "byteOffset", 0), self._count(view, "byteLength")
        offset, step = self._count(place, "byteOffset", 0), self._count(view, "byteStride", 0) or width * kind.itemsize
        needed = offset + (count - 1) * step + width * kind.itemsize if count else 0
        if step < width * kind.itemsize or needed > length or begin + length > len(self.binary):
            raise self.damage(
                f"a buffer view of {length} bytes is to hold {needed}, in {len(self.binary)} bytes of data"
            )
        return np.ndarray((count, width), kind, self.binary, begin + offset, (step, kind.itemsize))

    def _with_sparse(self, values: np.ndarray, sparse: dict[str, Any]) -> np.ndarray:
        """Values with those of a sparse accessor in their places."""
        count, indices, replaced = self._count(sparse, "count"), sparse.get("indices"), sparse.get("values")
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

    def _count(self, item: dict[str, Any], key: str, default: int | None = None) -> int:
        """A whole number from 0 on."""
        value = item.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.damage(f"{key} is {value}, not a count")
        return value

    def _list(self, item: dict[str, Any], key: str) -> list[Any]:
        value = item.get(key, [])
        if not isinstance(value, list):
            raise self.damage(f"{key} is no list")
        return value


class GltfBuilder:
    """A glTF binary under construction: everything goes into one buffer, the BIN chunk.

    Attributes:
        content: the JSON so far.
        data: the BIN chunk so far.
    """

    def __init__(self, generator: str) -> None:
        self.content: dict[str, Any] = {"asset": {"version": "2.0", "generator": generator}}
        self.data = bytearray()

    def add(self, kind: str, **item: object) -> int:
        """Append to `meshes`, `nodes` …; members that are None are left out. Returns its number."""
        items: list[dict[str, Any]] = self.content.setdefault(kind, [])
        items.append({key: value for key, value in item.items() if value is not None})
        return len(items) - 1

    def view(self, array: np.ndarray, target: int | None = None) -> int:
        """Append an array as a buffer view of its own, at a multiple of four bytes."""
        self.data += bytes(-len(self.data) % 4)
        begin = len(self.data)
        self.data += np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
        return self.add("bufferViews", buffer=0, byteOffset=begin, byteLength=len(self.data) - begin, target=target)

    def accessor(
        self, array: np.ndarray, target: int | None = None, bounds: bool = False, normalized: bool = False
    ) -> int:
        """(n,) or (n, width) array as an accessor; `bounds` writes min and max, `normalized` marks fractions."""
        flat = array.reshape(len(array), array.shape[1] if array.ndim > 1 else 1)
        return self.add(
            "accessors",
            bufferView=self.view(array, target),
            componentType=_component(array.dtype),
            count=len(array),
            type=_shape(flat.shape[1]),
            normalized=normalized or None,
            min=flat.min(0).tolist() if bounds else None,
            max=flat.max(0).tolist() if bounds else None,
        )

    def sparse(self, offsets: np.ndarray, least: float) -> int:
        """(n, 3) float32 offsets as a sparse accessor over zeros; rows not longer than `least` take no space."""
        moved = np.flatnonzero(np.linalg.norm(offsets, axis=1) > least)
        kept = np.zeros_like(offsets)
        kept[moved] = offsets[moved]
        index = moved.astype(np.uint16 if len(offsets) <= 65_536 else np.uint32)
        sparse = {
            "count": len(moved),
            "indices": {"bufferView": self.view(index), "componentType": _component(index.dtype)},
            "values": {"bufferView": self.view(offsets[moved])},
        } if len(moved) else None  # fmt: skip
        low, high = kept.min(0).tolist(), kept.max(0).tolist()
        return self.add(
            "accessors", componentType=FLOAT, count=len(offsets), type="VEC3", min=low, max=high, sparse=sparse
        )

    def animation(self, name: str, times: np.ndarray, tracks: list[tuple[int, str, np.ndarray]]) -> int:
        """An animation whose tracks share one clock.

        Args:
            name: of the animation.
            times: (T,) float32 seconds.
            tracks: (node, path, values): weights as (T · targets,), rotations as (T, 4).
        """
        clock = self.accessor(times, bounds=True)
        samplers = [
            {"input": clock, "output": self.accessor(values), "interpolation": "LINEAR"} for _, _, values in tracks
        ]
        channels = [
            {"sampler": number, "target": {"node": node, "path": path}} for number, (node, path, _) in enumerate(tracks)
        ]
        return self.add("animations", name=name, samplers=samplers, channels=channels)

    def to_bytes(self) -> bytes:
        """The finished .glb file."""
        content = {**self.content, "buffers": [{"byteLength": len(self.data)}]}
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return _joined(text.encode(), bytes(self.data))


def _component(kind: np.dtype) -> int:
    return next(number for number, each in COMPONENTS.items() if each == kind)


def _shape(width: int) -> str:
    return next(name for name, each in WIDTHS.items() if each == width)


def _chunks(data: bytes, name: str) -> tuple[str, bytes, bytes]:
    """JSON, BIN and what follows them."""
    damaged = GltfError(f"{name} is damaged: it is cut short or its lengths do not add up; export it again")
    if len(data) < 20:
        raise damaged
    version, length, size = struct.unpack_from("<III", data, 4)
    if version != _VERSION:
        raise GltfError(f"{name} is glTF version {version}; export it as version {_VERSION}")
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


def _joined(text: bytes, binary: bytes, rest: bytes = b"") -> bytes:
    """Header and chunks, each filled up to a multiple of four bytes."""
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), _JSON) + text
    if binary:
        binary += bytes(-len(binary) % 4)
        chunks += struct.pack("<I4s", len(binary), _BIN) + binary
    chunks += rest
    return struct.pack("<4sII", _MAGIC, _VERSION, 12 + len(chunks)) + chunks
