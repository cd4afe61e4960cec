from utterface.cli import main
from utterface.cli.help import shown_default


def test_defaults_that_say_nothing_are_left_out():
    assert [shown_default(value) for value in (None, False, (), 60.0, 0.5, "on", 1)] == [
        None, None, None, "60", "0.5", "on", "1",
    ]  # fmt: skip


def test_docstrings_flow_as_paragraphs(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")
    assert main(["animate", "--help"]) == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if "--text" in line and "WebVTT" in line)
    assert "how to recognise it." in line
