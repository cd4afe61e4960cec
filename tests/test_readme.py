"""The README is short, and its commands, options, formats, code and links are real."""

import re
import shlex
import shutil
from pathlib import Path

from utterface.cli import COMMANDS, LAB_COMMANDS, main
from utterface.formats import suffixes

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FIRST = "pip install . && utterface animate examples/hello.flac -o hello.html"
TESTS = "pip install -e '.[lab,dev]' -c constraints.txt && pytest"


def test_the_two_commands_stand_there_once():
    lines = [line.strip() for line in README.splitlines()]
    assert lines.count(FIRST) == lines.count(TESTS) == 1
    assert "grep -m1" in (ROOT / ".ci" / "run").read_text()


def test_the_first_command_makes_a_page(tmp_path, monkeypatch, capsys):
    words = shlex.split(FIRST.split("&&")[1])
    (tmp_path / "examples").mkdir()
    shutil.copy(ROOT / "examples" / "hello.flac", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    assert words[0] == "utterface" and main(words[1:]) == 0, capsys.readouterr().err
    page = (tmp_path / "hello.html").read_text(encoding="utf-8")
    assert "utterface-sound" in page and len(page) > 500_000


def test_every_option_that_stands_there_exists():
    named = set(re.findall(r"(--[a-z][a-z-]*)", README))
    known = set(re.findall(r"(--[a-z-]+)", (ROOT / "docs" / "reference" / "cli.md").read_text()))  # test_reference.py
    assert len(named) > 4 and named <= known


def test_every_format_and_every_command_that_stands_there():
    cells = re.findall(r"^\| (`\.[^|]+`) \|", README, re.MULTILINE)
    assert {suffix for cell in cells for suffix in re.findall(r"`(\.\w+)`", cell)} == set(suffixes())
    named = set(re.findall(r"^    utterface ([a-z-]+) ", README, re.MULTILINE))
    assert named <= {*COMMANDS, *LAB_COMMANDS} and {"animate", "align", "score", "view", "doctor"} <= named


def test_it_is_short():
    assert len(README.splitlines()) <= 110


def test_the_python_lines_run(tmp_path, monkeypatch):
    (code,) = re.findall(r"((?:^    .*\n|^\n)*?^    clip\.motion.*\n)", README, re.MULTILINE)
    code = "\n".join(line[4:] for line in code.splitlines())
    shutil.copy(ROOT / "examples" / "hello.flac", tmp_path / "line.wav")  # what is in a file counts, not its name
    said = "Hello! I move my lips for every word, and I keep them shut for maps, pubs and bumblebees."
    monkeypatch.chdir(tmp_path)
    exec(code.replace("What is said.", said), {})
    assert (tmp_path / "face.glb").is_file() and (tmp_path / "face.csv").is_file()


def test_every_link_leads_somewhere():
    links = [link for link in re.findall(r"\]\(([^)#]+)", README) if "://" not in link]
    assert links and not [link for link in links if not (ROOT / link).exists()]
