"""UsdSkel: the face as meshes with named blend shapes, a head that turns, and their animation.

The stage is written as text; `.usdc` needs the extra `usd`, which packs it. Blend shapes hold the vertices that they
move.
https://openusd.org/release/api/_usd_skel__schemas.html
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from utterface.clip import Clip
from utterface.formats.glb import MATERIALS, quaternions
from utterface.motion import Motion
from utterface.rigs import Joint, Part, Rig
from utterface.rigs.protocol import Material
from utterface.rigs.shading import normals
from utterface.rigs.solver import linear_shapes

LEAST_OFFSET = 2e-5  # metres
ROOT = "Face"
_STEP = "    "


def write_usda(clip: Clip, path: Path, rig: Rig) -> None:
    """A stage as text."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in _stage(clip.motion, rig))


def write_usdc(clip: Clip, path: Path, rig: Rig) -> None:
    """The same stage, packed."""
    from pxr import Sdf

    layer = Sdf.Layer.CreateAnonymous(".usda")
    layer.ImportFromString("\n".join(_stage(clip.motion, rig)) + "\n")
    layer.Export(str(path), args={"format": "usdc"})


def _stage(motion: Motion, rig: Rig) -> Iterator[str]:
    """Lines of the stage; time codes count frames from the first sample on."""
    first = motion.start * motion.frame_rate
    yield from (
        "#usda 1.0", "(", f'{_STEP}defaultPrim = "{ROOT}"', f"{_STEP}metersPerUnit = 1", f'{_STEP}upAxis = "Y"',
        f"{_STEP}startTimeCode = {min(0.0, first):g}", f"{_STEP}endTimeCode = {first + len(motion) - 1:g}",
        f"{_STEP}timeCodesPerSecond = {motion.frame_rate:.10g}", f"{_STEP}framesPerSecond = {motion.frame_rate:.10g}",
        ")", "", f'def SkelRoot "{ROOT}" (', f'{_STEP}prepend apiSchemas = ["SkelBindingAPI"]', ")", "{",
        f"{_STEP}rel skel:animationSource = </{ROOT}/Animation>", f"{_STEP}rel skel:skeleton = </{ROOT}/Skeleton>",
    )  # fmt: skip
    for lines in (_skeleton(rig), _animation(motion, rig, first), _meshes(rig), _materials(rig)):
        yield from (f"{_STEP}{line}" for line in lines)
    yield "}"


def _skeleton(rig: Rig) -> Iterator[str]:
    """A joint on the ground, and those of the rig that stand on it."""
    joints = _joints(rig)
    places = [np.zeros(3), *(np.asarray(joint.pivot) for joint in joints)]
    matrices = _list(f"( (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), {_tuple([*place, 1])} )" for place in places)
    yield from (
        "", 'def Skeleton "Skeleton" (', f'{_STEP}prepend apiSchemas = ["SkelBindingAPI"]', ")", "{",
        f"{_STEP}uniform token[] joints = {_tokens(_paths(rig))}",
        f"{_STEP}uniform matrix4d[] bindTransforms = {matrices}",
        f"{_STEP}uniform matrix4d[] restTransforms = {matrices}",
        f"{_STEP}rel skel:animationSource = </{ROOT}/Animation>", "}",
    )  # fmt: skip


def _animation(motion: Motion, rig: Rig, first: float) -> Iterator[str]:
    channels, _ = linear_shapes(rig)
    joints = _joints(rig)
    moments = [f"{first + frame:.10g}" for frame in range(len(motion))]
    turns = np.stack([quaternions(motion.select(joint.channels)) for joint in joints], 1) if joints else None
    places = _list(_tuple(place) for place in [np.zeros(3), *(joint.pivot for joint in joints)])
    yield from ("", 'def SkelAnimation "Animation"', "{", f"{_STEP}uniform token[] blendShapes = {_tokens(channels)}")
    yield f"{_STEP}float[] blendShapeWeights.timeSamples = {{"
    for moment, row in zip(moments, motion.select(channels).tolist(), strict=True):
        yield f"{2 * _STEP}{moment}: {_list(f'{weight:.6g}' for weight in row)},"
    yield f"{_STEP}}}"
    yield f"{_STEP}uniform token[] joints = {_tokens(_paths(rig))}"
    yield f"{_STEP}float3[] translations = {places}"
    yield f"{_STEP}half3[] scales = {_list(['(1, 1, 1)'] * (1 + len(joints)))}"
    yield f"{_STEP}quatf[] rotations.timeSamples = {{"
    for frame, moment in enumerate(moments):
        rows = [] if turns is None else [_tuple([turn[3], *turn[:3]]) for turn in turns[frame]]
        yield f"{2 * _STEP}{moment}: {_list(['(1, 0, 0, 0)', *rows])},"
    yield f"{_STEP}}}"
    yield "}"


