"""A clip, or sentences of several, and the face as the bytes that a page plays. web/src/payload.ts is the other side.

A payload is one zlib stream: a little-endian uint32 with the length of a JSON header, the header, then the sections
that it lists, in order, each at a multiple of four bytes. Arrays are as small as the eye allows: weights in small
steps as differences along time, morph offsets as int16 where they are longer than a hundredth of a millimetre.
"""

import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from utterface.articulation.expression import EMOTIONS, GAP_MM
from utterface.articulation.visemes import viseme_weights
from utterface.clip import Clip
from utterface.motion import Motion
from utterface.phones import Span
from utterface.rigs import Joint, Rig
from utterface.rigs.shading import mouth_openness, openness_of, tint_of
from utterface.text.captions import captions

VERSION = 1
STEP = 1 / 8192  # of weights and radians
COARSE_STEP = 1 / 2048  # where there are many motions: a hundredth of a millimetre of the jaw
LEAST_OFFSET = 1e-5  # metres
MOUTH = ("teeth", "gums", "tongue")  # materials behind the lips
WAVEFORM_RATE = 100.0  # peaks a second
Poses = dict[str, dict[str, dict[str, float]]]
_KINDS = {"f32": np.float32, "i16": np.int16, "u16": np.uint16, "u32": np.uint32, "i8": np.int8, "u8": np.uint8}


@dataclass
class _Sections:
    """Arrays on their way into the file, with what the header says of them."""

    listed: list[dict[str, object]] = field(default_factory=list)
    arrays: list[np.ndarray] = field(default_factory=list)

    def add(self, name: str, kind: str, array: np.ndarray) -> None:
        self.listed.append({"name": name, "kind": kind, "count": int(array.size)})
        self.arrays.append(np.ascontiguousarray(array, dtype=_KINDS[kind]))


def pack(clip: Clip, rig: Rig, samples: np.ndarray, title: str) -> bytes:
    """Everything the page shows, compressed.

    Args:
        clip: motion, words and phones.
        rig: the face that plays it.
        samples: (N,) float32 sound at 16 kHz, for the waveform; empty without sound.
        title: shown on the page.
    """
    sections = _Sections()
    header = _add_take(sections, clip, samples, title, poses())
    header |= {"rig": _add_rig(sections, rig), "lipGap": GAP_MM}
    return _compress(header, sections)


def pack_avatar(clip: Clip, samples: np.ndarray, title: str, named: Poses, avatar: Mapping[str, object]) -> bytes:
    """The same for a face of the user's own, whose file lies beside it in the page.

    Args:
        clip: motion in the avatar's own channels, words and phones.
        samples: (N,) float32 sound at 16 kHz; empty without sound.
        title: shown on the page.
        named: poses by group and name, in the avatar's own channels.
        avatar: how channels move its file, as web/src/avatar.ts reads it.
    """
    sections = _Sections()
    return _compress(_add_take(sections, clip, samples, title, named) | {"avatar": avatar}, sections)


def poses() -> Poses:
    """Whole faces by name, in groups: visemes and emotions in ARKit's weights."""
    return {"Visemes": viseme_weights(), "Emotions": {name: dict(pose) for name, pose in EMOTIONS.items()}}


def _add_take(sections: _Sections, clip: Clip, samples: np.ndarray, title: str, named: Poses) -> dict[str, object]:
    header = {
        "title": title,
        "duration": clip.duration,
        "motion": _add_motion(sections, clip.motion),
        "words": [_row(span) for span in clip.words],
        "phones": [_row(span) for span in clip.phones],
        "waveformRate": WAVEFORM_RATE,
        "poses": named,
        "captions": captions(clip.words, clip.text),
    }
    sections.add("waveform", "i8", waveform(samples))
    return header


def pack_comparison(rig: Rig, title: str, rows: Sequence[str], shown: Sequence[int], sentences: Sequence[str]) -> bytes:
    """What a page of faces side by side holds once: the face, and what can be chosen.

    Args:
        rig: the face that plays every row.
        title: shown on the page.
        rows: names of all that can be watched.
        shown: numbers of the rows that are shown at first.
        sentences: their titles, in the order of their payloads (`pack_sentence`).
    """
    sections = _Sections()
    header = {
        "title": title,
        "rig": _add_rig(sections, rig),
        "rows": list(rows),
        "shown": list(shown),
        "sentences": list(sentences),
    }
    return _compress(header, sections)


