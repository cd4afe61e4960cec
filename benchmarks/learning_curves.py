"""What bounds the animator: trains its recipe with fewer people, at other sizes and look-aheads, and prints the curves.

    python benchmarks/learning_curves.py recipes/animator.toml -o curves/ [--steps 800] [--into PAGE.md]

Eight short runs, two at a time; stop it at any time, the same command goes on. `--into` puts the table between a page's
marks of measured tables. Changes to the recipe may follow it, written table.key=value.
"""

import argparse
import sys
from pathlib import Path

from utterface.lab.studies.learning import study, to_markdown
from utterface.lab.studies.markdown import put_into, write_both
from utterface.lab.training.recipe import read_recipe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipe", type=Path)
    parser.add_argument("overrides", nargs="*", help="changes to the recipe, written table.key=value")
    parser.add_argument("-o", "--output", type=Path, default=Path("curves"))
    parser.add_argument("--steps", type=int, default=800, help="length of a run")
    parser.add_argument("--processes", type=int, default=2, help="runs at once, a thread each")
    parser.add_argument("--into", type=Path, help="a page whose measured table is replaced")
    given = parser.parse_intermixed_args()
    recipe = read_recipe(given.recipe, given.overrides)
    found = study(recipe, given.output, given.steps, given.processes, tell=lambda line: print(line, file=sys.stderr))
    write_both("learning", found, to_markdown(found), given.output)
    if given.into:
        put_into(given.into, to_markdown(found))
    print(to_markdown(found))


if __name__ == "__main__":
    main()
