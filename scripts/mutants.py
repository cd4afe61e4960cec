"""Change the runtime's code in one small place at a time and see whether the tests of that module notice.

    python scripts/mutants.py                                       60 mutants over all rooms
    python scripts/mutants.py --count 10 --rooms text,timing.py     of two rooms
    python scripts/mutants.py --results mutants.json                go on where an interrupted run stopped

A mutant turns a comparison or a sign, moves a limit by one, changes a constant, or drops a statement, in a copy of
`src`; its tests are those that mirror its module. Mutants are chosen by seed, the rooms in turn. Survivors are printed
with their line. The exit code is 1 where fewer than --least were caught.
"""

import argparse
import ast
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "utterface"
NOT_RUNTIME = ("lab", "models", "web_dist")
TURNED: dict[type[ast.AST], Any] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.Add: ast.Sub, ast.Sub: ast.Add,
    ast.Mult: ast.Div, ast.Div: ast.Mult, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: module as a path below the package, place, and the code before and after.

    `line` counts from 1; `start` and `end` are byte offsets in the file.
    """

    module: str
    line: int
    start: int
    end: int
    before: str
    after: str

    def __str__(self) -> str:
        short = [" ".join(code.split())[:90] for code in (self.before, self.after)]
        return f"{self.module}:{self.line}: {short[0]}  →  {short[1]}"


def rooms() -> list[str]:
    """Folders and modules of the runtime."""
    inside = [path for path in PACKAGE.iterdir() if path.is_dir() or path.suffix == ".py"]
    return sorted(path.name for path in inside if path.name not in NOT_RUNTIME and not path.name.startswith("__"))


def mutants_of(path: Path) -> Iterator[Mutant]:
    """All mutants of a module; `strict` of a zip is left out, since only sides of unequal length could tell."""
    source = path.read_bytes()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    tree = ast.parse(source)
    for node in _changeable(tree):
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        for after in _changes(node):
            name = path.relative_to(PACKAGE).as_posix()
            yield Mutant(name, node.lineno, start, end, source[start:end].decode(), after)


def _changeable(node: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """Nodes of a tree that run: no annotations, docstrings, or parts of formatted text."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list") or isinstance(node, ast.JoinedStr):
            continue
        if isinstance(node, ast.keyword) and node.arg == "strict":
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.expr | ast.stmt):
                yield child
            if isinstance(child, ast.AST):
                yield from _changeable(child)


def _changes(node: ast.expr | ast.stmt) -> Iterator[str]:
    """The code that can stand in place of a node."""
    match node:
        case ast.Compare(left, [operator, *more], rights) if type(operator) in TURNED:
            yield f"({ast.unparse(ast.Compare(left, [_turned(operator), *more], rights))})"
        case ast.BinOp(left, operator, right) if type(operator) in TURNED and not _is_text(node):
            yield f"({ast.unparse(ast.BinOp(left, _turned(operator), right))})"
        case ast.BoolOp(operator, values):
            yield f"({ast.unparse(ast.BoolOp(_turned(operator), values))})"
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            yield f"({ast.unparse(operand)})"
        case ast.Constant(bool() as value):
            yield str(not value)
        case ast.Constant(int() as value):
            yield from (str(value + 1), f"({value - 1})")
        case ast.Constant(float() as value):
            yield str(value * 1.5 or 0.5)
        case ast.Raise() | ast.AugAssign() | ast.Expr(ast.Call()):
            yield "pass"


def _turned(operator: ast.AST) -> Any:
    return TURNED[type(operator)]()


def _is_text(node: ast.BinOp) -> bool:
    sides = (node.left, node.right)
    texts = [side for side in sides if isinstance(side, ast.Constant) and isinstance(side.value, str)]
    return bool(texts) or any(isinstance(side, ast.JoinedStr) for side in sides)


def tests_of(module: str) -> Path | None:
    """The test that mirrors a module, or the nearest room above that has one; None where there is none."""
    path = Path(module)
    place = path.parent if path.name == "__init__.py" else path.with_suffix("")
    while place.parts:
        for name in (f"test_{place.name}.py", f"{place.name}/test_{place.name}.py"):
            if (test := ROOT / "tests" / place.parent / name).is_file():
                return test
        place = place.parent
    return None


