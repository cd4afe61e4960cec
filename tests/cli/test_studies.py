"""A registered study is a command, with the options that it declares."""

from dataclasses import fields

import pytest

from utterface.cli import main
from utterface.lab import studies
from utterface.lab.studies import STUDIES
from utterface.lab.studies.report import read_report


@pytest.fixture
def registered(monkeypatch):
    """The toy study as a command."""
    from utterface.cli import bench

    monkeypatch.setitem(
        studies.STUDIES, "toy", studies.StudyEntry("A toy.", "support.toy_study:STUDY", "support.toy_study:ToyOptions")
    )
    bench.app.command("utterface.cli.studies:toy", name="toy")
    yield
    del bench.app["toy"]


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_declares_its_options(study, capsys):
    assert main(["bench", study, "--help"]) in (0, None)
    shown = capsys.readouterr().out
    own = [f"--{option.name.replace('_', '-')}" for option in fields(STUDIES[study].open_options())]
    assert own and all(option in shown for option in ("--size", "--draw", "--audio", *own)) and "--empty" not in shown


def test_a_registered_study_is_a_command_with_its_options(registered, tmp_path, capsys):
    assert main(["bench", "toy", "--size", "smoke", "--noise", "2", "--processes", "1", "-o", str(tmp_path)]) == 0
    assert "**Smoothing lowers jitter**: holds" in capsys.readouterr().out
    figures = tmp_path / "toy.json"
    assert main(["bench", "toy", "--draw", str(figures), "-o", str(tmp_path / "drawn")]) == 0
    assert read_report(figures).results["test"].lines[0].values["jitter"].value > 2
    assert main(["bench", "toy", "--size", "huge", "-o", str(tmp_path)]) == 2
    assert "toy has no size 'huge'; choose one of smoke, small" in capsys.readouterr().err
