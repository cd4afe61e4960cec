"""glTF under construction: accessors, sparse offsets and animations into one buffer."""

import json
from typing import Any

import numpy as np

from utterface.gltf.components import COMPONENTS, FLOAT, WIDTHS
from utterface.gltf.container import joined


class GltfBuilder:
    """A glTF binary under construction: everything goes into one buffer, the BIN chunk.

    Attributes:
        content: the JSON so far.
        data: the BIN chunk so far.
        buffer: number of the buffer that the data goes into.
        begin: where in that buffer the data begins, a multiple of four.
    """

    buffer = 0
    begin = 0

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
        length = len(self.data) - begin
        place = {"byteOffset": self.begin + begin, "byteLength": length}
        return self.add("bufferViews", buffer=self.buffer, **place, target=target)

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
        """An animation whose tracks share one clock; tracks of equal values share their sampler.

        Args:
            name: of the animation.
            times: (T,) float32 seconds.
            tracks: (node, path, values): weights as (T · targets,), rotations as (T, 4); integers are fractions.
        """
        clock = self.accessor(times, bounds=True)
        numbers: dict[tuple[object, ...], int] = {}
        samplers: list[dict[str, object]] = []
        channels = []
        for node, path, values in tracks:
            key = (path, values.dtype, values.shape, values.tobytes())
            if key not in numbers:
                numbers[key] = len(samplers)
                output = self.accessor(values, normalized=values.dtype.kind != "f")
                samplers.append({"input": clock, "output": output, "interpolation": "LINEAR"})
            channels.append({"sampler": numbers[key], "target": {"node": node, "path": path}})
        return self.add("animations", name=name, samplers=samplers, channels=channels)

    def to_bytes(self) -> bytes:
        """The finished .glb file."""
        content = {**self.content, "buffers": [{"byteLength": len(self.data)}]}
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return joined(text.encode(), bytes(self.data))


def _component(kind: np.dtype) -> int:
    return next(number for number, each in COMPONENTS.items() if each == kind)


def _shape(width: int) -> str:
    return next(name for name, each in WIDTHS.items() if each == width)
