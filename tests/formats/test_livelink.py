import csv
import importlib.util
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from utterface.clip import Clip
from utterface.errors import MotionError
from utterface.formats.livelink import CLOCK, COLUMNS, HEADER, read, timecode, write
from utterface.motion import CHANNELS, Motion


def test_the_header_is_that_of_a_real_take(assets):
    real = (assets / "motion" / "alex_rom_3.csv").read_text().splitlines()
    assert real[0] == HEADER


def test_rows_have_the_shape_of_a_real_take(assets, clip, tmp_path):
    write(clip, tmp_path / "a.csv")
    real = (assets / "motion" / "alex_rom_3.csv").read_bytes().splitlines(keepends=True)[1]
    ours = (tmp_path / "a.csv").read_bytes().splitlines(keepends=True)[1]
    # the first 54 cells are positive in both; angles may carry a sign
    assert [len(cell) for cell in ours.split(b",")[:54]] == [len(cell) for cell in real.split(b",")[:54]]
    assert ours.count(b",") == real.count(b",") and ours[-2:].isspace() == real[-2:].isspace()


def test_right_stands_before_left_only_in_the_sideways_jaw_and_mouth():
    assert [c for c in COLUMNS if c.startswith("jaw")] == ["jawForward", "jawRight", "jawLeft", "jawOpen"]
    assert COLUMNS.index("mouthRight") + 1 == COLUMNS.index("mouthLeft")
    assert COLUMNS.index("mouthSmileLeft") + 1 == COLUMNS.index("mouthSmileRight")
    assert sorted(COLUMNS) == sorted(CHANNELS) and len(HEADER.split(",")) == 63


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "00:00:00:00.000"), (1 / 30, "00:00:00:02.000"), (1 / 24, "00:00:00:02.500"), (0.9999999, "00:00:01:00.000"),
     (59.5, "00:00:59:30.000"), (3661.02, "01:01:01:01.200")],
)  # fmt: skip
def test_timecodes_by_hand(seconds, text):
    assert timecode(seconds) == text


@given(st.floats(0, 80_000))
def test_timecodes_are_right_within_half_a_thousandth_of_a_frame(seconds):
    hours, minutes, secs, frames = timecode(seconds).split(":")
    told = int(hours) * 3600 + int(minutes) * 60 + int(secs) + float(frames) / CLOCK
    assert abs(told - seconds) <= 0.5 / 1000 / CLOCK + 1e-9 and float(frames) < 60


@pytest.mark.parametrize("frame_rate", [24000 / 1001, 24.0, 25.0, 30000 / 1001, 30.0, 60000 / 1001, 60.0, 120.0])
def test_round_trip_at_every_rate(clip, tmp_path, frame_rate):
    motion = Motion(clip.motion.values, frame_rate=frame_rate)
    write(replace(clip, motion=motion), tmp_path / "a.csv")
    back = read(tmp_path / "a.csv").motion
    assert back.frame_rate == frame_rate and back.start == 0 and len(back) == len(motion)
    # timecodes hold thousandths of a frame, so values between rows wander by a thousandth of a step
    np.testing.assert_allclose(back.values, motion.values, atol=2e-3)


