"""A rig as pictures by OpenGL: the same camera, light and tone as `painter` has, where a driver is installed."""

from typing import Any

import numpy as np

from utterface.errors import ConfigError
from utterface.rigs import Rig
from utterface.video import shot
from utterface.video.shot import Shot, unit
from utterface.video.tone import BRIGHTEST, SOFT

SAMPLES = 8  # of a pixel, or as many as the driver has
_EYES = 4  # corneas with a glint, at most
_SOFTWARE = ("llvmpipe", "softpipe", "swiftshader", "software", "basic render")
_NEAR, _FAR = 0.6, 1.6  # of the camera's distance

_VERTEX = """#version 330
uniform vec3 centre; uniform vec2 scale; uniform float away;
uniform mat3 lights; uniform mat3 halves; uniform mat3 colours; uniform vec3 sky, ground;
in vec3 place; in vec3 facing; in vec4 surface; in vec2 kind;
noperspective centroid out vec3 light; flat out float eye;
void main() {
    vec3 at = place - centre;
    float w = (away - at.z) / away, open = surface.a;
    gl_Position = vec4(at.xy * scale, ((FAR + NEAR) * w - 2.0 * FAR * NEAR) / (FAR - NEAR), w);
    vec3 sum = (ground + (facing.y / 2.0 + 0.5) * (sky - ground)) * open;
    float shine = 0.0;
    for (int i = 0; i < 3; i++) {
        float amount = max((dot(facing, lights[i]) + WRAP) / (1.0 + WRAP), 0.0);
        sum += amount * colours[i] * (0.35 + 0.65 * open);
        float brightest = max(colours[i].r, max(colours[i].g, colours[i].b));
        shine += pow(max(dot(facing, halves[i]), 1e-6), SHINE) * brightest;
    }
    light = surface.rgb * sum + GLOSS * kind.x * open * shine;
    eye = kind.y;
}"""
_FRAGMENT = """#version 330
uniform vec2 glints[EYES]; uniform int corneas; uniform float radius;
noperspective centroid in vec3 light; flat in float eye;
out vec4 colour;
void main() {
    vec3 sum = max(light, 0.0);
    for (int i = 0; i < corneas && eye > 0.0; i++) {
        vec2 off = gl_FragCoord.xy - glints[i];
        sum += GLINT * exp(-2.0 * dot(off, off) / (radius * radius));
    }
    colour = vec4(sum, 1.0);
}"""
_WHOLE = """#version 330
in vec2 corner; void main() { gl_Position = vec4(corner, 0.0, 1.0); }"""
_TONE = """#version 330
uniform sampler2D picture; uniform vec3 background; uniform bool clear;
out vec4 colour;
vec3 tone(vec3 linear) {
    vec3 l = clamp(linear, 0.0, BRIGHTEST);
    l /= 1.0 + SOFT * l;
    return mix(12.92 * l, 1.055 * pow(max(l, 1e-9), vec3(1.0 / 2.4)) - 0.055, step(0.0031308, l));
}
void main() {
    vec4 drawn = texelFetch(picture, ivec2(gl_FragCoord.x, textureSize(picture, 0).y - 1 - int(gl_FragCoord.y)), 0);
    if (clear) colour = drawn.a > 0.0 ? vec4(tone(drawn.rgb / drawn.a), drawn.a) : vec4(0.0);
    else if (drawn.a == 0.0) colour = vec4(background, 1.0);
    else colour = vec4(tone(drawn.rgb + (1.0 - drawn.a) * pow(background, vec3(2.2))), 1.0);
}"""


def context(any_driver: bool) -> Any:
    """A context of OpenGL 3.3 without a window, also by a driver that draws in software where any will do.

    Raises:
        ConfigError: moderngl or such a driver is missing.
    """
    try:
        import moderngl
    except ImportError:
        raise ConfigError("drawing by OpenGL needs moderngl: pip install 'utterface[video]'") from None
    reasons = []
    settings: tuple[dict[str, Any], ...] = ({}, {"backend": "egl"})  # a window system's context, then one without any
    for each in settings:
        try:
            made = moderngl.create_standalone_context(require=330, **each)
        except Exception as error:  # drivers raise whatever they like
            reasons.append(str(error).strip() or type(error).__name__)
            continue
        driver = made.info["GL_RENDERER"]
        if any_driver or not any(name in driver.lower() for name in _SOFTWARE):
            return made
        made.release()
        reasons.append(f"{driver} draws in software, more slowly than Numba's loops")
    raise ConfigError(f"OpenGL cannot be opened ({'; '.join(dict.fromkeys(reasons))}); leave --renderer out")


