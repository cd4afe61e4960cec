"""The house as docs/architecture.md draws it: imports point down, torch stays in the lab, every module has its test."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

from utterface.errors import LAB_PACKAGES

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "utterface"
MODULES = sorted(PACKAGE.rglob("*.py"))
LAB_ONLY = {*LAB_PACKAGES, "pesq", "ray"}
CONVERTER = ("utterface.recognise.whisper.graph", "onnx")  # of the extra `words`, imported where it converts
# contracts, names and entry points: nothing that could break by itself
UNTESTED = {
    "tests/test___main__.py",
    "tests/test_errors.py",
    "tests/rigs/test_protocol.py",
    "tests/formats/test_contract.py",
    "tests/recognise/test_contract.py",
    "tests/lab/training/test_contract.py",
    "tests/test_engines.py",  # a registry: tests/engines opens every entry
    "tests/test_rigs.py",  # a door: tests/rigs goes through it
}
# class names that two modules define; only ever shorter
KNOWN_TWINS: set[str] = set()
MOST_LINES = 450


@cache
def table() -> dict[str, int]:
    """Room → floor, read from both tables in the architecture page; rooms of the lab are written `lab/room`."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| `([\w./]+)` \|", text, re.MULTILINE)
    return {room.rstrip("/"): int(floor) for floor, room in rows}


def floors() -> dict[str, int]:
    """The rooms of the whole house."""
    return {room: floor for room, floor in table().items() if "/" not in room}


def lab_floors() -> dict[str, int]:
    """The rooms of the lab, without `lab/`; `room/file` is a file on a floor of its own."""
    return {room.removeprefix("lab/"): floor for room, floor in table().items() if room.startswith("lab/")}


def room_of(dotted: str) -> str:
    """`utterface.formats.npz` → `formats`; the bare package → `` (it only names things)."""
    return dotted.split(".")[1] if "." in dotted else ""


def lab_room_of(dotted: str) -> str:
    """`utterface.lab.networks.mesh` → `networks`; a file with a row of its own → `room/file`."""
    inside = dotted.split(".")[2:]
    own = "/".join(inside[:2])
    return own if own in lab_floors() else (inside or [""])[0]


@cache
def tree_of(path: Path) -> ast.Module:
    """Syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports_of(path: Path) -> dict[str, bool]:
    """Dotted module → whether it is imported when the file is, for every import outside TYPE_CHECKING."""
    tree = tree_of(path)
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


def test_every_room_of_the_lab_stands_in_its_table():
    inside = [path for path in MODULES if path.is_relative_to(PACKAGE / "lab") and path.parent != PACKAGE / "lab"]
    rooms = {lab_room_of(dotted_name(path)) for path in inside}
    assert rooms == set(lab_floors())
    assert [path.name for path in (PACKAGE / "lab").glob("*.py")] == ["__init__.py"], "loose files in the lab"


def test_imports_point_down_in_the_lab():
    known, upward = lab_floors(), []
    for path in (PACKAGE / "lab").glob("*/**/*.py"):
        here = lab_room_of(dotted_name(path))
        for name in imports_of(path):
            if name.startswith("utterface.lab."):
                there = lab_room_of(name)
                if there != here and known[there] >= known[here]:
                    upward.append(f"{dotted_name(path)} (floor {known[here]}) imports {name} (floor {known[there]})")
    assert not upward


@cache
def graph() -> dict[str, set[str]]:
    """Module → the modules it imports, inside functions too; the bare package, which only names things, left out."""
    names = {dotted_name(path): path for path in MODULES}
    names.pop("utterface")
    arrows: dict[str, set[str]] = {}
    for name, path in names.items():
        tree = tree_of(path)
        modules = set(imports_of(path))
        for node in ast.walk(tree):  # `from package import module` is an import of the module
            if isinstance(node, ast.ImportFrom) and node.module in modules:
                inner = {f"{node.module}.{alias.name}" for alias in node.names} & names.keys()
                others = len(inner) < len(node.names)
                modules = (modules if others else modules - {node.module}) | inner
        arrows[name] = (modules & names.keys()) - {name}
    return arrows


def test_no_files_import_each_other_in_a_circle():
    arrows = {name: set(others) for name, others in graph().items()}
    while leaves := [name for name, others in arrows.items() if not others & arrows.keys()]:
        for name in leaves:
            del arrows[name]
    while roots := arrows.keys() - set().union(*arrows.values(), set()):
        for name in roots:
            del arrows[name]
    assert not arrows, {name: sorted(arrows[name] & arrows.keys()) for name in arrows}


def test_no_class_name_stands_for_two_things():
    owners: dict[str, list[str]] = {}
    for path in MODULES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef):
                owners.setdefault(node.name.lstrip("_"), []).append(dotted_name(path))
    twins = {name: where for name, where in owners.items() if len(where) > 1 and name not in KNOWN_TWINS}
    assert not twins


def test_files_stay_short():
    lengths = {dotted_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert not {name: count for name, count in lengths.items() if count > MOST_LINES}


def test_the_runtime_imports_nothing_of_the_lab():
    heavy = [
        f"{dotted_name(path)} imports {name}"
        for path in MODULES
        if room_of(dotted_name(path)) not in ("lab", "cli")
        for name in imports_of(path)
        if name.split(".")[0] in LAB_ONLY or name.startswith("utterface.lab")
        if (dotted_name(path), name) != CONVERTER
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
    tree = tree_of(path)
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
