"""`utterface train`: a recipe in, checkpoints out."""

import sys
from pathlib import Path


def train(recipe: Path, *overrides: str, quiet: bool = False) -> int:
    """Train what a recipe describes; stop it at any time, the same command goes on where it stopped.

    Parameters
    ----------
    recipe
        TOML file, as those in recipes/.
    overrides
        Changes to it, written table.key=value: train.steps=100 data.batch=8.
    quiet
        Print nothing on the way.
    """
    from utterface.lab.training.loop import read_recipe
    from utterface.lab.training.loop import train as run

    def report(line: str) -> None:
        if not quiet:
            print(line, file=sys.stderr, flush=True)

    checkpoint = run(read_recipe(recipe, overrides), report)
    print(checkpoint)
    return 0
