"""A real browser for the pages: headless Chromium, drawing in software, opening files from disk."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from utterface import rigs

PATIENCE = 120_000  # ms; drawing in software on a busy machine takes its time
FLAGS = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--enable-unsafe-swiftshader"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("no Chromium here to open the page in")
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").sync_playwright
    with driver() as running:
        launched = running.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def open_page(browser) -> Callable[..., SimpleNamespace]:
    """`open_page(path, width, height)`: a page once its first frame stands, and what it said and asked on the way."""

    def opened(path: Path, width: int, height: int) -> SimpleNamespace:
        page = browser.new_context(viewport={"width": width, "height": height}).new_page()
        page.set_default_timeout(PATIENCE)
        seen = SimpleNamespace(page=page, said=[], asked=[])
        page.on("console", lambda message: seen.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: seen.said.append(f"error: {error}"))
        page.on("request", lambda request: seen.asked.append(request.url))
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]")
        return seen

    return opened


@pytest.fixture(scope="session")
def light_head() -> rigs.Rig:
    """The built-in head with few vertices and no hair, so that drawing in software keeps up."""
    return rigs.head(hair="none", detail="low")


@pytest.fixture(scope="session")
def complaints() -> Callable[[SimpleNamespace], list[str]]:
    """`complaints(seen)`: what a page complained of, and what it asked of a network."""

    def found(seen: SimpleNamespace) -> list[str]:
        said = [line for line in seen.said if line.startswith(("error", "warning"))]
        asked = [url for url in seen.asked if not url.startswith(("file:", "blob:", "data:", "about:"))]
        return [
            line for line in said if "GL Driver Message" not in line
        ] + asked  # reading a picture back is slow: known

    return found