def chosen(count: int, seed: int, wanted: list[str]) -> list[Mutant]:
    """Mutants of the rooms in turn, of different lines; the first of a larger count are those of a smaller one."""
    rng = random.Random(seed)
    waiting = []
    for room in wanted:
        inside = PACKAGE / room
        modules = [inside] if inside.is_file() else sorted(inside.rglob("*.py"))
        tested = [path for path in modules if tests_of(path.relative_to(PACKAGE).as_posix())]
        if every := [mutant for path in tested for mutant in mutants_of(path)]:
            rng.shuffle(every)
            waiting.append(list({(mutant.module, mutant.line): mutant for mutant in every}.values()))
    rng.shuffle(waiting)
    taken: list[Mutant] = []
    while waiting and len(taken) < count:
        taken += [room.pop() for room in waiting]
        waiting = [room for room in waiting if room]
    return taken[:count]


class Bench:
    """A copy of the package in which mutants are tried, its large data by links."""

    def __init__(self, folder: Path) -> None:
        self._package = folder / "utterface"
        linked = [name for name in ("models", "web_dist") if (PACKAGE / name).is_dir()]
        shutil.copytree(PACKAGE, self._package, ignore=shutil.ignore_patterns("__pycache__", *linked))
        for name in linked:
            (self._package / name).symlink_to(PACKAGE / name)
        self._seconds: dict[Path, float] = {}

    def verdict(self, mutant: Mutant) -> str:
        """`caught`, `caught by time`, `survived`, or `no verdict` where the tests fail without the mutant too."""
        test = tests_of(mutant.module)
        if test is None:
            return "no verdict"
        if test not in self._seconds:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            passed = self._verdict(test, 300) == "survived"
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            self._seconds[test] = spent if passed else 0.0
        if not self._seconds[test]:
            return "no verdict"
        path = self._package / mutant.module
        source = path.read_bytes()
        try:
            path.write_bytes(source[: mutant.start] + mutant.after.encode() + source[mutant.end :])
            return self._verdict(test, round(20 + 3 * self._seconds[test]))
        finally:
            path.write_bytes(source)

    def _verdict(self, test: Path, limit: int) -> str:
        """Of a test within so many seconds of its own CPU, so that a busy machine does not decide; waiting ends too."""
        command = [sys.executable, "-B", "-m", "pytest", "-x", "-n0", "-q", "-p", "no:cacheprovider", str(test)]
        limited = ["sh", "-c", f'ulimit -t {limit} && exec "$@"', "sh", *command]
        surroundings = {**os.environ, "PYTHONPATH": str(self._package.parent)}
        try:
            ended = subprocess.run(
                limited, cwd=ROOT, env=surroundings, timeout=30 * limit, capture_output=True, check=False
            )
        except subprocess.TimeoutExpired:
            return "caught by time"
        if ended.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
            return "caught by time"
        return "survived" if ended.returncode == 0 else "caught"


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; 1 where too few mutants were caught."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=60, help="mutants (default 60)")
    parser.add_argument("--seed", type=int, default=0, help="of the choice (default 0)")
    parser.add_argument("--rooms", default=",".join(rooms()), help="folders and modules of the runtime (default: all)")
    parser.add_argument("--results", type=Path, help="JSON file of verdicts, read and added to")
    parser.add_argument("--least", type=float, default=0.0, help="share to be caught, 0 to 1 (default 0)")
    given = parser.parse_args(arguments)
    wanted = given.rooms.split(",")
    if unknown := set(wanted) - set(rooms()):
        parser.error(f"there is no room {', '.join(sorted(unknown))}; there are {', '.join(rooms())}")
    known: dict[str, str] = {}
    if given.results and given.results.is_file():
        known = {json.dumps(each["mutant"]): each["verdict"] for each in json.loads(given.results.read_text())}
    mutants = chosen(given.count, given.seed, wanted)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        for number, mutant in enumerate(mutants, 1):
            key = json.dumps(asdict(mutant))
            if key not in known:
                known[key] = bench.verdict(mutant)
                if given.results:
                    entries = [{"mutant": json.loads(each), "verdict": verdict} for each, verdict in known.items()]
                    given.results.write_text(json.dumps(entries, indent=1, ensure_ascii=False))
            print(f"{number} of {len(mutants)} {known[key]}: {mutant}", flush=True)
    verdicts = [known[json.dumps(asdict(mutant))] for mutant in mutants]
    judged = [verdict for verdict in verdicts if verdict != "no verdict"]
    caught = sum(verdict != "survived" for verdict in judged)
    print(f"{caught} of {len(judged)} caught" + (f" ({caught / len(judged):.0%})" if judged else ""))
    return 1 if not judged or caught / len(judged) < given.least else 0


if __name__ == "__main__":
    sys.exit(main())
