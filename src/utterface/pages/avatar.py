"""The page that plays a clip on a face of the user's own: its file, how channels move it, and the sound.

web/src/avatar.ts is the other side.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from utterface.avatars.avatar import Avatar, rest_weights
from utterface.avatars.plain import is_plain, to_plain
from utterface.clip import Clip
from utterface.errors import OutputError
from utterface.gltf.compression import COMPRESSED
from utterface.motion import CHANNELS, Motion
from utterface.pages import payload, template
from utterface.pages.player import samples_of
from utterface.pages.policy import AVATAR

UNSEEN = ("KHR_texture_basisu",)  # textures that need a decoder which would have to be fetched


def write(clip: Clip, path: Path, avatar: Avatar) -> None:
    """The page; OutputError where it was not built with the package, or cannot show the file."""
    gltf = avatar.gltf
    unseen = next((name for name in gltf.list_of(gltf.content, "extensionsRequired") if name in UNSEEN), None)
    if unseen:
        raise OutputError(f"{gltf.name} has KTX2 textures, which pages cannot show; export it with PNG or WebP")
    data = gltf.to_bytes() if is_plain(gltf, COMPRESSED) else to_plain(gltf)
    samples, driven = samples_of(clip), replace(clip, motion=avatar.driven(clip.motion))
    packed = payload.pack_avatar(driven, samples, clip.name, _poses(avatar), description(avatar))
    parts = [
        template.embed_payload("utterface-clip", packed),
        template.embed("utterface-avatar", "model/gltf-binary", data),
    ]
    if len(samples):
        parts.append(template.embed_flac("utterface-sound", samples))
    path.write_text(template.fill(template.built("avatar"), clip.name, parts, AVATAR), encoding="utf-8")


def description(avatar: Avatar) -> dict[str, object]:
    """How channels move the file: weights of nodes with meshes, turns of bones."""
    nodes = []
    for number, node in enumerate(avatar.gltf.items("nodes")):
        drives = [
            [channel, drive.target, round(drive.gain, 5)]
            for channel, each in avatar.drives.items()
            for drive in each
            if drive.mesh == node.get("mesh")
        ]
        if drives:
            nodes.append({"node": number, "rest": rest_weights(avatar.gltf, number).tolist(), "drives": drives})
    bones = [
        {"node": bone.node, "before": bone.before.tolist(), "after": bone.after.tolist(), "turns": list(bone.turns)}
        for bone in avatar.bones
    ]
    return {"facing": avatar.facing, "nodes": nodes, "bones": bones}


def _poses(avatar: Avatar) -> payload.Poses:
    """Visemes and emotions in the avatar's own channels."""
    groups = payload.poses().items()
    return {group: {name: _pose(avatar, pose) for name, pose in named.items()} for group, named in groups}


def _pose(avatar: Avatar, pose: dict[str, float]) -> dict[str, float]:
    shown = avatar.driven(Motion(np.array([[pose.get(channel, 0.0) for channel in CHANNELS]])))
    values = zip(shown.channels, shown.values[0], strict=True)
    return {channel: round(float(value), 3) for channel, value in values if value}
