"""A built head as arrays for the cache, and back."""

import json

import numpy as np

from utterface.rigs.human.identity import Identity
from utterface.rigs.human.rig import HeadRig
from utterface.rigs.protocol import Joint, Part


def to_arrays(rig: HeadRig) -> dict[str, np.ndarray]:
    """Everything of a rig but its identity; shapes without the vertices that they leave in place."""
    moved = [np.flatnonzero(shape.any(1)) for shape in rig.shapes]
    layout = {
        "parts": [[p.name, p.material, p.triangles.start, p.triangles.stop] for p in rig.parts],
        "joints": [[j.name, list(j.channels), j.parent] for j in rig.joints],
        "regions": list(rig.regions),
    }
    assert rig.openness is not None
    return {
        "layout": np.array(json.dumps(layout)),
        "template": rig.template,
        "triangles": rig.triangles,
        "moved": np.concatenate(moved),
        "offsets": np.concatenate([shape[m] for shape, m in zip(rig.shapes, moved, strict=True)]),
        "ends": np.cumsum([len(m) for m in moved]),
        "pivots": np.array([joint.pivot for joint in rig.joints]),
        "follow": np.array([joint.follow for joint in rig.joints]),
        "tint": rig.tint,
        "colours": rig.colours,
        "openness": rig.openness,
        **{f"region_{name}": vertices for name, vertices in rig.regions.items()},
    }


def from_arrays(kept: dict[str, np.ndarray], identity: Identity, detail: str) -> HeadRig:
    """The rig that `to_arrays` took apart.

    Raises:
        KeyError, ValueError: other arrays.
    """
    layout = json.loads(str(kept["layout"]))
    ends = kept["ends"]
    shapes = np.zeros((len(ends), *kept["template"].shape), np.float32)
    for shape, start, end in zip(shapes, [0, *ends[:-1]], ends, strict=True):
        shape[kept["moved"][start:end]] = kept["offsets"][start:end]
    return HeadRig(
        name=f"utterface head, {identity.name}",
        template=kept["template"],
        triangles=kept["triangles"],
        parts=tuple(Part(name, material, slice(start, stop)) for name, material, start, stop in layout["parts"]),
        regions={name: kept[f"region_{name}"] for name in layout["regions"]},
        shapes=shapes,
        joints=tuple(
            Joint(name, pivot, (turns[0], turns[1], turns[2]), follow, parent)
            for (name, turns, parent), pivot, follow in zip(
                layout["joints"], kept["pivots"], kept["follow"], strict=True
            )
        ),
        tint=kept["tint"],
        colours=kept["colours"],
        identity=identity,
        detail=detail,
        openness=kept["openness"],
    )
