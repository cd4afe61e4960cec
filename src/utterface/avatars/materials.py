"""Materials of a glTF file: colours, pictures in the file's own encoding, and where on them vertices lie."""

from typing import Any

import numpy as np

from utterface.errors import GltfError
from utterface.gltf import Gltf
from utterface.gltf.geometry import Primitive
from utterface.rigs.protocol import Material

_PICTURES = ("EXT_texture_webp", "EXT_texture_avif")  # texture extensions whose pictures FFmpeg reads
_TRANSFORM = "KHR_texture_transform"


def material(gltf: Gltf, number: int | None) -> Material:
    """A material by its number; glTF's default one for None."""
    if number is None:
        return Material((0.8, 0.8, 0.8, 1.0), 1.0)
    item = gltf.item("materials", number)
    surface = item.get("pbrMetallicRoughness", {})
    colour = tuple(float(value) for value in surface.get("baseColorFactor", (1, 1, 1, 1)))
    mode, opaque = item.get("alphaMode"), 0.0
    if mode in ("MASK", "BLEND"):
        opaque = float(item.get("alphaCutoff", 0.5)) if mode == "MASK" else 0.5
    return Material(
        colour=colour,
        roughness=float(surface.get("roughnessFactor", 1.0)),
        two_sided=bool(item.get("doubleSided")),
        unlit="KHR_materials_unlit" in item.get("extensions", {}),
        opaque=opaque,
        is_textured="baseColorTexture" in surface,
        picture=_picture(gltf, surface.get("baseColorTexture", {})),
    )


def places(gltf: Gltf, number: int | None, part: Primitive) -> np.ndarray:
    """(V, 2) float32 places of a primitive's vertices on the picture of its material; zeros without one."""
    if number is None or part.uv is None:
        return np.zeros((len(part.positions), 2), np.float32)
    surface = gltf.item("materials", number).get("pbrMetallicRoughness", {})
    moved = surface.get("baseColorTexture", {}).get("extensions", {}).get(_TRANSFORM, {})
    scaled = part.uv * np.array(moved.get("scale", (1, 1)), np.float32)
    cosine, sine = np.cos(moved.get("rotation", 0)), np.sin(moved.get("rotation", 0))
    turned = scaled @ np.array([[cosine, -sine], [sine, cosine]], np.float32)
    return np.asarray(turned + np.array(moved.get("offset", (0, 0))), np.float32)


def _picture(gltf: Gltf, texture: dict[str, Any]) -> bytes:
    """The bytes of a texture's picture; none where it is elsewhere, or its places are not the first."""
    if "index" not in texture or texture.get("texCoord"):
        return b""
    item = gltf.item("textures", texture["index"])
    extensions = item.get("extensions", {})
    sources = [extensions[name].get("source") for name in _PICTURES if name in extensions] + [item.get("source")]
    source = next((each for each in sources if each is not None), None)
    if source is None:
        return b""
    image = gltf.item("images", source)
    try:
        return gltf.view(image["bufferView"])[0] if "bufferView" in image else gltf.outside(str(image.get("uri", "")))
    except GltfError:  # a face without its picture is better than none
        return b""
