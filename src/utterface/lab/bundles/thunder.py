"""A checkpoint of `thunder` → a bundle: samples and noise in, a face out, every step of the sampler in the graph."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from utterface.lab.bundles.motion import PackConfig
from utterface.lab.bundles.tokens_to_faces import bundle_table, export_window, tell
from utterface.lab.systems.thunder import ThunderWindow, alive_in, make
from utterface.lab.training.checkpoints import load_average
from utterface.lab.training.recipe import config_from


def export_thunder(
    checkpoint: str | Path, folder: str | Path, table: Mapping[str, Any] | None = None, card: str | None = None
) -> Path:
    """The averaged weights of a checkpoint as a bundle.

    Args:
        checkpoint: file of `utterface train`, of the system `thunder`.
        folder: where the bundle goes; made if need be.
        table: the table [bundle], see `PackConfig`; by default the one of the checkpoint's recipe. Beside it `sampler`,
            `steps` and `guidance` may stand, which then go before those of the recipe's table [sampling].
        card: text of CARD.md, see `export_motion`.

    Returns:
        The folder.

    Raises:
        ConfigError: a representation that no bundle can hold, too many steps, windows off the grid.
        ModelError: no checkpoint, or a graph that does not give what the network gives.
    """
    weights, recipe, step = load_average(checkpoint)
    table = bundle_table(checkpoint, recipe, table)
    sampling = {key: table[key] for key in ("sampler", "steps", "guidance") if key in table}
    pack = config_from(PackConfig, {k: v for k, v in table.items() if k not in sampling}, "table [bundle]")
    recipe = {**recipe, "sampling": {**recipe.get("sampling", {}), **sampling}}
    system = make(recipe)
    system.network.load_state_dict(weights)
    window = ThunderWindow(system, pack.windows)
    about = {"recipe": tell(recipe), "step": step}
    return export_window(window, system, folder, pack, about, card, alive_in(system.data.channels))
