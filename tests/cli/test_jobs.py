from pathlib import Path

import pytest

from utterface.cli.jobs import passed_over, plan
from utterface.errors import AudioError, ConfigError, OutputError, TextError

FORMATS = (".glb", ".csv")
SUFFIXES = {"alone": ".html", "batch": ".csv"}


@pytest.fixture
def folder(tmp_path):
    """Two recordings, a third file that is none, and a transcript for one of them."""
    (tmp_path / "in").mkdir()
    for name in ("b.wav", "a.FLAC", "notes.md"):
        (tmp_path / "in" / name).touch()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.srt").touch()
    return tmp_path


def test_one_recording_becomes_the_files_named(folder):
    sound, outputs = folder / "in" / "b.wav", [folder / "x.glb", folder / "y.csv"]
    (job,) = plan([sound], outputs, "What is said.", FORMATS, **SUFFIXES)
    assert (job.sound, list(job.files), job.transcript("en").text) == (sound, outputs, "What is said.")


def test_no_output_replaces_an_input(folder):
    (folder / "link.wav").symlink_to(folder / "in" / "b.wav")
    for inputs, outputs, text in (
        (["in/b.wav"], ["in/b.wav"], None), (["in/b.wav"], ["link.wav"], None), (["in"], ["in", ".wav"], None),
        (["in/b.wav"], ["texts/a.srt"], "texts/a.srt"),
    ):  # fmt: skip
        files = [Path(name) if name.startswith(".") else folder / name for name in outputs]
        with pytest.raises(OutputError, match="is an input"):
            plan([folder / name for name in inputs], files, text and str(folder / text),
                 (".wav", ".srt"), **SUFFIXES)  # fmt: skip


def test_a_folder_becomes_a_folder_in_the_formats_named(folder):
    jobs = plan([folder / "in"], [folder / "out", Path(".glb"), Path(".csv")], None, FORMATS, **SUFFIXES)
    assert [job.sound.name for job in jobs] == ["a.FLAC", "b.wav"] and (folder / "out").is_dir()
    assert [[file.name for file in job.files] for job in jobs] == [["a.glb", "a.csv"], ["b.glb", "b.csv"]]


@pytest.mark.parametrize("reads", [True, False])
def test_media_and_apples_sounds_in_a_folder_are_found_where_they_can_be_read(folder, monkeypatch, capsys, reads):
    monkeypatch.setattr("utterface.speech.reading.reads_media", lambda: reads)
    for name in ("c.caf", "d.m4a"):
        (folder / "in" / name).touch()
    jobs = plan([folder / "in"], [folder / "out"], None, FORMATS, **SUFFIXES)
    assert [job.sound.name for job in jobs] == ["a.FLAC", "b.wav", "c.caf", "d.m4a"][: 4 if reads else 3]
    assert ("passed over d.m4a" in capsys.readouterr().err) is not reads


def test_a_batch_without_a_format_gets_the_fallback(folder):
    jobs = plan([folder / "in"], [folder / "out"], None, FORMATS, **SUFFIXES)
    assert [file.name for job in jobs for file in job.files] == ["a.csv", "b.csv"]


def test_one_recording_may_go_into_a_folder(folder):
    (job,) = plan([folder / "in" / "b.wav"], [folder / "out", Path(".glb")], "Hello.", FORMATS, **SUFFIXES)
    assert job.files == (folder / "out" / "b.glb",) and job.text == "Hello."


def test_a_folder_may_be_called_like_a_version(folder):
    jobs = plan([folder / "in"], [folder / "takes-v1.0", Path(".glb")], None, FORMATS, **SUFFIXES)
    assert [job.files[0] for job in jobs] == [folder / "takes-v1.0" / "a.glb", folder / "takes-v1.0" / "b.glb"]
    with pytest.raises(ConfigError, match="one folder"):
        plan([folder / "in"], [folder / "takes.fbx"], None, FORMATS, **SUFFIXES)


def test_transcripts_of_a_batch_go_by_name(folder):
    jobs = plan([folder / "in"], [folder / "out"], str(folder / "texts"), FORMATS, **SUFFIXES)
    assert [job.text for job in jobs] == [folder / "texts" / "a.srt", None]


def test_one_recording_may_find_its_transcript_in_a_folder_too(folder):
    (job,) = plan([folder / "in" / "a.FLAC"], [folder / "x.csv"], str(folder / "texts"), FORMATS, **SUFFIXES)
    assert job.text == folder / "texts" / "a.srt"


@pytest.mark.parametrize("text", ["a word", "x" * 5000, "Mr. Lab.txt is a person"])
def test_words_are_not_taken_for_files(folder, text):
    (job,) = plan([folder / "in" / "b.wav"], [folder / "x.csv"], text, FORMATS, **SUFFIXES)
    assert job.transcript("en").text == text


