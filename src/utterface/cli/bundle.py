"""`utterface bundle`: a trained network, packed to run without the lab."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def bundle(
    checkpoint: Path,
    recipe: Path,
    *overrides: str,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    card: Path | None = None,
) -> int:
    """Pack a checkpoint of `utterface train` as a model bundle, which `utterface animate --model FOLDER` runs.

    Parameters
    ----------
    checkpoint
        best.safetensors or last.safetensors of a training run.
    recipe
        TOML file whose table [bundle] says licence, provenance and thresholds.
    overrides
        Changes to it, written bundle.closing=0.5.
    output
        Folder of the bundle.
    card
        The model's card; by default the CARD.md that lies in the folder already.
    """
    from utterface.errors import ConfigError
    from utterface.lab.bundle import export
    from utterface.lab.train import read_recipe

    card = card or output / "CARD.md"
    if not card.is_file():
        raise ConfigError(f"no card at {card}; say with --card where it is: a bundle tells what it was made of")
    about = read_recipe(recipe, overrides).get("bundle")
    if not about:
        raise ConfigError(f"{recipe} has no table [bundle]; add one with licence, provenance, closing and resting")
    print(export(checkpoint, output, card.read_text("utf-8"), about))
    return 0