class GlPainter(Shot):
    """Draws a rig by OpenGL. It belongs to the thread that made it.

    Raises:
        ConfigError: see `context`.
    """

    def __init__(
        self, rig: Rig, width: int, height: int, background: tuple[int, int, int] | None, any_driver: bool = True
    ) -> None:
        self.background, self.gl = background, context(any_driver)
        super().__init__(rig, width, height)
        size, samples = (width, height), min(SAMPLES, self.gl.max_samples)
        buffers = [self.gl.renderbuffer(size, 4, samples=samples, dtype="f2")]
        self.many = self.gl.framebuffer(buffers, self.gl.depth_renderbuffer(size, samples=samples))
        self.picture = self.gl.texture(size, 4, dtype="f2")
        self.resolved = self.gl.framebuffer([self.picture])
        self.screen = self.gl.simple_framebuffer(size, 4)
        self.program = self._program(_VERTEX, _FRAGMENT)
        self._geometry()
        self.tone = self._program(_WHOLE, _TONE)
        self.tone["background"] = tuple(np.array(background or (0, 0, 0)) / 255)
        self.tone["clear"] = background is None
        whole = self.gl.buffer(np.array([-1, -1, 3, -1, -1, 3], np.float32))
        self.whole = self.gl.vertex_array(self.tone, [(whole, "2f", "corner")])

    def _program(self, vertex: str, fragment: str) -> Any:
        numbers = {
            "FAR": _FAR, "NEAR": _NEAR, "WRAP": shot.WRAP, "SHINE": float(shot.SHINE), "GLOSS": shot.GLOSS,
            "GLINT": shot.GLINT, "EYES": _EYES, "BRIGHTEST": BRIGHTEST, "SOFT": SOFT,
        }  # fmt: skip
        defines = "".join(f"#define {name} {value}\n" for name, value in numbers.items())
        shaders = [text.replace("#version 330\n", f"#version 330\n{defines}", 1) for text in (vertex, fragment)]
        return self.gl.program(vertex_shader=shaders[0], fragment_shader=shaders[1])

    def _geometry(self) -> None:
        """The buffers, and what never changes."""
        camera, count = self.camera, len(self.source)
        eyes = np.zeros((count, 1))
        eyes[self.triangles[self.of(shot.EYES)]] = 1
        fixed = np.hstack([self.albedo, self.open, self.gloss, eyes]).astype(np.float32)
        thin = self.thin
        self.moving = self.gl.buffer(reserve=count * 24, dynamic=True)
        attributes = [(self.moving, "3f 3f", "place", "facing"), (self.gl.buffer(fixed), "4f 2f", "surface", "kind")]
        self.meshes = [
            (two_sided, self.gl.vertex_array(self.program, attributes, self.gl.buffer(chosen.astype(np.int32)), 4))
            for two_sided, chosen in ((False, self.triangles[~thin]), (True, self.triangles[thin]))
            if len(chosen)
        ]
        ways = np.array([unit(place) for place, _ in shot.LIGHTS])
        uniforms = {
            "centre": camera.centre, "scale": 2 * camera.scale / np.array([self.width, self.height]),
            "away": [camera.away], "lights": ways, "halves": [unit(way + shot.TO_CAMERA) for way in ways],
            "colours": [colour for _, colour in shot.LIGHTS], "sky": shot.SKY, "ground": shot.GROUND,
            "radius": [shot.GLINT_MM / 1000 * camera.scale],
        }  # fmt: skip
        for name, value in uniforms.items():
            self.program[name].write(np.asarray(value, np.float32).tobytes())

    def draw(self, vertices: np.ndarray) -> np.ndarray:
        """(H, W, 3) uint8 of (V, 3) vertices over the background; (H, W, 4) with straight alpha where it has none."""
        facing = self.normals(vertices)
        self.moving.write(np.hstack([vertices, facing])[self.source].astype(np.float32))
        glints = np.zeros((_EYES, 2), np.float32)
        places = self.glints(self.camera.project(vertices), facing)[:_EYES]
        for number, (x, y) in enumerate(places):
            glints[number] = x, self.height - y
        self.program["glints"].write(glints.tobytes())
        self.program["corneas"] = len(places)
        self.many.use()
        self.gl.enable(self.gl.DEPTH_TEST)
        self.many.clear(0.0, 0.0, 0.0, 0.0)
        for thin, mesh in self.meshes:
            (self.gl.disable if thin else self.gl.enable)(self.gl.CULL_FACE)
            mesh.render()
        self.gl.copy_framebuffer(self.resolved, self.many)
        self.screen.use()
        self.gl.disable(self.gl.DEPTH_TEST | self.gl.CULL_FACE)
        self.picture.use()
        self.whole.render()
        channels = 4 if self.background is None else 3
        drawn = np.frombuffer(self.screen.read(components=channels, alignment=1), np.uint8)
        return drawn.reshape(self.height, self.width, channels)