def _meshes(rig: Rig) -> Iterator[str]:
    """One mesh a part, with the shapes that move it."""
    channels, offsets = linear_shapes(rig)
    facing = normals(rig.template, rig.triangles)
    for part in _parts(rig):
        vertices, corners = np.unique(rig.triangles[part.triangles], return_inverse=True)
        if not len(vertices):
            continue
        name = _name(part.name)
        moved = {
            channel: each[vertices] for channel, each in zip(channels, offsets, strict=True)
            if np.linalg.norm(each[vertices], axis=1).max() > LEAST_OFFSET
        }  # fmt: skip
        yield from ("", f'def Mesh "{name}" (')
        yield from (f'{_STEP}prepend apiSchemas = ["SkelBindingAPI", "MaterialBindingAPI"]', ")", "{")
        inside = [
            *_surface(rig.template[vertices], corners, facing[vertices]),
            f"color3f[] primvars:displayColor = [{_tuple(_material(rig, part.material).colour[:3])}]",
            f"rel material:binding = </{ROOT}/Materials/{_name(part.material or 'skin')}>",
            *_binding(rig, vertices),
            f"uniform token[] skel:blendShapes = {_tokens(moved)}",
            f"rel skel:blendShapeTargets = {_list(f'</{ROOT}/{name}/{channel}>' for channel in moved)}",
        ]
        for channel, rows in moved.items():
            at = np.flatnonzero(np.linalg.norm(rows, axis=1) > LEAST_OFFSET)
            inside += [
                "", f'def BlendShape "{channel}"', "{",
                f"{_STEP}uniform vector3f[] offsets = {_list(map(_tuple, rows[at]))}",
                f"{_STEP}uniform int[] pointIndices = {_list(map(str, at.tolist()))}", "}",
            ]  # fmt: skip
        yield from (f"{_STEP}{line}" for line in inside)
        yield "}"


def _surface(points: np.ndarray, corners: np.ndarray, facing: np.ndarray) -> Iterator[str]:
    yield 'uniform token subdivisionScheme = "none"'
    yield "uniform bool doubleSided = 1"
    yield f"float3[] extent = {_list([_tuple(points.min(0)), _tuple(points.max(0))])}"
    yield f"int[] faceVertexCounts = {_list(['3'] * (corners.size // 3))}"
    yield f"int[] faceVertexIndices = {_list(map(str, corners.ravel().tolist()))}"
    yield f"point3f[] points = {_list(map(_tuple, points))}"
    yield from _by_vertex(f"normal3f[] normals = {_list(map(_tuple, facing))}", 1)


def _binding(rig: Rig, vertices: np.ndarray) -> Iterator[str]:
    """How much each vertex goes with the ground and with each joint."""
    follow = [np.asarray(joint.follow)[vertices] for joint in _joints(rig)]
    shares = np.stack([1 - sum(follow, np.zeros(len(vertices))), *follow], 1)
    count = shares.shape[1]
    yield f"rel skel:skeleton = </{ROOT}/Skeleton>"
    numbers = _list(map(str, list(range(count)) * len(vertices)))
    yield from _by_vertex(f"int[] primvars:skel:jointIndices = {numbers}", count)
    weights = _list(f"{share:.5g}" for share in shares.ravel())
    yield from _by_vertex(f"float[] primvars:skel:jointWeights = {weights}", count)


def _by_vertex(line: str, width: int) -> Iterator[str]:
    """A line with values of every vertex, `width` each."""
    yield f"{line} ("
    if width > 1:
        yield f"{_STEP}elementSize = {width}"
    yield f'{_STEP}interpolation = "vertex"'
    yield ")"


def _parts(rig: Rig) -> tuple[Part, ...]:
    return rig.parts or (Part("skin", "skin", slice(None)),)


def _materials(rig: Rig) -> Iterator[str]:
    yield from ("", 'def Scope "Materials"', "{")
    for material in dict.fromkeys(part.material or "skin" for part in _parts(rig)):
        look = _material(rig, material)
        name = _name(material)
        surface = f"/{ROOT}/Materials/{name}/Surface"
        inside = (
            f'def Material "{name}"', "{", f"{_STEP}token outputs:surface.connect = <{surface}.outputs:surface>",
            f'{_STEP}def Shader "Surface"', f"{_STEP}{{", f'{2 * _STEP}uniform token info:id = "UsdPreviewSurface"',
            f"{2 * _STEP}color3f inputs:diffuseColor = {_tuple(look.colour[:3])}",
            f"{2 * _STEP}float inputs:opacity = {look.colour[3]:g}",
            f"{2 * _STEP}float inputs:roughness = {look.roughness:g}",
            f"{2 * _STEP}token outputs:surface", f"{_STEP}}}", "}",
        )  # fmt: skip
        yield from (f"{_STEP}{line}" for line in inside)
    yield "}"


def _material(rig: Rig, name: str) -> Material:
    own: dict[str, Material] = getattr(rig, "materials", {})
    return own.get(name) or Material(*MATERIALS.get(name, MATERIALS["skin"]))


def _joints(rig: Rig) -> list[Joint]:
    return [joint for joint in rig.joints if not joint.parent]


def _paths(rig: Rig) -> list[str]:
    return ["body", *(f"body/{_name(joint.name)}" for joint in _joints(rig))]


def _name(text: str) -> str:
    """A name as USD allows it."""
    plain = re.sub(r"\W", "_", text, flags=re.ASCII)
    return plain if plain and not plain[0].isdigit() else f"_{plain}"


def _tokens(names: Iterable[str]) -> str:
    return _list(f'"{name}"' for name in names)


def _list(items: Iterable[str]) -> str:
    return f"[{', '.join(items)}]"


def _tuple(values: Iterable[float]) -> str:
    return f"({', '.join(f'{value:.6g}' for value in values)})"
