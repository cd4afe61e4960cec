"""The house as docs/architecture.md draws it: imports point down, torch stays in the lab, every module has its test."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "utterface"
MODULES = sorted(PACKAGE.rglob("*.py"))
LAB_ONLY = {"torch", "transformers", "accelerate", "safetensors", "onnx", "scipy", "matplotlib"}
# modules without behaviour of their own: contracts, lazy names, entry points
UNTESTED = {"__main__", "lab/__init__", "models/__init__", "rigs/__init__", "rigs/protocol", "engines/contract"}


@cache
def floors() -> dict[str, int]:
    """Room → floor, read from the table in the architecture page."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| `([\w./]+)` \|", text, re.MULTILINE)
    return {room.rstrip("/"): int(floor) for floor, room in rows}


def room_of(dotted: str) -> str:
    """`utterface.export.npz` → `export`; the bare package → `` (it only names things)."""
    return dotted.split(".")[1] if "." in dotted else ""


def imports_of(path: Path) -> set[tuple[str, bool]]:
    """(dotted module, whether it is imported when the file is) for every import outside TYPE_CHECKING."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            child.parent = node  # type: ignore[attr-defined]
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            inside = module == "utterface"
            names = [f"{module}.{alias.name}" for alias in node.names] if inside else [module]
        else:
            continue
        above = list(ancestors(node))
        if any(isinstance(a, ast.If) and "TYPE_CHECKING" in ast.unparse(a.test) for a in above):
            continue
        at_import = not any(isinstance(a, ast.FunctionDef | ast.AsyncFunctionDef) for a in above)
        found |= {(name, at_import) for name in names}
    return found


def ancestors(node: ast.AST):
    while node := getattr(node, "parent", None):
        yield node


def dotted_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_every_room_stands_in_the_table():
    rooms = {room_of(dotted_name(path)) for path in MODULES} - {"", "__main__"}
    assert rooms <= set(floors()), f"not in docs/architecture.md: {sorted(rooms - set(floors()))}"
    assert set(floors()) <= rooms, f"only in docs/architecture.md: {sorted(set(floors()) - rooms)}"


@pytest.mark.parametrize("path", MODULES, ids=dotted_name)
def test_imports_point_down(path):
    here = room_of(dotted_name(path))
    if here in ("", "__main__"):
        return
    for name, _ in imports_of(path):
        if name == "utterface.__version__" or not name.startswith("utterface."):
            continue
        there = room_of(name)
        assert there == here or floors()[there] < floors()[here], (
            f"{dotted_name(path)} (floor {floors()[here]}) imports {name} (floor {floors()[there]})"
        )


@pytest.mark.parametrize("path", MODULES, ids=dotted_name)
def test_the_runtime_imports_nothing_of_the_lab(path):
    if room_of(dotted_name(path)) == "lab":
        return
    heavy = {name for name, _ in imports_of(path) if name.split(".")[0] in LAB_ONLY}
    assert not heavy, f"{dotted_name(path)} imports {sorted(heavy)}"


@pytest.mark.parametrize("path", MODULES, ids=dotted_name)
def test_every_module_has_its_test(path):
    inside = path.relative_to(PACKAGE).with_suffix("").as_posix()
    if inside in UNTESTED or inside == "__init__":
        return
    parts = inside.split("/")
    folder, name = parts[:-1], parts[-1]
    name = name if name != "__init__" else folder[-1]
    candidates = [Path("tests", *folder, f"test_{name}.py"), Path("tests", *folder[:-1], f"test_{name}.py")]
    # a room's small modules may share the room's test
    candidates += [Path("tests", *folder[:i], f"test_{folder[i]}.py") for i in range(len(folder))]
    assert any((ROOT / c).is_file() for c in candidates), f"no {candidates[0]}"


def test_importing_the_package_loads_nothing_heavy():
    loaded = modules_after("import utterface")
    assert not loaded & {"numpy", "torch", "soundfile", "rich", "cyclopts", "onnxruntime"}


def test_the_main_job_loads_no_torch():
    code = (
        "import numpy as np, utterface, utterface.export\n"
        "from utterface.motion import rest\n"
        "utterface.animate, utterface.Clip.from_motion(rest(60))\n"
        "[utterface.export.writer('a' + suffix) for suffix in utterface.export.FORMATS]"
    )
    assert not modules_after(code) & LAB_ONLY


def test_help_loads_nothing_that_it_does_not_need():
    code = "import utterface.cli\nutterface.cli.main(['--help'])"
    assert not modules_after(code) & {"numpy", "torch", "soundfile", "soxr", "pocketsphinx", "onnxruntime", "pygltflib"}


def modules_after(code: str) -> set[str]:
    """Top-level modules that a fresh interpreter holds after running `code`."""
    show = "\nimport sys; print('\\n' + ' '.join(sorted({m.split('.')[0] for m in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", code + show], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())
