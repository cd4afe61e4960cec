"""Readers of what we write, as small and independent as another program's: they know the formats, not our code."""

import base64
import json
import re
import struct
import zlib
from pathlib import Path

import numpy as np


class Glb:
    """Just enough of a glTF reader to see what another program would see."""

    def __init__(self, data: bytes) -> None:
        magic, version, length = struct.unpack("<III", data[:12])
        assert (magic, version, length) == (0x46546C67, 2, len(data))
        size = struct.unpack("<I", data[12:16])[0]
        self.json = json.loads(data[20 : 20 + size])
        self.binary = data[20 + size + 8 :]

    def array(self, number: int) -> np.ndarray:
        accessor = self.json["accessors"][number]
        width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}[accessor["type"]]
        kind = {5126: np.float32, 5121: np.uint8, 5123: np.uint16, 5125: np.uint32}[accessor["componentType"]]
        values = np.zeros((accessor["count"], width), kind)
        if "bufferView" in accessor:
            values = self._view(accessor["bufferView"], kind, accessor["count"] * width).reshape(-1, width)
        if "sparse" in accessor:
            sparse = accessor["sparse"]
            at = self._view(sparse["indices"]["bufferView"], np.uint16, sparse["count"])
            assert (np.diff(at.astype(int)) > 0).all()
            values[at] = self._view(sparse["values"]["bufferView"], kind, sparse["count"] * width).reshape(-1, width)
        return values

    def _view(self, number: int, kind: type, count: int) -> np.ndarray:
        return np.frombuffer(self.binary, kind, count, self.json["bufferViews"][number]["byteOffset"])

    def motion(self) -> tuple[np.ndarray, np.ndarray, list[str]]:
        """(times, weights (T, C), names) of the first mesh's animation."""
        (mesh,) = self.json["meshes"]
        names = mesh["extras"]["targetNames"]
        animation = self.json["animations"][0]
        (channel,) = [c for c in animation["channels"] if c["target"]["path"] == "weights"]
        sampler = animation["samplers"][channel["sampler"]]
        weights = self.array(sampler["output"]).reshape(-1, len(names))
        return self.array(sampler["input"])[:, 0].astype(float), weights, names


def page_motion(path: Path) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """(times, values (T, C), names) that a page holds; its layout stands in web/src/payload.ts."""
    packed = re.search(r'id="utterface-clip"[^>]*>([^<]+)<', path.read_text(encoding="utf-8")).group(1)
    data = zlib.decompress(base64.b64decode(packed))
    size = struct.unpack("<I", data[:4])[0]
    header = json.loads(data[4 : 4 + size])
    at = 4 + size
    for section in header["sections"]:
        at += -at % 4
        kind = np.dtype(
            {"f32": "<f4", "i16": "<i2", "u16": "<u2", "u32": "<u4", "i8": "i1", "u8": "u1"}[section["kind"]]
        )
        if section["name"] == "motion":
            steps = np.frombuffer(data, kind, section["count"], at)
        at += kind.itemsize * section["count"]
    told = header["motion"]
    levels = np.cumsum(steps.reshape(len(told["channels"]), -1), axis=1, dtype=np.int16)
    values = levels.T * told["step"]
    return told["start"] + np.arange(len(values)) / told["frameRate"], values, told["channels"]


def take_motion(path: Path) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """(times, values (T, C), names) of a Live Link Face take."""
    head, *rows = [line.split(",") for line in path.read_text(encoding="ascii").splitlines()]
    clock = np.array([row[0].split(":") for row in rows], float) @ [3600, 60, 1, 1 / 60]
    return clock, np.array([row[2:] for row in rows], float), [name[0].lower() + name[1:] for name in head[2:]]
