"""A face among the sections of a page: vertices, triangles, morphs, joints and how its parts look."""

import numpy as np

from utterface.pages.sections import Sections
from utterface.rigs.protocol import Joint, Rig
from utterface.rigs.shading import mouth_openness, openness_of, tint_of

LEAST_OFFSET = 1e-5  # metres
LEAST_STEP = 1e-5  # metres, of offsets
MOUTH = ("teeth", "gums", "tongue")  # materials behind the lips


def add_rig(sections: Sections, rig: Rig) -> dict[str, object]:
    """Adds a face; returns what the header says of it."""
    template = np.asarray(rig.template, np.float32)
    index = "u16" if len(template) <= 65_536 else "u32"
    moves, turns = movements(rig)
    morphs, touched, moved = [], [], []
    for channel, offsets in moves.items():
        vertices = np.flatnonzero(np.linalg.norm(offsets, axis=1) > LEAST_OFFSET)
        if len(vertices):
            step = max(float(np.abs(offsets).max()) / 32767, LEAST_STEP)
            morphs.append({"channel": channel, "count": len(vertices), "step": step})
            touched.append(vertices)
            moved.append(np.round(offsets[vertices] / step))
    sections.add("template", "f32", template)
    sections.add("triangles", index, rig.triangles)
    sections.add("morphVertices", index, np.concatenate([*touched, np.zeros(0)]))
    sections.add("morphOffsets", "i16", np.concatenate([*moved, np.zeros((0, 3))]))
    for name, kind, values in shading(rig):
        sections.add(name, kind, values)
    return {
        "name": rig.name,
        "parts": parts_of(rig),
        "morphs": morphs,
        "joints": [
            {"name": joint.name, "pivot": np.asarray(joint.pivot).tolist(), "turns": turns.get(joint.name, [])}
            for joint in ordered(rig)
        ],
    }


def movements(rig: Rig) -> tuple[dict[str, np.ndarray], dict[str, list[list[object]]]]:
    """Channel → (V, 3) metres at 1, without what joints turn; joint → its turns, as the page reads them."""
    template, joints = np.asarray(rig.template, np.float32), rig.joints
    turns: dict[str, list[list[object]]] = {joint.name: _head_turns(joint) for joint in joints if not joint.parent}
    carrying = {channel for joint in joints if not joint.parent for channel in joint.channels}
    moves = {}
    for channel in rig.channels:
        offsets = _at_one(rig, channel) - template
        for joint in joints:
            turning = np.asarray(joint.follow) > 0
            if joint.parent and channel not in carrying and np.abs(offsets[turning]).max() > LEAST_OFFSET:
                turns.setdefault(joint.name, []).append([channel, *_turn(joint, template, offsets)])
            if joint.parent or channel in joint.channels:
                offsets[turning] = 0  # the page turns it
        moves[channel] = offsets
    return moves, turns


def ordered(rig: Rig) -> list[Joint]:
    """The joints, what is carried first: eyes turn in the head before the head turns."""
    return sorted(rig.joints, key=lambda joint: not joint.parent)


def shading(rig: Rig) -> list[tuple[str, str, np.ndarray]]:
    """Name, kind and (…, V) or (V, …) bytes of what is kept of each vertex beside its place."""
    template = np.asarray(rig.template, np.float32)
    follow = np.array([joint.follow for joint in ordered(rig)]).reshape(len(rig.joints), len(template))
    return [
        ("jointFollow", "u8", np.round(255 * follow)),
        ("openness", "u8", np.round(255 * _openness(rig, template))),
        ("tint", "u8", np.round(255 * tint_of(rig))),
        ("colours", "u8", np.zeros(0) if rig.colours is None else np.round(255 * rig.colours)),
    ]


def _openness(rig: Rig, template: np.ndarray) -> np.ndarray:
    inside = np.zeros(len(template), bool)
    for part in rig.parts:
        if part.material in MOUTH:
            inside[rig.triangles[part.triangles]] = True
    return np.where(inside, mouth_openness(template, inside), openness_of(rig))


def _at_one(rig: Rig, channel: str) -> np.ndarray:
    """(V, 3) vertices with one channel at 1."""
    values = np.zeros((1, len(rig.channels)), np.float32)
    values[0, rig.channels.index(channel)] = 1
    return rig.vertices(values)[0]


def _head_turns(joint: Joint) -> list[list[object]]:
    """Channel and radians about x, y, z per unit: R_y(−yaw) · R_x(pitch) · R_z(roll), docs/reference/conventions.md."""
    yaw, pitch, roll = joint.channels
    return [[yaw, 0, -1, 0], [pitch, 1, 0, 0], [roll, 0, 0, 1]]


def _turn(joint: Joint, template: np.ndarray, offsets: np.ndarray) -> list[float]:
    """Radians about x, y, z by which a channel at 1 turns an eyeball, measured on where its vertices went."""
    ball = np.asarray(joint.follow) > 0.99
    arms = template[ball].astype(np.float64) - joint.pivot
    turned = np.linalg.lstsq(arms, arms + offsets[ball], rcond=None)[0].T
    twist = np.array([turned[2, 1] - turned[1, 2], turned[0, 2] - turned[2, 0], turned[1, 0] - turned[0, 1]]) / 2
    sine = float(np.linalg.norm(twist))
    return [round(x, 5) for x in (twist * (np.arcsin(min(sine, 1.0)) / max(sine, 1e-9))).tolist()]


def parts_of(rig: Rig) -> list[dict[str, object]]:
    """Name, material, first triangle and number of triangles of each part."""
    if not rig.parts:
        return [{"name": "skin", "material": "skin", "start": 0, "count": len(rig.triangles)}]
    parts = []
    for part in rig.parts:
        start, stop, _ = part.triangles.indices(len(rig.triangles))
        parts.append({"name": part.name, "material": part.material, "start": start, "count": stop - start})
    return parts