def pack_sentence(
    duration: float,
    text: str,
    samples: np.ndarray,
    motions: Mapping[int, Motion],
    own_sounds: Mapping[int, np.ndarray],
    words: Sequence[Span] = (),
    phones: Sequence[Span] = (),
) -> bytes:
    """One sentence as every row speaks it.

    Args:
        duration: seconds.
        text: the words.
        samples: (N,) float32 sound at 16 kHz, for the waveform.
        motions: row number → motion.
        own_sounds: row number → (N,) float32 sound of a row that has its own.
        words, phones: timed.
    """
    sections = _Sections()
    rows = [
        {"row": row, "motion": _add_motion(sections, motion, f"motion {row}", COARSE_STEP), "heard": row in own_sounds}
        for row, motion in motions.items()
    ]
    header = {
        "duration": duration,
        "text": text,
        "rows": rows,
        "words": [_row(span) for span in words],
        "phones": [_row(span) for span in phones],
        "waveformRate": WAVEFORM_RATE,
    }
    sections.add("waveform", "i8", waveform(samples))
    for row, sound in own_sounds.items():
        sections.add(f"waveform {row}", "i8", waveform(sound))
    return _compress(header, sections)


def waveform(samples: np.ndarray) -> np.ndarray:
    """Lowest and highest sample of each 10 ms, (slices, 2) int8, scaled so that the loudest sample fills ±127."""
    size = round(16_000 / WAVEFORM_RATE)
    if not len(samples):
        return np.zeros((0, 2), np.int8)
    padded = np.pad(samples, (0, -len(samples) % size)).reshape(-1, size)
    loudest = max(float(np.abs(samples).max()), 1e-3)
    return np.round(127 / loudest * np.stack([padded.min(1), padded.max(1)], 1)).astype(np.int8)


def _compress(header: Mapping[str, object], sections: _Sections) -> bytes:
    whole = {"version": VERSION, **header, "sections": sections.listed}
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
    out = bytearray(struct.pack("<I", len(text)) + text)
    for array in sections.arrays:
        out += bytes(-len(out) % 4)
        out += array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
    return zlib.compress(out, level=9)


def _add_motion(sections: _Sections, motion: Motion, name: str = "motion", step: float = STEP) -> dict[str, object]:
    levels = np.clip(np.round(motion.values.T / step), -32768, 32767).astype(np.int32)  # (C, T)
    sections.add(name, "i16", np.diff(levels, axis=1, prepend=0).astype(np.int16))  # wraps, and so does the page
    return {
        "channels": list(motion.channels),
        "frameRate": motion.frame_rate,
        "start": motion.start,
        "step": step,
    }


def _add_rig(sections: _Sections, rig: Rig) -> dict[str, object]:
    template = np.asarray(rig.template, np.float32)
    index = "u16" if len(template) <= 65_536 else "u32"
    joints = rig.joints
    turns: dict[str, list[list[object]]] = {joint.name: _head_turns(joint) for joint in joints if not joint.parent}
    carrying = {channel for joint in joints if not joint.parent for channel in joint.channels}
    morphs, touched, moved = [], [], []
    for channel in rig.channels:
        offsets = _at_one(rig, channel) - template
        for joint in joints:
            turning = np.asarray(joint.follow) > 0
            if joint.parent and channel not in carrying and np.abs(offsets[turning]).max() > LEAST_OFFSET:
                turns.setdefault(joint.name, []).append([channel, *_turn(joint, template, offsets)])
            if joint.parent or channel in joint.channels:
                offsets[turning] = 0  # the page turns it
        vertices = np.flatnonzero(np.linalg.norm(offsets, axis=1) > LEAST_OFFSET)
        if len(vertices):
            step = float(np.abs(offsets).max()) / 32767
            morphs.append({"channel": channel, "count": len(vertices), "step": step})
            touched.append(vertices)
            moved.append(np.round(offsets[vertices] / step))
    sections.add("template", "f32", template)
    sections.add("triangles", index, rig.triangles)
    sections.add("morphVertices", index, np.concatenate([*touched, np.zeros(0)]))
    sections.add("morphOffsets", "i16", np.concatenate([*moved, np.zeros((0, 3))]))
    carried_first = sorted(joints, key=lambda joint: not joint.parent)  # eyes turn in the head before the head turns
    follow = np.array([joint.follow for joint in carried_first]).reshape(len(joints), len(template))
    sections.add("jointFollow", "u8", np.round(255 * follow))
    sections.add("openness", "u8", np.round(255 * _openness(rig, template)))
    sections.add("tint", "u8", np.round(255 * tint_of(rig)))
    sections.add("colours", "u8", np.zeros(0) if rig.colours is None else np.round(255 * rig.colours))
    return {
        "name": rig.name,
        "parts": _parts(rig),
        "morphs": morphs,
        "joints": [
            {"name": joint.name, "pivot": np.asarray(joint.pivot).tolist(), "turns": turns.get(joint.name, [])}
            for joint in carried_first
        ],
    }


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


def _parts(rig: Rig) -> list[dict[str, object]]:
    if not rig.parts:
        return [{"name": "skin", "material": "skin", "start": 0, "count": len(rig.triangles)}]
    parts = []
    for part in rig.parts:
        start, stop, _ = part.triangles.indices(len(rig.triangles))
        parts.append({"name": part.name, "material": part.material, "start": start, "count": stop - start})
    return parts


def _row(span: Span) -> list[object]:
    return [span.label, round(span.start, 4), round(span.end, 4)]