@pytest.mark.parametrize("frame_rate", [13.0, 72.0, 90.0, 144.0])
def test_any_other_rate_is_measured(tmp_path, frame_rate):
    rows = np.random.default_rng(0).uniform(size=(400, 61)).astype(np.float32)
    Clip.from_motion(Motion(rows, frame_rate=frame_rate)).save(tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text().splitlines(keepends=True)
    (tmp_path / "a.csv").write_text("".join(lines[:50] + lines[53:]))  # three rows are lost
    back = read(tmp_path / "a.csv").motion
    assert back.frame_rate == pytest.approx(frame_rate, rel=1e-4) and len(back) == 400
    assert np.abs(back.values[60:] - rows[60:]).max() < 0.05


@pytest.mark.parametrize(("first", "start"), [(59.5, 59.5), (60.0, 60.0), (60.5, 0.0), (46_800.0, 0.0)])
def test_a_take_that_begins_after_a_minute_carries_the_time_of_day(tmp_path, first, start):
    stamps = [timecode(first + i / 30) for i in range(4)]
    (tmp_path / "a.csv").write_text("Timecode,JawOpen\n" + "".join(f"{stamp},0\n" for stamp in stamps))
    assert read(tmp_path / "a.csv").motion.start == pytest.approx(start)


def test_the_judge_reads_it(assets, clip, tmp_path):
    source = assets.parent / "judge" / "lip_truth.py"
    spec = importlib.util.spec_from_file_location("lip_truth", source)
    judge = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(judge)
    write(clip, tmp_path / "a.csv")
    times, values, names = judge.read_csv(tmp_path / "a.csv")
    np.testing.assert_allclose(times, clip.motion.times, atol=1e-5)
    assert [n[0].lower() + n[1:] for n in names] == list(COLUMNS)
    np.testing.assert_allclose(values, clip.motion.select(COLUMNS), atol=1e-7)


def test_reads_a_real_take(assets):
    motion = read(assets / "motion" / "alex_rom_3.csv").motion
    assert motion.frame_rate == 30 and motion.start == 0
    rows = list(csv.DictReader((assets / "motion" / "alex_rom_3.csv").open()))
    assert motion.duration == pytest.approx(134 + (54.561 - 31.652) / 60 + 1 / 30, abs=0.05)
    np.testing.assert_allclose(motion["jawLeft"][:3], [float(r["JawLeft"]) for r in rows[:3]], atol=1e-3)
    np.testing.assert_allclose(motion["eyeBlinkRight"][:3], [float(r["EyeBlinkRight"]) for r in rows[:3]], atol=1e-3)
    assert 0.9 < motion["jawOpen"].max() < 1.1


def test_other_spellings_and_extra_columns_are_tolerated(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "TimeCode,BlendshapeCount,JAWOPEN,eyeblinkleft,Anger\n13:00:00:00.000,3,0.5,1.25,9\n13:00:00:02.000,3,0.25,0,9\n"
    )
    motion = read(path).motion
    np.testing.assert_allclose(motion["jawOpen"], [0.5, 0.25])
    np.testing.assert_allclose(motion["eyeBlinkLeft"], [1.25, 0])
    assert motion.frame_rate == 30 and motion.values.sum() == 2.0


def test_dropped_rows_are_filled(tmp_path):
    path = tmp_path / "a.csv"
    frames = [0, 1, 2, 4, 5]
    path.write_text("Timecode,JawOpen\n" + "".join(f"00:00:00:{f:02d}.000,{f / 10}\n" for f in frames))
    np.testing.assert_allclose(read(path).motion["jawOpen"], np.arange(6) / 10, atol=1e-6)


@pytest.mark.parametrize(
    "text",
    ["", "a,b\n1,2\n", "Timecode,JawOpen\n", "Timecode,JawOpen\nnever,0\n", "Timecode,JawOpen\n00:00:00:00.000,wide\n",
     "Timecode,JawOpen,MouthClose\n00:00:00:00.000,0\n", "Timecode,JawOpen\n00:00:01:00.000,0\n00:00:00:00.000,0\n"],
)  # fmt: skip
def test_something_else_is_refused(tmp_path, text):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(MotionError):
        read(tmp_path / "a.csv")


def test_a_take_goes_on_past_midnight_and_never_back(clip, tmp_path):
    write(clip, tmp_path / "a.csv")
    head, *rows = (tmp_path / "a.csv").read_text().splitlines()
    stamps = [timecode((86_399 + i / 60) % 86_400) for i in range(len(rows))]
    late = [",".join([stamp, *row.split(",")[1:]]) for stamp, row in zip(stamps, rows, strict=True)]
    (tmp_path / "late.csv").write_text("\n".join([head, *late]) + "\n")
    back = read(tmp_path / "late.csv").motion
    assert len(back) == len(clip.motion) and back.frame_rate == 60
    np.testing.assert_allclose(back.values, clip.motion.values, atol=2e-3)
    (tmp_path / "back.csv").write_text("\n".join([head, *rows[60:], *rows[:60]]) + "\n")
    with pytest.raises(MotionError, match="does not go forward"):
        read(tmp_path / "back.csv")


@pytest.mark.parametrize(
    ("stamp", "words"),
    [("00:00:00:nan", "does not go forward"), ("00:00:00:inf", "does not go forward"),
     ("11:00:00:00.000", r"line 4: the timecode jumps by \d+ s"), ("9" * 4500 + ":00:00:00", "damaged")],
    ids=["nan", "inf", "jump", "digits"],
)  # fmt: skip
def test_times_out_of_all_bounds_are_refused_at_once(tmp_path, stamp, words):
    rows = ["00:00:00:00.000,0", "00:00:00:01.000,0", f"{stamp},0"]
    (tmp_path / "a.csv").write_text("\n".join(["Timecode,JawOpen", *rows]) + "\n")
    with pytest.raises(MotionError, match=words):
        read(tmp_path / "a.csv")
