import json

from utterface import __version__
from utterface.cli import main
from utterface.cli.doctor import _line
from utterface.doctor import Finding, examine


def test_people_and_machines_are_told_the_same(capsys):
    code = main(["doctor"])
    lines = capsys.readouterr().out.splitlines()
    assert code == (0 if all(f.is_well for f in examine()) else 2)
    assert f"utterface          {__version__}" in lines[0]
    main(["doctor", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert [f["name"] for f in told] == [f.name for f in examine()] and len(lines) == len(told)


def test_what_is_missing_stands_out_with_its_cure():
    assert _line(Finding("soxr", "", "pip install soxr")) == "! soxr               MISSING: pip install soxr"
    assert _line(Finding("torch", "", "pip install x", needed=False)).endswith("not here (optional): pip install x")
