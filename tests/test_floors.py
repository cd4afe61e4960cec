"""The house as docs/architecture.md draws it: imports point down, torch stays in the lab, every module has its test."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "utterface"
MODULES = sorted(PACKAGE.rglob("*.py"))
LAB_ONLY = {
    "torch",
    "transformers",
    "accelerate",
    "safetensors",
    "onnx",
    "scipy",
    "matplotlib",
    "pystoi",
    "pesq",
    "ray",
}
# contracts, names and entry points: nothing that could break by itself
UNTESTED = {
    "tests/test___main__.py",
    "tests/test_errors.py",
    "tests/rigs/test_protocol.py",
    "tests/formats/test_contract.py",
    "tests/recognise/test_contract.py",
    "tests/test_engines.py",  # a registry: tests/engines opens every entry
    "tests/test_rigs.py",  # a door: tests/rigs goes through it
}


@cache
def floors() -> dict[str, int]:
    """Room → floor, read from the table in the architecture page."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| `([\w./]+)` \|", text, re.MULTILINE)
    return {room.rstrip("/"): int(floor) for floor, room in rows}


def room_of(dotted: str) -> str:
    """`utterface.formats.npz` → `export`; the bare package → `` (it only names things)."""
    return dotted.split(".")[1] if "." in dotted else ""


def imports_of(path: Path) -> dict[str, bool]:
    """Dotted module → whether it is imported when the file is, for every import outside TYPE_CHECKING."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            child.parent = node  # type: ignore[attr-defined]
    found: dict[str, bool] = {}
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
        found |= {name: at_import or found.get(name, False) for name in names}
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


def test_imports_point_down():
    upward = []
    for path in MODULES:
        here = room_of(dotted_name(path))
        if here in ("", "__main__"):
            continue
        for name in imports_of(path):
            there = room_of(name) if name.startswith("utterface.") else here
            if there in ("", "__version__", here) or floors()[there] < floors()[here]:
                continue
            upward.append(f"{dotted_name(path)} (floor {floors()[here]}) imports {name} (floor {floors()[there]})")
    assert not upward


def test_the_runtime_imports_nothing_of_the_lab():
    heavy = [
        f"{dotted_name(path)} imports {name}"
        for path in MODULES
        if room_of(dotted_name(path)) not in ("lab", "cli")
        for name in imports_of(path)
        if name.split(".")[0] in LAB_ONLY or name.startswith("utterface.lab")
    ]
    assert not heavy


def test_the_command_line_imports_the_lab_only_inside_functions():
    early = [
        f"{dotted_name(path)} imports {name}"
        for path in (PACKAGE / "cli").glob("*.py")
        for name, at_import in imports_of(path).items()
        if at_import and (name.split(".")[0] in LAB_ONLY or name.startswith("utterface.lab"))
    ]
    assert not early


def test_every_module_has_its_test():
    places = [places_of_test(path) for path in MODULES if has_behaviour(path)]
    missing = [own.as_posix() for own, *others in places if not any((ROOT / t).is_file() for t in (own, *others))]
    assert not [name for name in missing if name not in UNTESTED]


def has_behaviour(path: Path) -> bool:
    """Whether a module defines anything that can be called; a docstring and a list of names cannot."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in ast.walk(tree))


def places_of_test(path: Path) -> list[Path]:
    """Where the test of a module may stand: mirrored, or (for small modules of one room) in the room's own test."""
    *folder, name = path.relative_to(PACKAGE).with_suffix("").parts
    if name == "__init__":
        name = folder.pop() if folder else "utterface"
    own = Path("tests", *folder, f"test_{name}.py")
    inside = Path("tests", *folder, name, f"test_{name}.py")
    rooms = [Path("tests", *folder[:i], f"test_{folder[i]}.py") for i in range(1, len(folder))]
    return [own, inside, *rooms]


def test_importing_the_package_loads_nothing_heavy():
    loaded = modules_after("import utterface")
    assert not loaded & {"numpy", "torch", "soundfile", "rich", "cyclopts", "onnxruntime"}


def test_the_main_job_loads_no_torch():
    code = (
        "import numpy as np, utterface, utterface.formats\n"
        "from utterface.motion import rest\n"
        "utterface.animate, utterface.Clip.from_motion(rest(60))\n"
        "[each.writer() for each in utterface.formats.FORMATS.values()]"
    )
    assert not modules_after(code) & LAB_ONLY


def test_help_loads_nothing_that_it_does_not_need():
    code = "import utterface.cli\nutterface.cli.main(['--help'])"
    assert not modules_after(code) & {"numpy", "torch", "soundfile", "soxr", "pocketsphinx", "onnxruntime"}


def modules_after(code: str) -> set[str]:
    """Top-level modules that a fresh interpreter holds after running `code`."""
    show = "\nimport sys; print('\\n' + ' '.join(sorted({m.split('.')[0] for m in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", code + show], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())
