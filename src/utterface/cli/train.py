"""`utterface train`: a recipe in, checkpoints out."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

Flag = Annotated[bool, Parameter(negative="")]


def train(recipe: Path, *overrides: str, quiet: Flag = False, resume_anyway: Flag = False) -> int:
    """Train what a recipe describes. Stop it at any time: the same command resumes.

    Parameters
    ----------
    recipe
        TOML file, as those in recipes/.
    overrides
        Changes to the recipe, written table.key=value: train.steps=100 data.batch=8.
    quiet
        Print no progress.
    resume_anyway
        Resume the run in train.folder even if it was trained with another corpus or recipe.
    """
    from utterface.lab.systems.registry import train as run
    from utterface.lab.training.recipe import read_recipe

    def report(line: str) -> None:
        if not quiet:
            print(line, file=sys.stderr, flush=True)

    print(run(read_recipe(recipe, overrides), report, resume_anyway))
    return 0
