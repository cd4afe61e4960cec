"""Write requirements.lock: exact versions and hashes of everything that tests, lab and site install.

    python scripts/make_lock.py [--find-links FOLDER]        needs uv (pip install uv) and a package index

For CPython 3.11 on Linux x86-64; .ci/run installs from it there. torch has a version (constraints.txt) and no hash: its
CPU build has other bytes wherever it is served. The packages that build our own are in the file too, so that .ci/run
fetches nothing else to build it.
"""

import argparse
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
EXTRAS = ("lab", "dev", "docs", "languages", "words")
HEAD = """\
# Made by scripts/make_lock.py for CPython 3.11 on Linux x86-64; torch is left out, see there. Install:
#   pip install -c constraints.txt torch && pip install --require-hashes --no-deps -r requirements.lock
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--find-links", help="folder with a CPU build of torch, where the index has none")
    found = parser.parse_args().find_links
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    command = ["uv", "pip", "compile", "pyproject.toml", "-", "-c", "constraints.txt", "--generate-hashes", "--upgrade"]
    command += [word for extra in EXTRAS for word in ("--extra", extra)]
    command += ["--python-version", "3.11", "--python-platform", "x86_64-manylinux_2_28"]
    command += ["--no-emit-package", "torch", "--no-header", "--no-annotate", "--quiet"]
    command += ["--find-links", found] if found else []
    build = "\n".join([*project["build-system"]["requires"], "editables"])  # hatchling asks for it in `pip install -e`
    done = subprocess.run(command, input=build, capture_output=True, text=True, cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    LOCK.write_text(HEAD + done.stdout.partition("\n# The following packages were excluded")[0].rstrip() + "\n")


if __name__ == "__main__":
    main()
