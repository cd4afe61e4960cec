"""The README promises only what is there, and everything that is there stands in it."""

import inspect
import re
import shlex
import shutil
from pathlib import Path

from utterface.cli import COMMANDS, main
from utterface.cli.animate import animate
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


def test_every_option_of_animate_and_no_other():
    told = set(re.findall(r"^\| `(--[a-z-]+)", README, re.MULTILINE)) | set(re.findall(r"`, `(--[a-z-]+)`", README))
    ours = {f"--{name.replace('_', '-')}" for name in inspect.signature(animate).parameters} - {"--inputs", "--output"}
    assert told == ours


def test_every_format_and_command():
    assert re.findall(r"^\| `(\.\w+)` \|", README, re.MULTILINE) == list(suffixes())
    assert {c for c in COMMANDS if re.search(rf"^    utterface {c} ", README, re.MULTILINE)} == set(COMMANDS)


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
