"""`utterface bundle`: a trained network, packed to run without the lab."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from utterface.errors import ConfigError


def bundle(
    checkpoint: Path,
    recipe: Path | None = None,
    *overrides: str,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    card: Path | None = None,
) -> int:
    """Pack a checkpoint of `utterface train` as a model bundle, which `animate` or `hear` runs by --model FOLDER.

    Parameters
    ----------
    checkpoint
        best.safetensors or last.safetensors of a training run.
    recipe
        TOML file whose table [bundle] gives licence, provenance, thresholds or windows; default: the checkpoint's own
        recipe.
    overrides
        Changes to the recipe, written bundle.closing=0.5.
    output
        Folder of the bundle.
    card
        The model's card; default: the CARD.md in the folder.
    """
    from utterface.lab.systems.registry import SYSTEMS, record
    from utterface.lab.training.checkpoints import load_average
    from utterface.lab.training.names import load
    from utterface.lab.training.recipe import read_recipe

    _, trained_with, _ = load_average(checkpoint)
    system = trained_with.get("system")
    own = record(system)
    if not own.bundle:
        known = ", ".join(name for name, other in SYSTEMS.items() if other.bundle)
        raise ConfigError(f"{checkpoint} holds the system {system!r}; bundles are made of {known}")
    table = (trained_with if recipe is None else read_recipe(recipe, overrides)).get("bundle")
    if not table:
        raise ConfigError(f"{recipe or checkpoint} has no table [bundle]; give a recipe with licence and provenance")
    if card is not None and not card.is_file():
        raise ConfigError(f"no card at {card}")
    print(load(own.bundle)(checkpoint, output, table, None if card is None else card.read_text("utf-8")))
    return 0
