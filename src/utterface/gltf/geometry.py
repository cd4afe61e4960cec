"""Geometry of a file in one shape, however it is stored: positions, triangles, morph offsets, where they rest."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from utterface.gltf.compression import DRACO, decode_primitive
from utterface.gltf.document import Gltf

TRIANGLES = 4  # the mode of primitives


@dataclass(frozen=True)
class Primitive:
    """Vertices of one material.

    Attributes:
        positions: (V, 3) float32 in the mesh's own units.
        triangles: (F, 3) int64; empty for points and lines.
        offsets: (K, V, 3) float32, one a morph target.
        joints: (V, 4) numbers among the joints of the skin; None without a skin.
        shares: (V, 4) float32, how much each of them moves the vertex.
        uv: (V, 2) float32 places on the first picture; None without any.
    """

    positions: np.ndarray
    triangles: np.ndarray
    offsets: np.ndarray
    joints: np.ndarray | None = None
    shares: np.ndarray | None = None
    uv: np.ndarray | None = None


def primitive(gltf: Gltf, item: dict[str, Any]) -> Primitive:
    """A primitive of a mesh, decoded where it is compressed.

    Raises:
        GltfError: damaged. MissingExtra: compressed, and the decoder is not installed.
    """
    attributes = item.get("attributes")
    if not isinstance(attributes, dict) or "POSITION" not in attributes:
        raise gltf.damage("a primitive has no positions")
    extensions = item.get("extensions")
    packed = extensions.get(DRACO) if isinstance(extensions, dict) else None
    triangles, decoded = decode_primitive(gltf, packed) if packed else (None, {})
    read = {name: decoded[name] if name in decoded else gltf.accessor(at) for name, at in attributes.items()}
    positions = np.asarray(read["POSITION"], np.float32)
    if positions.ndim != 2 or positions.shape[1] != 3:
        raise gltf.damage(f"positions have the shape {positions.shape}")
    if triangles is None:
        triangles = _triangles(gltf, item, len(positions))
    if triangles.size and not 0 <= triangles.min() <= triangles.max() < len(positions):
        raise gltf.damage(f"a triangle has the corner {triangles.max()} of {len(positions)}")
    targets = [_offsets(gltf, target, positions.shape) for target in gltf.list_of(item, "targets")]
    offsets = np.stack(targets) if targets else np.zeros((0, *positions.shape), np.float32)
    joints, shares, uv = (read.get(name) for name in ("JOINTS_0", "WEIGHTS_0", "TEXCOORD_0"))
    if uv is not None and uv.shape != (len(positions), 2):
        uv = None
    if joints is None or shares is None or not joints.shape == shares.shape == (len(positions), 4):
        return Primitive(positions, triangles, offsets, uv=uv)
    return Primitive(positions, triangles, offsets, joints.astype(np.int64), shares.astype(np.float32), uv)


def _offsets(gltf: Gltf, target: dict[str, Any], shape: tuple[int, ...]) -> np.ndarray:
    if "POSITION" not in target:
        return np.zeros(shape, np.float32)
    offsets = gltf.accessor(target["POSITION"]).astype(np.float32)
    if offsets.shape != shape:
        raise gltf.damage(f"a morph target has {len(offsets)} vertices, its mesh {shape[0]}")
    return offsets


def _triangles(gltf: Gltf, item: dict[str, Any], count: int) -> np.ndarray:
    if item.get("mode", TRIANGLES) != TRIANGLES:
        return np.zeros((0, 3), np.int64)
    corners = gltf.accessor(item["indices"])[:, 0] if "indices" in item else np.arange(count)
    return corners[: len(corners) // 3 * 3].astype(np.int64).reshape(-1, 3)


def matrices(gltf: Gltf) -> np.ndarray:
    """(N, 4, 4) float64 from each node's own space to the world, at rest."""
    nodes, parents = gltf.items("nodes"), gltf.parents()
    places: dict[int, np.ndarray] = {}

    def world(number: int) -> np.ndarray:
        chain = [number]
        while chain[-1] not in places and (parent := parents[chain[-1]]) is not None:
            chain.append(parent)
        for at in reversed(chain):
            if at not in places:
                above = parents[at]
                own = _own_matrix(gltf, nodes[at])
                places[at] = own if above is None else places[above] @ own
        return places[number]

    return np.array([world(number) for number in range(len(nodes))]).reshape(-1, 4, 4)


def _own_matrix(gltf: Gltf, node: dict[str, Any]) -> np.ndarray:
    try:
        if "matrix" in node:
            return np.array(node["matrix"], np.float64).reshape(4, 4).T
        matrix = np.eye(4)
        matrix[:3, :3] = rotation_matrix(np.array(node.get("rotation", (0, 0, 0, 1)), np.float64))
        matrix[:3, :3] *= np.array(node.get("scale", (1, 1, 1)), np.float64)
        matrix[:3, 3] = node.get("translation", (0, 0, 0))
    except (ValueError, TypeError):
        raise gltf.damage("a node is placed by something else than numbers") from None
    return matrix


def rotation_matrix(quaternion: np.ndarray) -> np.ndarray:
    """(…, 4) x, y, z, w → (…, 3, 3)."""
    x, y, z, w = np.moveaxis(quaternion / np.maximum(np.linalg.norm(quaternion, axis=-1, keepdims=True), 1e-12), -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, -1) for row in rows], -2)


def to_world(gltf: Gltf, node: int, part: Primitive, worlds: np.ndarray) -> np.ndarray:
    """(V, 4, 4) float64 from the mesh's space to the world, vertex by vertex: by its skin, or by its node.

    Args:
        gltf: the file.
        node: number of the node that has the mesh.
        part: a primitive of that mesh.
        worlds: as `matrices` gives them.
    """
    skin = gltf.items("nodes")[node].get("skin")
    if skin is None or part.joints is None or part.shares is None:
        return np.broadcast_to(worlds[node], (len(part.positions), 4, 4))
    skin = gltf.item("skins", skin)
    joints = gltf.list_of(skin, "joints")
    for joint in joints:
        gltf.item("nodes", joint)
    posed = worlds[joints]
    if "inverseBindMatrices" in skin:
        inverse = gltf.accessor(skin["inverseBindMatrices"])
        if inverse.shape != (len(joints), 16):
            raise gltf.damage(f"a skin of {len(joints)} joints has {len(inverse)} matrices")
        posed = posed @ inverse.reshape(-1, 4, 4).transpose(0, 2, 1)
    if part.joints.max(initial=0) >= len(joints):
        raise gltf.damage(f"a vertex follows joint {part.joints.max()} of {len(joints)}")
    shares = part.shares / np.maximum(part.shares.sum(1, keepdims=True), 1e-9)
    return np.asarray(np.einsum("vj,vjab->vab", shares.astype(np.float64), posed[part.joints]))
