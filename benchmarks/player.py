"""Times the page that plays: from opening the file to the first drawn frame, and our own code per frame.

    python benchmarks/player.py                    examples/hello.flac in headless Chromium
    python benchmarks/player.py face.html --repeat 5

The first frame counts from the browser's navigation start to the moment the first frame has been handed to the graphics
driver: reading the file, unpacking, building the scene. What the driver does then, compiling shaders and drawing, is
not counted, and in software (no GPU, as here) takes several seconds; the window is small for its sake. Our own code is
everything that runs for a frame, morphs, normals and the page's controls, except three.js drawing. One run a line, then
medians.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import utterface

ROOT = Path(__file__).parents[1]
FLAGS = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--enable-unsafe-swiftshader"]
PLAYED = 8.0  # seconds of wall time
LIMITS = {"firstFrameMs": 1500.0, "medianMs": 4.0}


def measure(page_file: Path, repeat: int) -> list[dict[str, float]]:
    """Statistics of `repeat` visits, each in a fresh browser."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        sys.exit("no Chromium on the path; install it to measure the player")
    found = []
    with sync_playwright() as driver:
        for _ in range(repeat):
            browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
            page = browser.new_page(viewport={"width": 480, "height": 640})
            page.goto(page_file.resolve().as_uri())
            page.wait_for_selector("html[data-ready]", timeout=120_000)
            page.evaluate("async () => { utterface.frameStats(); await utterface.play(); }")
            page.wait_for_timeout(1000 * PLAYED)
            stats = page.evaluate("() => utterface.frameStats()")
            found.append(stats)
            print("  ".join(f"{name} {value:.1f}" for name, value in stats.items()), flush=True)
            browser.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("page", nargs="?", type=Path, help="a page to time; by default examples/hello.flac is animated")
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        page = options.page or Path(folder) / "hello.html"
        if not options.page:
            utterface.animate(ROOT / "examples" / "hello.flac").save(page)
        found = measure(page, options.repeat)
        print(f"page: {page.stat().st_size / 1e6:.2f} MB")
    for name, limit in LIMITS.items():
        middle = statistics.median(stats[name] for stats in found)
        print(f"{name}: median {middle:.1f} ms, {'within' if middle <= limit else 'OVER'} the limit of {limit:g} ms")


if __name__ == "__main__":
    main()
