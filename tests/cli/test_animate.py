"""The command as people use it: what comes out, and what a mistake is answered with."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from support.windowed_bundle import write_bundle
from utterface.cli import main
from utterface.cli.animate import read_emotions
from utterface.errors import ConfigError
from utterface.formats import livelink, npz
from utterface.recognise.phones import is_installed
from utterface.timing import SAMPLE_RATE

HELLO = Path(__file__).parents[2] / "examples" / "hello.flac"
SAID = "Hello! I move my lips for every word, and I keep them shut for maps, pubs and bumblebees."


@pytest.fixture
def spoken(tmp_path) -> Path:
    """One second and a half of the example."""
    samples, rate = soundfile.read(HELLO)
    soundfile.write(tmp_path / "spoken.wav", samples[: round(1.5 * rate)], rate)
    return tmp_path / "spoken.wav"


def test_a_transcript_gives_motion_files_and_a_summary(tmp_path, capsys):
    outputs = [tmp_path / f"hello{suffix}" for suffix in (".csv", ".json", ".npz")]
    named = [word for path in outputs for word in ("-o", str(path))]
    assert main(["animate", str(HELLO), "--text", SAID, *named]) == 0
    out, err = capsys.readouterr()
    first, *rest = out.splitlines()
    assert first.startswith("hello.flac: 6.23 s, 374 frames at 60 a second, ")
    assert "lip closures for" in first and " bilabials, by aligned in " in first and "(real-time factor " in first
    assert [line.split(" (")[0] for line in rest] == [f"wrote {path}" for path in outputs] and err == ""
    assert len(livelink.read(outputs[0]).motion) == 374


def test_without_a_transcript_it_listens(spoken, tmp_path, capsys):
    assert main(["animate", str(spoken), "-o", str(tmp_path / "a.csv"), "--model", "recogniser", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["clips"]
    assert told["frames"] == 90 and told["engine"] == "recogniser" and told["files"] == [str(tmp_path / "a.csv")]
    assert set(told) >= {"duration", "real_time_factor", "closures", "bilabials", "text", "confidence"}


def test_options_reach_the_face(spoken, tmp_path, capsys):
    here, there = tmp_path / "a.csv", tmp_path / "b.csv"
    base = ["animate", str(spoken), "--quiet", "--frame-rate", "30", "--life", "off", "-o"]
    assert main([*base, str(here)]) == 0
    assert main([*base, str(there), "--emotion", "joy:0.5", "--offset-ms", "100"]) == 0
    assert capsys.readouterr() == ("", "")
    plain, joyful = livelink.read(here).motion, livelink.read(there).motion
    assert plain.frame_rate == 30 and len(plain) == 45
    assert joyful["mouthSmileLeft"].max() > plain["mouthSmileLeft"].max() + 0.1
    assert joyful["cheekSquintLeft"].min() > 0.1 and not plain["cheekSquintLeft"].any()
    assert not plain["headYaw"].any()


def test_a_model_that_samples_gives_as_many_takes_as_are_asked_for(spoken, tmp_path, capsys):
    model = ["--model", str(write_bundle(tmp_path / "sampled", {"channels": 3, "draws": 1}))]
    base = ["animate", str(spoken), *model, "--life", "off", "-o"]
    assert main([*base, str(tmp_path / "a.npz"), "-o", str(tmp_path / "a.csv"), "--samples", "3", "--seed", "7"]) == 0
    assert sorted(p.name for p in tmp_path.glob("a.*")) == [
        f"a.{i}.{kind}" for i in (1, 2, 3) for kind in ("csv", "npz")
    ]
    assert capsys.readouterr().out.count("by sampled in") == 3
    takes = [npz.read(tmp_path / f"a.{i}.npz").motion.values for i in (1, 2, 3)]
    assert np.abs(takes[0] - takes[1]).max() > 0.1 and np.abs(takes[1] - takes[2]).max() > 0.1
    assert main([*base, str(tmp_path / "b.npz"), "--seed", "8", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["clips"][0]["seed"] == 8
    assert np.array_equal(npz.read(tmp_path / "b.npz").motion.values, takes[1])


def test_a_model_that_does_not_sample_gives_one_take(spoken, tmp_path, capsys):
    model = str(write_bundle(tmp_path / "plain"))
    for options, called in ((["--model", model], "the model plain"), ([], "the model phones")):
        assert main(["animate", str(spoken), "-o", str(tmp_path / "out"), "--samples", "2", *options]) == 2
        err = capsys.readouterr().err
        assert err.startswith(f"utterface: {called} does not sample") and err.count("\n") == 1
    assert main(["animate", str(spoken), "-o", str(tmp_path / "out"), "--samples", "0"]) == 2
    assert "1 or more" in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_silence_is_a_still_closed_face(tmp_path):
    soundfile.write(tmp_path / "quiet.wav", np.zeros(2 * SAMPLE_RATE), SAMPLE_RATE)
    assert main(["animate", str(tmp_path / "quiet.wav"), "--quiet", "-o", str(tmp_path / "a.csv")]) == 0
    assert not livelink.read(tmp_path / "a.csv").motion.values.any()


def test_a_bad_file_among_many_is_told_and_the_rest_is_done(spoken, tmp_path, capsys):
    (tmp_path / "broken.wav").write_text("not sound")
    out = tmp_path / "out"
    assert main(["animate", str(spoken), str(tmp_path / "broken.wav"), "-o", str(out), "-o", ".csv", "-o", ".npz"]) == 2
    assert sorted(path.name for path in out.iterdir()) == ["spoken.csv", "spoken.npz"]
    err = capsys.readouterr().err
    assert err.count("\n") == 2 and "broken.wav is not sound" in err and "1 of 2 made; not broken.wav" in err
    asked = ["animate", str(spoken), str(tmp_path / "broken.wav"), "-o", str(tmp_path / "other"), "-o", ".csv"]
    for wrong in (["--emotion", "glee"], ["--emotion", "joy:3"], ["--life", "ears"], ["--model", "nope"]):
        assert main([*asked, *wrong]) == 2  # told once, before any work
        assert capsys.readouterr().err.count("\n") == 1 and not (tmp_path / "other").exists()


# ------------------------------------------------------------------------------------------------------- bad input


def _missing(folder: Path) -> Path:
    return folder / "missing.wav"


def _a_folder(folder: Path) -> Path:
    (folder / "nothing").mkdir()
    return folder / "nothing"


def _empty(folder: Path) -> Path:
    (folder / "empty.wav").touch()
    return folder / "empty.wav"


def _text(folder: Path) -> Path:
    (folder / "text.wav").write_text("This is no sound at all.\n" * 50)
    return folder / "text.wav"


def _cut(folder: Path) -> Path:
    data = HELLO.read_bytes()
    (folder / "cut.flac").write_bytes(data[: len(data) // 2])
    return folder / "cut.flac"


def _written(folder: Path, name: str, samples: np.ndarray) -> Path:
    soundfile.write(folder / name, samples.astype(np.float32), SAMPLE_RATE, subtype="FLOAT")
    return folder / name


BAD_SOUNDS = {
    "missing": (_missing, "no such file"),
    "folder": (_a_folder, "no recordings in"),
    "empty": (_empty, "is empty"),
    "text": (_text, "is not sound"),
    "truncated": (_cut, "cut short"),
    "zero samples": (lambda folder: _written(folder, "zero.wav", np.zeros(0)), "zero samples"),
    "nan": (lambda folder: _written(folder, "nan.wav", np.full(SAMPLE_RATE, np.nan)), "NaN or infinite"),
    "infinite": (lambda folder: _written(folder, "inf.wav", np.full(SAMPLE_RATE, np.inf)), "NaN or infinite"),
    "0.05 s": (lambda folder: _written(folder, "short.wav", np.zeros(SAMPLE_RATE // 20)), "only 0.050 s"),
}


@pytest.mark.parametrize(("make", "words"), BAD_SOUNDS.values(), ids=BAD_SOUNDS)
def test_bad_sound_is_answered_with_one_line_and_2_and_nothing_changes(make, words, tmp_path, capsys):
    sound, target = make(tmp_path), tmp_path / "face.csv"
    target.write_text("from before")
    before = sorted(tmp_path.iterdir())
    assert main(["animate", str(sound), "-o", str(target)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("utterface: ") and err.count("\n") == 1 and words in err
    assert target.read_text() == "from before" and sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["-o", "face.fbx"], r"use one of .html .glb .csv .json .npz"), (["-o", "no/such/face.csv"], "there is no folder"),
     (["-o", "/proc/self/face.csv"], "cannot write"), (["-o", "face"], "write -o face.html"),
     (["-o", "a.csv", "--emotion", "glee"], "glee"),
     (["-o", "a.csv", "--emotion", "joy:much"], "NAME:0..1"),
     (["-o", "a.csv", "--emotion", "auto", "--emotion", "joy"], "leave it or joy out"),
     (["-o", "a.csv", "--emotion", "auto:2"], "strength of emotion auto"),
     (["-o", "a.csv", "--frame-rate", "0"], "frame rate"),
     (["-o", "a.csv", "--life", "loud"], "no part 'loud'"), (["-o", "a.csv", "--model", "nobody"], "no model"),
     (["-o", "a.csv", "--text", "missing.txt"], "no such transcript"), (["-o", "a.csv", "--smile"], "--smile"),
     (["-o", "a.csv", "--fps", "30"], "unknown option --fps; did you mean --frame-rate?"),
     (["--formt", "a.csv"], "unknown option --formt; did you mean --output?"),
     (["--emotoin", "joy"], "unknown option --emotoin; did you mean --emotion?"),
     (["--output-format=glb"], "did you mean --output? (its suffix picks the format: -o face.glb)")],
)  # fmt: skip
def test_bad_options_are_answered_with_one_line_and_2(arguments, words, spoken, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    assert main(["animate", str(spoken), *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("utterface: ") and err.count("\n") == 1 and words in err
    assert sorted(tmp_path.iterdir()) == before


def test_an_unwritable_folder(spoken, tmp_path, capsys):
    (tmp_path / "locked").mkdir(mode=0o500)
    if os.access(tmp_path / "locked", os.W_OK):
        pytest.skip("this user may write anywhere (root)")
    assert main(["animate", str(spoken), "-o", str(tmp_path / "locked" / "face.csv")]) == 2
    assert "cannot write" in capsys.readouterr().err


def test_a_full_disk(spoken, tmp_path, capsys):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("cannot mount a small disk here (needs root)")
    try:
        assert main(["animate", str(spoken), "-o", str(disk / "face.csv")]) == 2
        assert "No space left" in capsys.readouterr().err and list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_transcript_that_must_fit_is_refused(tmp_path, capsys):
    said = "Yesterday the committee postponed its quarterly meeting because of heavy rain and a broken projector."
    assert main(["animate", str(HELLO), "--text", said, "--text-must-fit", "-o", str(tmp_path / "a.csv")]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "fit" in err and not (tmp_path / "a.csv").exists()


def test_the_installed_command_answers():
    done = subprocess.run([sys.executable, "-m", "utterface", "animate"], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr.startswith("utterface: ") and done.stdout == ""


def test_emotions_as_they_are_typed():
    assert read_emotions(["joy:0.25", "surprise"]) == {"joy": 0.25, "surprise": 1.0}
    with pytest.raises(ConfigError, match=r"NAME:0\.\.1"):
        read_emotions(["joy:x"])


def test_forgotten_words_and_the_recording_of_an_error_are_told(tmp_path, capsys):
    csv = ["-o", str(tmp_path / "a.csv")]
    assert main(["animate", str(HELLO), "--text", "Hello! I move my lips for every word.", *csv]) == 0
    err = capsys.readouterr().err
    assert err.startswith("utterface: hello.flac: the transcript lacks words, their sounds are recognised: 2.")
    assert err.count("\n") == 1
    assert main(["animate", str(HELLO), "--frame-rate", "500", *csv]) == 2
    assert capsys.readouterr().err == "utterface: frame rate must lie in 1 to 240 a second, got 500\n"


def test_a_transcript_that_does_not_fit_stops_only_where_it_must(spoken, tmp_path, capsys):
    wrong = ["animate", str(spoken), "--text", "Seven thirsty giraffes chew excellent chalk.", "--life", "off"]
    assert main([*wrong, "-o", str(tmp_path / "a.csv")]) == 0
    out, err = capsys.readouterr()
    assert "by phones " in out
    assert err.startswith("utterface: spoken.wav: the transcript does not fit the sound (confidence 0.")
    assert err.endswith("; phones recognises speech instead\n") and err.count("\n") == 1
    assert main(["animate", str(spoken), "--life", "off", "--quiet", "-o", str(tmp_path / "b.csv")]) == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert main([*wrong, "--text-must-fit", "-o", str(tmp_path / "c.csv")]) == 2
    assert capsys.readouterr().err.startswith("utterface: spoken.wav: the transcript does not fit the sound")


def test_an_empty_transcript_is_one_warning_and_speech_is_recognised(spoken, tmp_path, capsys):
    texts = tmp_path / "texts"
    texts.mkdir()
    for name, content in (("a.txt", "Hello! I move"), ("b.srt", "")):
        (texts / name).write_text(content)
        (tmp_path / name).with_suffix(".wav").write_bytes(spoken.read_bytes())
    sounds = [str(tmp_path / "b.wav"), str(tmp_path / "a.wav")]
    given = ["animate", *sounds, "--text", str(texts), "-o", str(tmp_path / "out")]
    assert main(given) == 0
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "b.wav" in line]
    assert "holds no words" in line and line.endswith("phones recognises speech instead")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["a.csv", "b.csv"]
    assert main([*given, "--text-must-fit", "--quiet"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("utterface: b.wav: the transcript holds no words") and "not b.wav" in lines[1]


def test_sound_comes_through_standard_input(spoken, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(spoken.read_bytes())))
    assert main(["animate", "-", "--quiet", "-o", str(tmp_path / "a.csv")]) == 0
    assert main(["animate", str(spoken), "--quiet", "-o", str(tmp_path / "b.csv")]) == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_what_is_left_of_a_recording_is_animated_where_that_is_allowed(spoken, tmp_path, capsys):
    whole = spoken.read_bytes()
    spoken.write_bytes(whole[: 2 * len(whole) // 3])
    given = ["animate", str(spoken), "-o", str(tmp_path / "a.html")]
    assert main(given) == 2
    assert "cut short or damaged: 1.00 of 1.50 s" in capsys.readouterr().err
    assert main([*given, "--allow-truncated"]) == 0
    assert "cut short; 1.00 s of it are animated" in capsys.readouterr().err


def test_quiet_speech_is_amplified_and_told(spoken, tmp_path, capsys):
    samples, rate = soundfile.read(spoken)
    soundfile.write(tmp_path / "quiet.wav", samples * 10 ** (-50 / 20), rate)
    given = ["animate", str(tmp_path / "quiet.wav"), "--life", "off", "-o", str(tmp_path / "a.csv")]
    assert main(given) == 0
    assert "quiet.wav: the recording is very quiet; amplified by" in capsys.readouterr().err
    assert livelink.read(tmp_path / "a.csv").motion["jawOpen"].max() > 0.1


def test_a_text_that_moves_nothing_is_told(spoken, tmp_path, capsys):
    given = ["animate", str(spoken), "--model", "animator", "--text", "Hello!", "-o", str(tmp_path / "a.csv")]
    assert main(given) == 0
    assert "animator recognises speech by itself, so --text moved nothing" in capsys.readouterr().err


def test_a_name_that_is_too_long_is_one_line(spoken, tmp_path, capsys):
    assert main(["animate", str(spoken), "-o", str(tmp_path / f"{'a' * 300}.csv")]) == 2
    err = capsys.readouterr().err
    assert "too long" in err and err.count("\n") == 1


def test_who_recognised_stands_in_the_summary(spoken, tmp_path, capsys):
    given = ["animate", str(spoken), "-o", str(tmp_path / "a.csv"), "--json"]
    assert main([*given, "--listen", "animator"]) == 0
    (clip,) = json.loads(capsys.readouterr().out)["clips"]
    assert (clip["engine"], clip["recogniser"]) == ("animator", None)
    if is_installed():
        assert main(given) == 0
        (clip,) = json.loads(capsys.readouterr().out)["clips"]
        assert (clip["engine"], clip["recogniser"]) == ("phones", "hama 1.7.0")
    assert main([*given, "--listen", "animator", "--model", "tokens"]) == 2
    assert "leave --listen out" in capsys.readouterr().err


def test_a_missing_recogniser_is_one_line_and_the_animator_takes_its_place(spoken, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("utterface.recognise.phones.default_folder", lambda: tmp_path)
    assert main(["animate", str(spoken), "-o", str(tmp_path / "a.csv"), "--quiet"]) == 0
    err = capsys.readouterr().err
    assert err.startswith("utterface: the phone recogniser is not installed") and err.count("\n") == 1


def test_without_an_output_a_page_is_written_here(spoken, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["animate", str(spoken), "--model", "animator"]) == 0
    assert f"wrote {spoken.stem}.html" in capsys.readouterr().out
    assert (tmp_path / f"{spoken.stem}.html").stat().st_size > 100_000


def test_names_with_line_breaks_and_escapes_are_shown_escaped(tmp_path, capsys):
    sound = tmp_path / "a\n\x1b[2Jb.wav"
    sound.write_bytes(b"no sound")
    assert main(["animate", str(sound), "-o", str(tmp_path / "a.csv")]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and r"a\n\x1b[2Jb.wav" in err
