"""The generated pages of docs/reference/ say what the code says, and every page of docs/ is in the site."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def test_generated_pages_are_fresh():
    command = [sys.executable, ROOT / "scripts" / "make_reference.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_page_is_in_the_navigation_of_the_site():
    listed = set(re.findall(r"- (?:\w+: )?([\w/.-]+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE))
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md") if "reports" not in path.parts}
    assert listed == pages


def test_links_between_pages_lead_somewhere():
    broken = []
    for page in DOCS.rglob("*.md"):
        for link in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            if "://" not in link and not (page.parent / link).exists():
                broken.append(f"{page.relative_to(ROOT)}: {link}")
    assert not broken


def test_pages_of_works_stay_short():
    lengths = {path.name: len(path.read_text().splitlines()) for path in (DOCS / "research").glob("*.md")}
    assert len(lengths) > 4 and not {name: count for name, count in lengths.items() if count > 150}
