import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from utterface.errors import OutputError
from utterface.files import check_place, replacing

# writes half a file, says so, and waits to be ended
WRITING = """
import signal, sys, time
from utterface.files import replacing
for number in (signal.SIGHUP, signal.SIGINT):  # a shell that runs in the background hands them on as ignored
    signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
with replacing(sys.argv[1]) as temporary:
    temporary.write_text("half")
    print("ready", flush=True)
    time.sleep(60)
"""


def ended_by(number: int, target: Path) -> int:
    """Exit code of a process that a signal reached while it wrote `target`."""
    process = subprocess.Popen([sys.executable, "-c", WRITING, str(target)], stdout=subprocess.PIPE, text=True)
    assert process.stdout and process.stdout.readline() == "ready\n"
    process.send_signal(number)
    process.communicate()
    return process.returncode


def test_the_new_file_takes_the_place_of_the_old_one_at_the_end(tmp_path):
    target = tmp_path / "face.csv"
    target.write_text("old")
    with replacing(target) as temporary:
        assert temporary.parent == tmp_path and temporary.suffix == ".csv"
        temporary.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new" and list(tmp_path.iterdir()) == [target]


def test_the_whole_new_file_is_on_the_disk_before_the_old_one_goes(tmp_path, monkeypatch):
    place, flushed, real = tmp_path / "a.csv", [], os.fsync
    place.write_text("old")

    def noted(descriptor: int) -> None:
        real(descriptor)
        flushed.append((os.fstat(descriptor).st_ino, os.fstat(descriptor).st_size, place.read_text()))

    monkeypatch.setattr(os, "fsync", noted)
    with replacing(place) as temporary:
        temporary.write_text("whole")
    assert flushed == [(place.stat().st_ino, 5, "old")]


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


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM), signal.SIGINT])
def test_a_signal_removes_the_temporary_file_and_ends_the_process(tmp_path, number):
    target = tmp_path / "face.csv"
    target.write_text("old")
    assert ended_by(number, target) == -number
    assert list(tmp_path.iterdir()) == [target] and target.read_text() == "old"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)])
def test_a_signal_removes_a_temporary_folder_too(tmp_path, number):
    code = (
        "import signal, time; from utterface.files import temporary_folder\n"
        "signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
        "with temporary_folder() as folder:\n"
        "    (folder / 'sound').write_text('half'); print('ready', flush=True); time.sleep(60)"
    )
    place = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=place)
    assert process.stdout and process.stdout.readline() == "ready\n" and len(list(tmp_path.iterdir())) == 1
    process.send_signal(number)
    process.communicate()
    assert process.returncode == -number and list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_what_a_killed_process_left_is_removed_by_the_next_write(tmp_path):
    target = tmp_path / "face.csv"
    assert ended_by(signal.SIGKILL, target) == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 1
    with replacing(target) as temporary:
        temporary.write_text("new")
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(sys.platform == "win32", reason="locks")
def test_files_that_others_are_writing_are_left_alone(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", WRITING, str(tmp_path / "theirs.csv")], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout and process.stdout.readline() == "ready\n"
        with replacing(tmp_path / "ours.csv") as temporary:
            temporary.write_text("new")
        assert len(list(tmp_path.iterdir())) == 2
    finally:
        process.kill()
        process.communicate()


def test_handlers_of_the_caller_are_kept(tmp_path):
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with replacing(tmp_path / "a") as temporary:
            temporary.write_text("x")
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)
    with replacing(tmp_path / "b") as temporary:
        temporary.write_text("x")
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_symbolic_link_is_followed(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "face.csv").write_text("old")
    for name, end in (("link", tmp_path / "real" / "face.csv"), ("dangling", tmp_path / "real" / "new.csv")):
        (tmp_path / name).symlink_to(end)
        with replacing(tmp_path / name) as temporary:
            temporary.write_text("new")
        assert (tmp_path / name).is_symlink() and end.read_text() == "new"
    assert sorted(path.name for path in (tmp_path / "real").iterdir()) == ["face.csv", "new.csv"]


def test_links_that_lead_nowhere_and_devices_are_refused(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "far").symlink_to(tmp_path / "none" / "face.csv")
    os.mkfifo(tmp_path / "pipe")
    for name, words in (("loop", "lead nowhere"), ("far", "there is no folder"), ("pipe", "no regular file")):
        with pytest.raises(OutputError, match=words):
            check_place(tmp_path / name)


def test_owner_and_group_of_the_old_file_are_kept(tmp_path):
    target = tmp_path / "face.csv"
    target.write_text("old")
    try:
        os.chown(target, 12345, 23456)
    except PermissionError:
        pytest.skip("only root may give files away")
    with replacing(target) as temporary:
        temporary.write_text("new")
    assert (target.stat().st_uid, target.stat().st_gid) == (12345, 23456) and target.read_text() == "new"


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files in /proc")
def test_no_file_stays_open(tmp_path):
    count = lambda: len(list(Path("/proc/self/fd").iterdir()))  # noqa: E731
    before = count()
    for _ in range(5):
        with replacing(tmp_path / "a.txt") as place:
            place.write_text("new")
    assert count() == before
