"""The contract that every format keeps, tried on each of the table, and on one that is added here."""

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from utterface import formats
from utterface.clip import Clip
from utterface.errors import MotionError, OutputError
from utterface.formats import FORMATS, check, find, read, save
from utterface.formats.contract import Format
from utterface.motion import Motion
from utterface.phones import Span
from utterface.video.encode import Look

WRITTEN = [name for name, each in FORMATS.items() if each.writes]
READ = [name for name, each in FORMATS.items() if each.reads]
SHARED = ("jawOpen", "mouthPucker", "mouthClose")


@pytest.mark.parametrize("name", WRITTEN)
def test_a_format_writes_its_file_whole(clip, tmp_path, name):
    path = tmp_path / f"face{FORMATS[name].suffix}"
    path.write_text("something else")
    short = replace(clip.motion, values=clip.motion.values[:8])
    sound = np.zeros(2_000, np.float32)
    save(replace(clip, motion=short, words=(Span("clip", 0.5, 1.0),), audio=sound), f"{name}:{path}", look=Look(64, 64))
    assert path.read_bytes()[:9] != b"something" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", [name for name in READ if name in WRITTEN])
def test_what_was_written_is_read_back(clip, tmp_path, name):
    path = tmp_path / f"face{FORMATS[name].suffix}"
    save(clip, f"{name}:{path}")
    back = FORMATS[name].reader()(path).motion
    assert back.frame_rate == clip.motion.frame_rate and abs(len(back) - len(clip.motion)) <= 1
    count = min(len(back), len(clip.motion))
    assert abs(back.select(SHARED)[:count] - clip.motion.select(SHARED)[:count]).max() < 2e-3


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00garbage", b"{}", b"PK\x03\x04", b"glTF", b"1,2\n3"])
@pytest.mark.parametrize("name", READ)
def test_what_holds_no_motion_is_refused_in_one_line(tmp_path, name, content):
    path = tmp_path / f"face{FORMATS[name].suffix}"
    path.write_bytes(content)
    with pytest.raises(MotionError) as error:
        FORMATS[name].reader()(path)
    assert "\n" not in str(error.value) and "face" in str(error.value)


@pytest.mark.parametrize("name", [name for name in READ if name in WRITTEN])
def test_truncated_files_give_motion_or_one_line(clip, tmp_path, name):
    path = tmp_path / f"face{FORMATS[name].suffix}"
    save(clip, f"{name}:{path}")
    whole = path.read_bytes()
    for part in (0.1, 0.5, 0.9, 0.999):
        path.write_bytes(whole[: int(part * len(whole))])
        try:
            assert len(FORMATS[name].reader()(path).motion)
        except MotionError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_suffix_finds_its_format_whatever_its_case(name):
    suffix = FORMATS[name].suffix
    first = next(each for each in FORMATS.values() if each.suffix == suffix)
    assert find(f"out/FACE{suffix.upper()}")[0] is first


def test_a_name_before_the_file_asks_for_a_format(clip, tmp_path):
    assert find("csv:out/take.txt")[0].name == "csv" and find("CSV:take.txt")[1].name == "take.txt"
    assert find("C:/face.csv")[0].name == "csv"  # a drive
    save(clip, f"csv:{tmp_path / 'take.txt'}", f"audio2face:{tmp_path / 'face'}")
    assert (tmp_path / "take.txt").read_text().startswith("Timecode,")
    assert (tmp_path / "face").read_text().startswith('{\n "exportFps"')


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("face.fbx", r"no format is called \.fbx; use one of \.html \.glb \.csv \.json \.npz"),
        ("face", "it has no suffix"),
        ("face.gbl", r"did you mean \.glb\?"),
        ("audio2fase:face.json", "no format is called 'audio2fase'; did you mean audio2face?"),
        ("fbx:face.json", "there are html, glb, csv, audio2face, npz, azure"),
    ],
)
def test_mistaken_names_are_told_what_there_is(target, words):
    with pytest.raises(OutputError, match=words):
        find(target)


def test_a_page_of_an_hour_is_refused_before_the_work(tmp_path):
    check(tmp_path / "face.csv", tmp_path / "face.html", duration=1799)
    with pytest.raises(OutputError, match=r"60 minutes are too long for one \.html file"):
        check(tmp_path / "face.html", duration=3600)


def test_a_place_that_cannot_be_written_is_told_before_the_work(tmp_path):
    with pytest.raises(OutputError, match="there is no folder"):
        check(tmp_path / "face.csv", f"glb:{tmp_path / 'no' / 'face.glb'}")


def test_a_file_that_is_no_motion_or_not_there(tmp_path):
    with pytest.raises(MotionError, match=r"no file of motion; give one of \.glb \.csv \.json \.npz"):
        read(tmp_path / "face.html")
    with pytest.raises(MotionError, match="no such file"):
        read(tmp_path / "face.glb")


@pytest.mark.parametrize(("values", "words"), [(np.full((3, 61), np.nan), "NaN"), (np.zeros((0, 61)), "no frame")])
def test_motion_that_is_none_is_not_written(tmp_path, values, words):
    with pytest.raises(MotionError, match=words):
        Clip.from_motion(Motion(values)).save(tmp_path / "a.csv")
    assert not list(tmp_path.iterdir())


def test_a_format_is_one_module_and_one_record(clip, tmp_path, monkeypatch):
    toy = ModuleType("toy")
    toy.write = lambda clip, path, rig: path.write_text(" ".join(map(str, clip.motion["jawOpen"])))
    toy.read = lambda path: Clip.from_motion(Motion(np.array([path.read_text().split()], float).T, ("jawOpen",)))
    monkeypatch.setitem(sys.modules, "toy", toy)
    monkeypatch.setitem(FORMATS, "jaw", Format("jaw", ".jaw", "jaw alone", writes="toy:write", reads="toy:read"))
    clip.save(tmp_path / "face.jaw", f"jaw:{tmp_path / 'face.txt'}")
    np.testing.assert_allclose(read(tmp_path / "face.jaw").motion["jawOpen"], clip.motion["jawOpen"])
    assert formats.is_motion("face.jaw") and ".jaw jaw alone" in formats.described() and "jaw:" in formats.choices()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["face.jaw", "face.txt"]


def test_a_writer_that_fails_half_way_leaves_the_old_file(clip, tmp_path, monkeypatch):
    def write(clip: Clip, path: Path, rig: object) -> None:
        path.write_text("half")
        raise ZeroDivisionError

    toy = ModuleType("toy")
    toy.write = write
    monkeypatch.setitem(sys.modules, "toy", toy)
    monkeypatch.setitem(FORMATS, "toy", Format("toy", ".toy", "half a file", writes="toy:write"))
    (tmp_path / "face.toy").write_text("old")
    with pytest.raises(ZeroDivisionError):
        clip.save(tmp_path / "face.toy")
    assert (tmp_path / "face.toy").read_text() == "old" and len(list(tmp_path.iterdir())) == 1
