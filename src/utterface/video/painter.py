"""A rig as pictures without a GPU: light at the vertices, colours between them, nine samples a pixel."""

import numpy as np

from utterface.rigs import Rig
from utterface.video import shot
from utterface.video.raster import SIDE, Surface, Tone, drawn
from utterface.video.shot import Shot, unit
from utterface.video.tone import BRIGHTEST, CURVE, SOFT, linear

_SKY, _GROUND = np.array(shot.SKY, np.float32), np.array(shot.GROUND, np.float32)


class Painter(Shot):
    """Draws a rig.

    Args:
        rig: what is drawn.
        width, height: pixels.
        background: red, green and blue, 0…255; None is transparent.
    """

    def __init__(self, rig: Rig, width: int, height: int, background: tuple[int, int, int] | None = None) -> None:
        super().__init__(rig, width, height)
        cut = np.array([np.ceil(255 * surface.opaque) for surface in self.surfaces], np.uint8)
        cut[self.sheets[:, 2] == 0] = 0
        self.surface = Surface(
            triangles=self.triangles.astype(np.int32),
            parts=self.part.astype(np.int32),
            thin=self.thin,
            eyes=self.of(shot.EYES),
            sheets=self.sheets[self.part],
            opaque=cut[self.part],
            uv=self.uv,
            texels=self.texels,
        )
        screen = np.array(background or (0, 0, 0), np.uint8)
        behind = linear(screen / 255)
        self.tone = Tone(
            linear=linear(np.arange(256) / 255).astype(np.float32),
            curve=CURVE,
            brightest=BRIGHTEST,
            background=screen,
            behind=(behind / (1 - SOFT * behind)).astype(np.float32),
            clear=background is None,
        )

    def draw(self, vertices: np.ndarray) -> np.ndarray:
        """(H, W, 3) uint8 of (V, 3) vertices over the background; (H, W, 4) with straight alpha where it has none."""
        points, facing = self.camera.project(vertices), self.normals(vertices)
        glints = np.array(self.glints(points, facing), np.float32).reshape(-1, 2) * SIDE
        points = (points * np.array([SIDE, SIDE, 1], np.float32))[self.source]
        radius = SIDE * shot.GLINT_MM / 1000 * self.camera.scale
        colours, size = self._lit(facing[self.source]), (self.width, self.height)
        picture: np.ndarray = drawn(points, self.surface, colours, glints, shot.GLINT, radius, self.tone, *size)
        return picture if self.tone.clear else np.ascontiguousarray(picture[:, :, :3])

    def _lit(self, facing: np.ndarray) -> np.ndarray:
        """(n, 3) float32 linear colours of the cut vertices with (n, 3) normals."""
        light = (_GROUND + (facing[:, 1:2] / 2 + 0.5) * (_SKY - _GROUND)) * self.open
        shine = np.zeros((len(facing), 1), np.float32)
        for place, colour in shot.LIGHTS:
            way = unit(place)
            amount = np.maximum((facing @ way.astype(np.float32) + shot.WRAP) / (1 + shot.WRAP), 0)[:, None]
            light += amount * (np.array(colour, np.float32) * (0.35 + 0.65 * self.open))
            spot = np.maximum(facing @ unit(way + shot.TO_CAMERA).astype(np.float32), 0)
            shine[:, 0] += spot**shot.SHINE * np.float32(max(colour))
        lit: np.ndarray = self.albedo * light + shot.GLOSS * self.gloss * self.open * shine
        return np.where(self.unlit, self.albedo, lit)
