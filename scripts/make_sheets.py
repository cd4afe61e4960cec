"""Draw sheets of the built-in head beside other rigs: same camera, same light, same weights, no GPU needed.

    python scripts/make_sheets.py docs/pictures/sheets --beside ../shared/assets/avatars/mpfb_arkit52_base.glb \
        --beside ../shared/assets/avatars/ict_neutral_ictnames.glb

Needs the extra `dev` (pillow).
"""

import argparse
from pathlib import Path

import numpy as np
from make_pictures import HELLO, PAPER_RGB, ROOT, grid, label
from PIL import Image

import utterface
from utterface import rigs
from utterface.articulation import EMOTIONS, express, viseme_weights
from utterface.avatars.avatar import Avatar
from utterface.avatars.rig import AvatarRig
from utterface.motion import ARKIT, Motion, rest
from utterface.rigs import Rig
from utterface.rigs.human.identity import people
from utterface.video.painter import Painter

SIZE = (200, 236)
TURNS = (0.0, -40.0, -85.0)  # degrees
LARGEST = 400_000  # bytes of a sheet


def picture(painter: Painter, vertices: np.ndarray, turn: float = 0.0) -> Image.Image:
    """A rig's vertices (V, 3) seen from a side (degrees), on paper."""
    angle, middle = np.radians(turn), painter.camera.centre.astype(np.float32)
    cos, sin = np.cos(angle), np.sin(angle)
    around = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]], np.float32)
    return Image.fromarray(painter.draw((vertices - middle) @ around.T + middle))


def pose(rig: Rig, weights: dict[str, float]) -> np.ndarray:
    """(V, 3) of a rig with some weights; names that it lacks move nothing."""
    values = np.array([[weights.get(channel, 0.0) for channel in rig.channels]], np.float32)
    return rig.vertices(values)[0]


def compared(painters: list[Painter], poses: dict[str, dict[str, float]], columns: int) -> Image.Image:
    """Every pose on every rig, the rigs beside each other."""
    cells = []
    for name, weights in poses.items():
        row = [picture(painter, pose(painter.rig, weights)) for painter in painters]
        cells.append(label(grid(row, len(row), 0), name))
    return grid(cells, columns)


def neutral(painters: list[Painter]) -> Image.Image:
    views = [picture(painter, painter.rig.template, turn) for painter in painters for turn in TURNS]
    return grid(views, len(TURNS), 0)


def sentence(painters: list[Painter], motion: Motion, count: int = 10) -> Image.Image:
    """Frames of a sentence, evenly chosen, a row a rig."""
    frames = np.linspace(0.12, 0.95, count) * len(motion)
    views = []
    for painter in painters:
        values = motion.select(painter.rig.channels)[frames.astype(int)]
        views += [picture(painter, vertices) for vertices in painter.rig.vertices(values)]
    return grid(views, count, 0)


def emotions() -> dict[str, dict[str, float]]:
    shown = {name: express(rest(1), {name: 1.0}) for name in EMOTIONS}
    return {name: {c: float(motion[c][0]) for c in ARKIT} for name, motion in shown.items()}


def everybody() -> Image.Image:
    rows = []
    for name in people():
        painter = Painter(rigs.head(name), *SIZE, PAPER_RGB)
        views = [picture(painter, painter.rig.template, turn) for turn in TURNS]
        rows.append(label(grid(views, len(TURNS), 0), name))
    return grid(rows, 2)


def save(sheet: Image.Image, path: Path) -> None:
    """As WebP, as good as fits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for quality in (85, 75, 60, 45):
        sheet.save(path, quality=quality, method=4)
        if path.stat().st_size <= LARGEST:
            break
    print(f"{path}  {sheet.width} × {sheet.height}, {path.stat().st_size / 1000:.0f} kB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="folder to write to")
    parser.add_argument("--beside", type=Path, action="append", default=[], help="an avatar to draw beside ours")
    kinds = ("neutral", "people", "visemes", "emotions", "sentence", "shapes")
    parser.add_argument("--sheet", choices=kinds, action="append", help="only these; all by default")
    options = parser.parse_args()
    faces: list[Rig] = [rigs.head(), *(AvatarRig.of(Avatar.read(path)) for path in options.beside)]
    painters = [Painter(rig, *SIZE, PAPER_RGB) for rig in faces]
    for kind in options.sheet or kinds:
        if kind == "neutral":
            sheet = neutral(painters)
        elif kind == "people":
            sheet = everybody()
        elif kind == "visemes":
            sheet = compared(painters, viseme_weights(), 3)
        elif kind == "emotions":
            sheet = compared(painters, emotions(), 2)
        elif kind == "shapes":
            sheet = compared(painters, {name: {name: 1.0} for name in ARKIT}, 4)
        else:
            clip = utterface.animate(ROOT / "examples" / "hello.flac", text=HELLO, seed=3)
            sheet = sentence(painters, clip.motion)
        save(sheet, options.out / f"{kind}.webp")


if __name__ == "__main__":
    main()
