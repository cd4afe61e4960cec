from utterface import __version__
from utterface.doctor import Finding, examine


def test_everything_the_main_job_needs_is_found_here():
    findings = {finding.name: finding for finding in examine()}
    assert findings["utterface"].found == __version__
    needed = [f for f in findings.values() if f.needed and f.name != "player page"]
    assert all(f.found for f in needed) and {"pocketsphinx", "soxr", "acoustic model"} <= {f.name for f in needed}


def test_what_is_missing_comes_with_its_cure():
    missing = Finding("torch", "", "pip install 'utterface[lab]'", needed=False)
    assert missing.is_well and not Finding("numpy", "", "pip install numpy").is_well
    assert all(f.fix for f in examine() if not f.found and not f.name.endswith("bundles"))
