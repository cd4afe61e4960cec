import os
import subprocess
import sys
import warnings

import pytest

from utterface import __version__
from utterface.cli import COMMANDS, LAB_COMMANDS, _missing, build, main
from utterface.errors import UtterfaceWarning


def test_help_names_every_command(capsys):
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    assert all(name in told for name in (*COMMANDS, *LAB_COMMANDS)) and "utterface animate line.wav" in told


def test_the_version_is_the_packages(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == __version__


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_imported_and_explains_itself(name, capsys):
    assert main([name, "--help"]) == 0
    assert "Usage: utterface" in capsys.readouterr().out


def test_an_unknown_command_is_one_line_and_2(capsys):
    assert main(["animat", "a.wav"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "animat" in err


def test_a_missing_lab_package_is_told_with_its_cure():
    try:
        raise ImportError("cannot import utterface.lab.training") from ModuleNotFoundError("no torch", name="torch")
    except ImportError as error:
        assert str(_missing(error)) == "this command needs torch; run: pip install 'utterface[lab]'"


def test_any_other_failed_import_stays_our_bug():
    with pytest.raises(ImportError, match="of ours"):
        _missing(ImportError("a bug of ours"))


def test_building_the_application_imports_no_command():
    before = set(sys.modules)
    build()
    assert not {m for m in set(sys.modules) - before if m.startswith("utterface.")}


@pytest.mark.parametrize("given", [["doctor"], ["animate", "--help"]])
def test_a_reader_that_leaves_early_is_no_error(given):
    code = f"import sys; from utterface.cli import main; sys.exit(main({given}))"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


def test_an_old_code_page_stops_nothing():
    asked = [sys.executable, "-c", "from utterface.cli import main; print(main(['--version'])); print('\u2191 ok')"]
    done = subprocess.run(asked, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "cp1252"}, check=True)
    assert done.stdout.split()[-2:] == [b"?", b"ok"]


def test_closed_standard_input_is_one_line(tmp_path):
    command = f"{sys.executable} -m utterface animate - -o {tmp_path / 'x.csv'} <&-"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1) and "nothing came through" in done.stderr


def test_closed_streams_are_quiet():
    for closed in (">&-", ">&- 2>&-"):
        command = f"{sys.executable} -m utterface --version {closed}"
        done = subprocess.run(command, shell=True, check=False, capture_output=True, text=True)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("command", ["animate", "align", "view", "score", "mesh-to-speech"])
def test_help_has_no_empty_defaults(command, capsys):
    assert main([command, "--help"]) == 0
    text = capsys.readouterr().out
    assert "[default: ()]" not in text and "[default: False]" not in text
    assert text.index(f"utterface {command} ") < text.index("Parameters")


def test_our_warnings_are_one_line(capsys, monkeypatch):
    monkeypatch.setattr(
        "utterface.cli.doctor.doctor", lambda: warnings.warn("a small matter", UtterfaceWarning, stacklevel=1)
    )
    assert main(["doctor"]) == 0
    assert capsys.readouterr().err == "utterface: a small matter\n"
