"""`utterface solve`: moving vertices to blendshape weights, and back."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from utterface.cli.animate import Flag
from utterface.cli.lines import printable
from utterface.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np

    from utterface.rigs import Rig, Strengths

HEAD = "head"


@Parameter(name="*")
@dataclass(frozen=True)
class StrengthOptions:
    """What the solver holds weights to, beside the vertices.

    Parameters
    ----------
    preset
        Strengths to begin with: plain (closeness alone) or audio2face.
    l1
        Strength with which few shapes are used at a time, as in Audio2Face.
    l2
        Strength with which weights are kept small.
    symmetry
        Strength with which left and right are kept alike.
    temporal
        Strength with which weights change slowly.
    """

    preset: Literal["plain", "audio2face"] = "plain"
    l1: float | None = None
    l2: float | None = None
    symmetry: float | None = None
    temporal: float | None = None

    def strengths(self) -> "Strengths":
        """The preset with the strengths that are given; ConfigError for negative ones."""
        given = {"l1": self.l1, "l2": self.l2, "symmetry": self.symmetry, "temporal": self.temporal}
        return strengths_of(self.preset, given)


_STRENGTHS = StrengthOptions()


def solve(
    file: Path,
    /,
    *,
    output: Annotated[list[str], Parameter(name=["--output", "-o"], negative="")],
    rig: str = HEAD,
    landmarks: Path | None = None,
    neutral: Path | None = None,
    to: Literal["weights", "vertices"] = "weights",
    audio: Path | None = None,
    frame_rate: float | None = None,
    flame: Path | None = None,
    held: StrengthOptions = _STRENGTHS,
    still: Flag = False,
) -> None:
    """Turn moving vertices into blendshape weights, or weights into vertices.

    Parameters
    ----------
    file
        Vertices of a mesh: .npy (frames, vertices, 3), .pc2, .mdd, or .npz with FLAME's expressions and jaw. With --to
        vertices: motion (.csv, .npz, .glb, .json).
    output
        File to write, weights in any format of animate. With --to vertices: .npy, .pc2 or .mdd. May be given several
        times.
    rig
        Mesh with ARKit's shapes and the same vertices: head (the built-in one), a .glb, .gltf or .vrm file, or .npz
        with neutral, poseNames and a shape a name. Meshes without shapes get the built-in head's: your FLAME model
        (.pkl; VOCASET has its mesh), or an .obj (BIWI) with --landmarks.
    landmarks
        TOML file that names vertices of an .obj in [landmarks], as --add-shapes of animate takes them.
    neutral
        The speaker's own face at rest in the mesh's vertices (.npy or .obj), where it is not that of the rig.
    to
        weights or vertices.
    audio
        The sound that belongs to it.
    frame_rate
        Frames a second of a file that does not name them; 30.
    flame
        Your FLAME model (generic_model.pkl), for .npz.
    still
        The vertices hold no turn of the head; else each frame is laid on the rig first.
    """
    from utterface import formats

    mesh = read_rig(rig, landmarks)
    if to == "vertices":
        _to_vertices(file, output, mesh)
        return
    formats.check(*output)
    from utterface.clip import Clip
    from utterface.formats import vertices
    from utterface.motion import Motion
    from utterface.rigs import solve as weights_of

    moved, rate = vertices.read(file, len(mesh.template), frame_rate, flame)
    if neutral is not None:
        moved = moved - _at_rest(neutral, mesh) + mesh.template
    solution = weights_of(mesh, moved, held.strengths(), still=still)
    Clip.from_motion(Motion(solution.weights, solution.channels, rate), audio).save(*output)
    print(
        f"{printable(file.name)}: {len(moved)} frames at {rate:g} a second, {len(solution.channels)} shapes, "
        f"{solution.error_mm.mean():.3f} mm from the vertices (at most {solution.error_mm.max():.3f} mm in a frame)"
    )
    print("\n".join(f"wrote {printable(formats.find(target)[1])}" for target in output))


def read_rig(name: str, landmarks: Path | None = None) -> "Rig":
    """The built-in head, an avatar's file, arrays of shapes, or a mesh of research with the head's shapes."""
    from utterface import rigs

    if name == HEAD:
        return rigs.head()
    if name.lower().endswith((".pkl", ".obj")):
        from utterface.avatars import research
        from utterface.avatars.settings import Settings
        from utterface.rigs.flame import read_flame

        if name.lower().endswith(".pkl"):
            return research.of_flame(read_flame(name), rigs.head())
        return research.of_mesh(Path(name), Settings.read(landmarks) if landmarks else Settings(), rigs.head())
    if name.lower().endswith(".npz"):
        from utterface.rigs.shapes import read_shapes

        return read_shapes(Path(name))
    from utterface.avatars.avatar import Avatar
    from utterface.avatars.rig import AvatarRig

    return AvatarRig.of(Avatar.read(name))


def _at_rest(path: Path, mesh: "Rig") -> "np.ndarray":
    """(V, 3) vertices of a face at rest."""
    from utterface.avatars.research import read_obj
    from utterface.formats import vertices

    is_mesh = path.suffix.lower() == ".obj"
    rest = read_obj(path)[0] if is_mesh else vertices.read_array(path).reshape(-1, 3)
    if rest.shape != mesh.template.shape:
        raise ConfigError(f"--neutral {path} has {len(rest)} vertices, {mesh.name} has {len(mesh.template)}")
    return rest


def strengths_of(preset: str, given: dict[str, float | None]) -> "Strengths":
    """A preset with the strengths that are given; ConfigError for negative ones."""
    from dataclasses import replace

    from utterface.rigs.solver import AUDIO2FACE, Strengths

    for name, value in given.items():
        if value is not None and not 0 <= value < float("inf"):
            raise ConfigError(f"--{name} must be 0 or more, got {value}")
    plain = AUDIO2FACE if preset == "audio2face" else Strengths()
    return replace(plain, **{name: value for name, value in given.items() if value is not None})


def _to_vertices(file: Path, output: list[str], mesh: "Rig") -> None:
    from utterface import formats
    from utterface.files import replacing
    from utterface.formats import vertices
    from utterface.formats.grid import from_zero

    clip = formats.read(file)
    arrays = [Path(name) for name in output if name.lower().endswith(".npy")]
    others = [name for name in output if Path(name) not in arrays]
    if wrong := [name for name in others if Path(name).suffix.lower() not in (".pc2", ".mdd")]:
        raise ConfigError(f"cannot write vertices to {wrong[0]}; give .npy, .pc2 or .mdd")
    if others:
        clip.save(*others, rig=mesh)
    for path in arrays:
        with replacing(path) as temporary:
            vertices.write(temporary, mesh.vertices(from_zero(clip.motion).select(mesh.channels)))
    print("\n".join(f"wrote {printable(name)}" for name in output))