def test_what_does_not_fit_together_is_refused(folder):
    sounds = [folder / "in" / "a.FLAC", folder / "in" / "b.wav"]
    with pytest.raises(ConfigError, match="one folder"):
        plan(sounds, [folder / "x.csv"], None, FORMATS, **SUFFIXES)
    with pytest.raises(TextError, match="folder of transcripts named like them, or a table, not 'the same for both'"):
        plan(sounds, [folder / "out"], "the same for both", FORMATS, **SUFFIXES)
    with pytest.raises(TextError, match="no transcripts"):
        plan(sounds, [folder / "out"], str(folder / "in"), FORMATS, **SUFFIXES)
    with pytest.raises(TextError, match=r"no such transcript: line\.txt"):
        plan(sounds[:1], [folder / "x.csv"], "line.txt", FORMATS, **SUFFIXES)
    with pytest.raises(AudioError, match="no recordings"):
        plan([folder / "texts"], [folder / "out"], None, FORMATS, **SUFFIXES)
    with pytest.raises(ConfigError, match="two recordings are called b"):
        plan([folder / "in", folder / "in" / "b.wav"], [folder / "out"], None, FORMATS, **SUFFIXES)
    (folder / "taken").touch()
    with pytest.raises(OutputError, match="cannot make the folder"):
        plan(sounds, [folder / "taken" / "out"], None, FORMATS, **SUFFIXES)


def test_takes_are_numbered_files(folder):
    (job,) = plan(
        [folder / "in" / "b.wav"],
        [folder / "x.glb", folder / "y.z.csv"],
        "Hello.",
        FORMATS,
        alone=".html",
        batch=".csv",
    )
    assert job.takes(1) == [job]
    first, second = job.takes(2)
    assert [f.name for f in first.files] == ["x.1.glb", "y.z.1.csv"] and first.take == 0
    assert [f.name for f in second.files] == ["x.2.glb", "y.z.2.csv"] and second.take == 1
    assert second.text == "Hello." and second.files[0].parent == folder


def test_a_table_serves_one_recording_and_many(tmp_path):
    for name in ("a.wav", "b.wav"):
        (tmp_path / name).touch()
    table = tmp_path / "clips.tsv"
    table.write_text("a.wav\thello there\nb.wav\tyou\n")
    one = plan([tmp_path / "b.wav"], [tmp_path / "b.csv"], str(table), FORMATS, **SUFFIXES)
    both = plan([tmp_path], [tmp_path / "out"], str(table), FORMATS, **SUFFIXES)
    assert [job.transcript("en").text for job in one] == ["you"]
    assert [job.transcript("en").text for job in both] == ["hello there", "you"]


def test_a_folder_of_folders_names_the_option(folder):
    with pytest.raises(AudioError, match="recordings in in are passed over; add --recursive"):
        plan([folder], [folder / "out"], None, FORMATS, **SUFFIXES)


def test_formats_by_name_are_files_and_may_stand_for_a_batch(folder):
    named = (*FORMATS, "csv:", "audio2face:")
    (job,) = plan([folder / "in" / "b.wav"], [Path("csv:out/take")], None, named, **SUFFIXES)
    assert job.files == (Path("csv:out/take"),)
    jobs = plan([folder / "in"], [folder / "out", Path("audio2face:"), Path(".glb")], None, named, **SUFFIXES)
    assert jobs[-1].files == (Path(f"audio2face:{folder / 'out' / jobs[-1].sound.stem}.json"),
                              folder / "out" / f"{jobs[-1].sound.stem}.glb")  # fmt: skip


def test_one_recording_without_an_output_becomes_a_page_here(folder):
    (job,) = plan([folder / "in" / "b.wav"], [], None, FORMATS, **SUFFIXES)
    assert job.files == (Path("b.html"),)
    with pytest.raises(ConfigError, match="one folder"):
        plan([folder / "in"], [], None, FORMATS, **SUFFIXES)


def test_a_name_without_suffix_is_a_folder_only_where_that_is_clear(folder):
    sound = folder / "in" / "b.wav"
    with pytest.raises(ConfigError, match=r"face has no suffix; write -o \S*face.html for a file, -o \S*face/ for a"):
        plan([sound], [str(folder / "face")], None, FORMATS, **SUFFIXES)
    assert not (folder / "face").exists()
    for _ in range(2):  # with a slash, then as a folder that is there
        (job,) = plan([sound], [f"{folder / 'face'}/"], None, FORMATS, **SUFFIXES)
        assert job.files == (folder / "face" / "b.csv",)
    (job,) = plan([sound], [str(folder / "face")], None, FORMATS, **SUFFIXES)
    assert job.files == (folder / "face" / "b.csv",)


def test_folders_in_folders_are_read_when_asked_and_mentioned_when_not(folder):
    for name in ("one", "two"):
        (folder / "in" / name).mkdir()
        (folder / "in" / name / "a.wav").touch()
    assert passed_over([folder / "in"]) == [
        f"{folder / 'in'}: recordings in one, two are passed over; add --recursive for them"
    ]
    assert len(plan([folder / "in"], [folder / "out"], None, FORMATS, **SUFFIXES)) == 2
    jobs = plan([folder / "in"], [folder / "out"], None, FORMATS, **SUFFIXES, recursive=True)
    written = {job.files[0].relative_to(folder / "out").as_posix() for job in jobs}
    assert written == {"a.csv", "b.csv", "one/a.csv", "two/a.csv"}
    assert (folder / "out" / "two").is_dir()
