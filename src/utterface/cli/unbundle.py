"""`utterface unbundle`: a bundle, opened so that training goes on from it."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def unbundle(
    model: str,
    recipe: Path,
    *overrides: str,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
) -> int:
    """Write the weights of a bundle as a checkpoint, from which a run of its recipe begins.

    Parameters
    ----------
    model
        Bundle that says articulators, or a voice, by name or folder.
    recipe
        TOML file of the animator; its corpora are heard, and its network may have controls and taps that the bundle
        has not. Of a voice that of its listener (whose head of units begins anew) or of its vocoder.
    overrides
        Changes to it, written network.dropout=0.1.
    output
        The checkpoint.
    """
    from utterface.engines import bundles, voices
    from utterface.lab.training.recipe import read_recipe
    from utterface.lab.unbundle import unbundle as open_up

    print(open_up((voices() | bundles()).get(model, Path(model)), read_recipe(recipe, overrides), output))
    return 0
