import os
import stat
import subprocess
from pathlib import Path

import pytest

from utterface.errors import OutputError
from utterface.files import replacing


def test_the_new_file_takes_the_place_of_the_old_one_at_the_end(tmp_path):
    target = tmp_path / "face.csv"
    target.write_text("old")
    with replacing(target) as temporary:
        assert temporary.parent == tmp_path and temporary.suffix == ".csv"
        temporary.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new" and list(tmp_path.iterdir()) == [target]


def test_any_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "face.csv"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(target) as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert target.read_text() == "old" and list(tmp_path.iterdir()) == [target]


def test_permissions_are_those_of_the_old_file_or_of_the_umask(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("")
    old.chmod(0o640)
    plain = tmp_path / "plain"
    plain.write_text("")
    for target in (old, new):
        with replacing(target) as temporary:
            temporary.write_text("x")
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert stat.S_IMODE(new.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_a_folder_and_a_missing_folder_are_told_in_one_line(tmp_path):
    for target, words in ((tmp_path, "is a folder"), (tmp_path / "no" / "face.csv", "there is no folder")):
        with pytest.raises(OutputError, match=words) as error, replacing(target):
            pass
        assert "\n" not in str(error.value)


def test_an_unwritable_folder(tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o500)
    if os.access(folder, os.W_OK):
        pytest.skip("this user may write anywhere (root)")
    with pytest.raises(OutputError, match="cannot write"), replacing(folder / "face.csv"):
        pass


def test_a_read_only_file_system():
    if not Path("/proc/self").is_dir():
        pytest.skip("no /proc here")
    with pytest.raises(OutputError, match=r"cannot write /proc/self/face\.csv"), replacing("/proc/self/face.csv"):
        pass


def test_a_full_disk_keeps_the_old_file(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    mounted = subprocess.run(mount, capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("cannot mount a small disk here (needs root)")
    try:
        (disk / "face.csv").write_text("old")
        with pytest.raises(OutputError, match="No space left"), replacing(disk / "face.csv") as temporary:
            temporary.write_bytes(bytes(1 << 20))
        assert [p.name for p in disk.iterdir()] == ["face.csv"] and (disk / "face.csv").read_text() == "old"
    finally:
        subprocess.run(["umount", disk], check=True)
