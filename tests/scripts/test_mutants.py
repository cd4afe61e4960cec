"""Mutants are small, valid changes of the runtime's code, and the tests that mirror it are found."""

import ast
from pathlib import Path

import mutants
import pytest


def test_mutants_are_code_that_differs_from_the_module() -> None:
    path = mutants.PACKAGE / "timing.py"
    source = path.read_bytes()
    changed = [source[: m.start] + m.after.encode() + source[m.end :] for m in mutants.mutants_of(path)]
    assert len(changed) > 20
    trees = {ast.dump(ast.parse(each)) for each in changed}
    assert ast.dump(ast.parse(source)) not in trees


@pytest.mark.parametrize(
    ("code", "after"),
    [
        ("a < b", "(a <= b)"),
        ("a - b", "(a + b)"),
        ("-a", "(a)"),
        ("7", "8"),
        ("a and b", "(a or b)"),
        ("raise ValueError", "pass"),
    ],
)
def test_a_node_is_changed_where_it_stands(
    code: str, after: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "module.py"
    path.write_text(f'"""Ä text: 5."""\nx: "int"\n{code}\n', "utf-8")
    monkeypatch.setattr(mutants, "PACKAGE", tmp_path)
    found = list(mutants.mutants_of(path))
    assert after in {mutant.after for mutant in found}
    assert {mutant.line for mutant in found} == {3}


def test_more_mutants_begin_with_the_same() -> None:
    few, many = (mutants.chosen(count, 3, ["timing.py", "text"]) for count in (4, 9))
    assert few == many[:4]
    assert {mutant.module.split("/")[0] for mutant in few} == {"timing.py", "text"}


def test_tests_mirror_modules() -> None:
    assert mutants.tests_of("engines/bundle/windows.py") == mutants.ROOT / "tests" / "engines" / "test_bundle.py"
    assert mutants.tests_of("align/__init__.py") == mutants.ROOT / "tests" / "align" / "test_align.py"
    assert mutants.tests_of("timing.py") == mutants.ROOT / "tests" / "test_timing.py"
