import re
import tomllib
from pathlib import Path

from utterface import __version__, doctor
from utterface.doctor import Finding, examine
from utterface.errors import LAB_PACKAGES


def test_everything_the_main_job_needs_is_found_here():
    findings = {finding.name: finding for finding in examine()}
    assert findings["utterface"].found == __version__
    needed = [f for f in findings.values() if f.needed and f.name != "player page"]
    assert all(f.found for f in needed) and {"pocketsphinx", "soxr", "acoustic model"} <= {f.name for f in needed}


def test_what_is_missing_comes_with_its_cure():
    missing = Finding("torch", "", "pip install 'utterface[lab]'", needed=False)
    assert missing.is_well and not Finding("numpy", "", "pip install numpy").is_well
    assert all(f.fix for f in examine() if not f.found and not f.name.endswith("bundles"))


def test_the_lab_packages_are_those_of_the_extra():
    extra = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    lab = {re.split(r"[>=<]", line)[0].replace("-", "_") for line in extra["optional-dependencies"]["lab"]}
    assert set(LAB_PACKAGES) == lab - {"espeakng_loader"}  # which the extra `languages` has too


def test_only_what_the_main_job_needs_is_needed(monkeypatch):
    monkeypatch.setattr(doctor, "has_words", lambda: False)
    monkeypatch.setattr(doctor, "shipped", lambda *kinds: [])
    missing = {finding.name: finding for finding in examine() if not finding.found}
    assert {"words recogniser", "model bundles", "mesh-to-speech"} <= missing.keys()
    assert all(missing[name].is_well for name in ("words recogniser", "model bundles", "mesh-to-speech"))


def test_extras_are_never_needed(monkeypatch):
    monkeypatch.setattr(doctor.util, "find_spec", lambda name: None)
    packages = {finding.name: finding for finding in examine() if finding.fix.startswith("pip install")}
    assert len(packages) > 20
    assert all(each.is_well is ("[" in each.fix) for each in packages.values() if not each.found)
