"""`utterface say`: one text, a script, lines from a pipe; resumed where it stopped; one line for every mistake."""

import io
import json
import socket
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from utterface.cli import main
from utterface.formats import FORMATS
from utterface.live.udp import Packet
from utterface.speak import flite

if not flite.voices():
    pytest.skip("flite is not installed", allow_module_level=True)
VOICE = ["--voice", "flite:slt"]


def test_a_text_becomes_several_files_of_equal_length(tmp_path, capsys):
    files = [tmp_path / name for name in ("hi.csv", "hi.wav", "hi.srt")]
    assert main(["say", "Hello! My name is Bob.", *VOICE, *[x for f in files for x in ("-o", str(f))]]) == 0
    out = capsys.readouterr().out
    assert "by flite:slt" in out and "lip closures for 4 bilabials" in out
    rows = files[0].read_text("utf-8").count("\n") - 1
    assert abs(rows / 60 - soundfile.info(files[1]).duration) <= 1 / 60
    assert "My name is Bob." in files[2].read_text("utf-8")


def test_a_script_is_written_line_by_line_and_resumed(tmp_path, monkeypatch, capsys):
    lines = "One line.\n\nMaybe another.\n[jo] wrong\n"
    for made in (2, 0):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
        assert main(["say", "-", *VOICE, "-o", f"{tmp_path}/", "-o", ".csv"]) == 2
        said = capsys.readouterr()
        assert said.out.count("lip closures") == made and "0003: no mark is called [jo]" in said.err
    assert "2 of 3 were there already" in said.out
    assert sorted(p.name for p in tmp_path.iterdir()) == ["0001.csv", "0002.csv", "said.json"]
    (tmp_path / "0001.csv").unlink()
    script = tmp_path / "script.txt"
    script.write_text("One line.\nMaybe another.\n", encoding="utf-8")
    assert main(["say", str(script), *VOICE, "-o", f"{tmp_path}/", "-o", ".csv", "--json"]) == 0
    assert [c["input"] for c in json.loads(capsys.readouterr().out)["clips"]] == ["0001"]


def test_voices_are_listed_with_licence_and_language(capsys):
    assert main(["say", "--voices"]) == 0
    said = capsys.readouterr()
    row = next(line for line in said.out.splitlines() if line.startswith("flite:slt"))
    assert "en-us" in row and "BSD" in row and "pip install 'utterface[say]'" in said.err
    main(["say", "--voices", "--json"])
    assert {"voice", "language", "licence"} == set(json.loads(capsys.readouterr().out)["voices"][0])


def test_text_that_is_not_utf_8_is_refused_in_a_file_and_replaced_in_a_command(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"h\xe9llo")))
    assert main(["say", "-", *VOICE, "-o", "x.csv"]) == 2
    assert capsys.readouterr().err == "utterface: standard input is not UTF-8 text\n"
    assert main(["say", "hello \udce9", *VOICE, "-o", "h\udce9.srt"]) == 0
    assert "hello" in next(tmp_path.iterdir()).read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [([], "nothing to say"), ([""], "nothing to say"), (["hi", "--voice", "x:y"], "no voice is called 'x:y'"),
     (["hi", *VOICE, "--language", "fr"], "speaks en-us, not fr"), (["none.txt"], "cannot read none.txt"),
     (["[foo] hi", *VOICE], "no mark is called [foo]"), (["hi", *VOICE, "-o", "x.nope"], "nope"),
     (["hi", *VOICE, "--to", "vmc", "-o", "x.csv"], "give one of them"), (["hi", *VOICE, "--to", "osc"], "livelink"),
     (["hi", *VOICE, "--to", "vmc", "--emotion", "joy"], "marks in the text"),
     (["hi", *VOICE, "--emotion", "glee"], "no emotion is called 'glee'"),
     (["hi", *VOICE, "--emotion", "auto"], "is for recordings")],
)  # fmt: skip
def test_mistakes_are_one_line(arguments, part, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["say", *arguments]) == 2
    said = capsys.readouterr()
    assert part in said.err and said.err.count("\n") == 1 and not list(tmp_path.iterdir())


def test_a_page_of_hours_is_refused_before_the_face_is_made(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("utterface.speaking.face_of", lambda *_, **__: pytest.fail("the face was made"))
    monkeypatch.setitem(FORMATS, "html", replace(FORMATS["html"], longest=0.5))
    assert main(["say", "Hello there, my friend!", *VOICE, "-o", str(tmp_path / "long.html")]) == 2
    assert "too long for one .html file" in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_a_text_is_sent_while_it_is_spoken(capsys):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        target = f"livelink:127.0.0.1:{receiver.getsockname()[1]}"
        assert main(["say", "My mama.", *VOICE, "--to", target, "--mute", "--frame-rate", "30"]) == 0
        count = int(capsys.readouterr().err.split()[0])
        packets = [Packet.decode(receiver.recv(4096)) for _ in range(count)]
    assert [packet.frame for packet in packets] == [2 * number for number in range(count)]
    assert np.ptp([packet.values[17] for packet in packets]) > 0.03  # the jaw moves


def test_a_line_too_long_for_a_take_is_said_sentence_by_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("utterface.speak.saying.LONGEST", 20)
    script = tmp_path / "long.txt"
    script.write_text("One is here. Two is too! Three?\nShort line.\n", encoding="utf-8")
    assert main(["say", str(script), *VOICE, "-o", f"{tmp_path}/out/", "-o", ".srt"]) == 0
    texts = [path.read_text("utf-8").splitlines()[2] for path in sorted((tmp_path / "out").glob("*.srt"))]
    assert texts == ["One is here.", "Two is too!", "Three?", "Short line."]
    assert main(["say", str(script), *VOICE, "-o", str(tmp_path / "whole.srt")]) == 2
    assert "too long for one take" in capsys.readouterr().err


def test_expression_follows_the_words(tmp_path):
    for name, more in (("plain.csv", []), ("words.csv", ["--expression", "words"])):
        assert main(["say", "No, never! Is it you?", *VOICE, *more, "--seed", "1", "-o", str(tmp_path / name)]) == 0
    assert (tmp_path / "plain.csv").read_text("utf-8") != (tmp_path / "words.csv").read_text("utf-8")
