"""A checkpoint of a face system → a bundle: representation, embedding, decoder and sampler in one graph."""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from utterface.errors import ConfigError
from utterface.lab.bundles.motion import PackConfig, export_motion, round_gently, round_weights
from utterface.lab.systems.face import FaceSystem
from utterface.lab.systems.face_windows import FaceWindow
from utterface.lab.systems.registry import make_system
from utterface.lab.training.checkpoints import load_average
from utterface.lab.training.recipe import config_from

_MOST_STEPS = 50  # of a sampler: the graph holds the decoder's arithmetic once a step
_DESCRIBED = ("system", "speech", "decoder", "losses", "sampling")  # tables of the recipe that a bundle holds
_SAMPLING = ("sampler", "steps", "guidance")


def export_face(
    checkpoint: str | Path, folder: str | Path, table: Mapping[str, Any] | None = None, card: str | None = None
) -> Path:
    """The averaged weights of a checkpoint as a bundle.

    Args:
        checkpoint: file of `utterface train`, of a system that holds a `FaceSystem`.
        folder: of the bundle; made if need be.
        table: the table [bundle], see `PackConfig`; by default the one of the checkpoint's recipe. It may also hold
            `sampler`, `steps` and `guidance`, which then go before those of the recipe's table [sampling].
        card: text of CARD.md, see `export_motion`.

    Returns:
        The folder.

    Raises:
        ConfigError: a representation that no bundle can hold, too many steps, windows off the grid.
        ModelError: no checkpoint, or a graph whose motion is not the network's.
    """
    weights, recipe, step = load_average(checkpoint)
    table = recipe.get("bundle") if table is None else table
    if not table:
        raise ConfigError(f"{checkpoint} has no table [bundle]; give a recipe with licence and provenance in it")
    sampling = {key: table[key] for key in _SAMPLING if key in table}
    pack = config_from(PackConfig, {k: v for k, v in table.items() if k not in sampling}, "table [bundle]")
    name, windows = str(recipe.get("speech", {}).get("representation", "")), pack.windows
    if name.startswith(("hub:", "folder:")):
        raise ConfigError(f"a bundle cannot hold {name}: it is not ours to ship; train on a representation of ours")
    recipe = {**recipe, "sampling": {**recipe.get("sampling", {}), **sampling}}
    face = getattr(make_system(recipe), "face", None)
    if not isinstance(face, FaceSystem):
        raise ConfigError(f"{checkpoint} holds the system {recipe['system']!r}, which predicts no face")
    face.network.load_state_dict(weights)
    window = FaceWindow(face, windows)
    if len(window.updates) > _MOST_STEPS:
        raise ConfigError(
            f"a bundle unrolls at most {_MOST_STEPS} steps, got {len(window.updates)}; set sampling.steps=10"
        )
    window = deepcopy(window).eval().requires_grad_(False)
    if pack.weights != "floats":
        round_weights(window.network, pack.weights)
        if face.representation.about.codebooks:
            round_gently(window.encoder)
        else:
            round_weights(window.encoder, pack.weights)
    config = window.config(face, Path(folder).name, pack.licence)
    about = {"provenance": list(pack.provenance), "recipe": describe_recipe(recipe), "step": step}
    return export_motion(window, folder, config, about, card)


def describe_recipe(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a recipe that define the network, without places on the machine."""
    described: dict[str, Any] = {key: recipe[key] for key in _DESCRIBED if key in recipe}
    return {**described, "speech": {k: v for k, v in recipe["speech"].items() if k != "store"}}
