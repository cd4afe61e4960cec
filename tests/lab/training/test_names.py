import pytest

from utterface.errors import ConfigError
from utterface.lab.training.names import did_you_mean, load


def test_dotted_names_are_imported():
    assert load("utterface.timing:seconds")(16000) == 1
    with pytest.raises(ConfigError, match=r"no module 'utterface\.nothing'"):
        load("utterface.nothing:x")
    with pytest.raises(ConfigError, match="timing defines no 'hours'"):
        load("utterface.timing:hours")


def test_a_module_with_a_broken_import_says_which(tmp_path, monkeypatch):
    (tmp_path / "broken_module.py").write_text("import no_such_library")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        load("broken_module:x")


def test_near_names_are_suggested():
    assert did_you_mean("stpes", ["rate", "steps"]) == " (did you mean 'steps'?)"
    assert did_you_mean("qqq", ["rate", "steps"]) == ""
