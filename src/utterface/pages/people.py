"""The people that a page offers beside the default face, packed when the package is built; web/src/people.ts unpacks.

A person is what differs from the default face: parts that both have, with the same triangles, keep those, their
vertices and shapes and add differences; other parts, such as hair, are whole.
"""

from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path

import numpy as np

from utterface.pages.rig import movements, ordered, parts_of, shading
from utterface.pages.sections import Sections, compress
from utterface.rigs import cache
from utterface.rigs.human.build import build
from utterface.rigs.human.data import load
from utterface.rigs.human.identity import DEFAULT, people
from utterface.rigs.human.rig import HeadRig
from utterface.rigs.protocol import Rig

FILE = "people.npz"  # beside this module; person → bytes
STEP = 4e-5  # metres, of places and shapes
_COARSE = {"openness": 4, "colours": 2}  # steps, of 255
LEAST = 5e-5  # metres; shapes that differ less are the same


def offered(rig: Rig) -> dict[str, bytes]:
    """Person → what `pack_person` gave, for pages of the default face; empty for other rigs.

    Empty, too, where the package was built with other code or data of heads.
    """
    if not isinstance(rig, HeadRig) or rig.detail != "high" or rig.identity != people()[DEFAULT]:
        return {}
    with resources.as_file(resources.files("utterface.pages").joinpath(FILE)) as path:
        if not is_current(path):
            return {}
        with np.load(path, allow_pickle=False) as kept:
            return {name: kept[name].tobytes() for name in people() if name != DEFAULT}


def is_current(path: Path) -> bool:
    """Whether a file of people was made by this code from this data."""
    if not path.is_file():
        return False
    with np.load(path, allow_pickle=False) as kept:
        return str(kept["code"]) == cache.source_key()


def write_people(path: Path) -> None:
    """Packs all people; the package build calls it."""
    load()
    with ThreadPoolExecutor() as pool:
        heads = dict(zip(people(), pool.map(lambda identity: build(identity, "high"), people().values()), strict=True))
    base = heads.pop(DEFAULT)
    moves = movements(base)[0]
    packed = {name: np.frombuffer(pack_person(base, rig, moves), np.uint8) for name, rig in heads.items()}
    np.savez(path, code=np.array(cache.source_key()), **packed)  # type: ignore[arg-type]


def pack_person(base: HeadRig, rig: HeadRig, base_moves: dict[str, np.ndarray]) -> bytes:
    """What a page needs to make `rig` of `base`, whose shapes are `movements(base)[0]`."""
    vertices, whole, listed = _matched(base, rig)
    carried = vertices >= 0
    moved = rig.template - np.where(carried[:, None], base.template[vertices], 0)
    sections = Sections()
    sections.add("places", "i16", _unpredicted(np.round(moved / STEP).astype(np.int32), carried).T)
    sections.add("triangles", "u16", np.diff(whole.reshape(-1), prepend=0).astype(np.uint16))
    for (name, _, own), (_, _, of_base) in zip(shading(rig), shading(base), strict=True):
        rows, known = (
            (values.T if name == "jointFollow" else values.reshape(values.shape[0], -1)).astype(np.int32)
            for values in (own, of_base)
        )
        levels = np.trunc((rows - np.where(carried[:, None], known[vertices], 0)) / _COARSE.get(name, 1)).astype(
            np.int32
        )
        sections.add(name, "u8", _unpredicted(levels, carried).T.astype(np.uint8))
    morphs, touched, offsets = [], [], []
    own_moves = movements(rig)[0]
    for channel, known in base_moves.items():
        differing = own_moves[channel] - np.where(carried[:, None], known[vertices], 0)
        at = np.flatnonzero(np.linalg.norm(differing, axis=1) > LEAST)
        if len(at):
            morphs.append({"channel": channel, "count": len(at)})
            touched.append(np.diff(at, prepend=0).astype(np.uint16))
            offsets.append(np.round(differing[at] / STEP).T.reshape(-1))
    sections.add("morphVertices", "u16", np.concatenate(touched))
    sections.add("morphOffsets", "i16", np.concatenate(offsets))
    header = {
        "name": rig.name,
        "step": STEP,
        "coarse": _COARSE,
        "parts": listed,
        "morphs": morphs,
        "pivots": [np.asarray(joint.pivot).tolist() for joint in ordered(rig)],
    }
    return compress(header, sections)


def _matched(base: HeadRig, rig: HeadRig) -> tuple[np.ndarray, np.ndarray, list[dict[str, object]]]:
    """(V,) vertex of `base` or −1, (k, 3) triangles of parts that it lacks, and the parts with what they come from.

    `from` is the first triangle and the first vertex of the part of `base`; null where the part is whole.
    """
    of_base = {part.name: base.triangles[part.triangles] for part in base.parts}
    starts = {part.name: part.triangles.start for part in base.parts}
    vertices, whole, listed = np.full(len(rig.template), -1), [], []
    for part, shown in zip(rig.parts, parts_of(rig), strict=True):
        triangles, known = rig.triangles[part.triangles], of_base.get(part.name)
        first, count = int(triangles.min()), int(np.ptp(triangles)) + 1
        origin = None
        if known is not None and np.array_equal(triangles - first, known - known.min()):
            origin = [starts[part.name], int(known.min())]
            vertices[first : first + count] = np.arange(count) + known.min()
        else:
            whole.append(triangles)
        listed.append({**shown, "vertices": [first, count], "from": origin})
    return vertices, np.concatenate([*whole, np.zeros((0, 3), np.int32)]).astype(np.int32), listed


def _unpredicted(levels: np.ndarray, carried: np.ndarray) -> np.ndarray:
    """(V, k) levels; those of vertices that are not carried as differences to the vertex before."""
    out = levels.copy()
    out[~carried] = np.diff(levels[~carried], axis=0, prepend=0)
    return out
