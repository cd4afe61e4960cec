"""Scoring files: equal to the judge on the same files, clear about what it left out."""

import importlib.util
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from utterface import motion, score
from utterface.articulation import articulate
from utterface.clip import Clip
from utterface.errors import AudioError, ConfigError, MotionError, TextError
from utterface.phones import ARPABET_TO_IPA, Span
from utterface.rigs.lips import LipRig

CLIPS = ("1688-142285-0002.flac", "1688-142285-0003.flac", "1688-142285-0004.flac")


@pytest.fixture(scope="module")
def judge() -> ModuleType:
    path = Path(__file__).parents[2] / "shared" / "judge" / "lip_truth.py"
    if not path.is_file():
        pytest.skip("../shared/judge is not here")
    spec = importlib.util.spec_from_file_location("lip_truth", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def scene(judge: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """Three real clips, and motion for them that is good here and bad there."""
    recordings = Path(judge.__file__).parents[1] / "assets" / "audio" / "librispeech_other"
    texts = dict(line.split("\t") for line in (recordings / "clips.tsv").read_text().splitlines())
    folder = tmp_path_factory.mktemp("predictions")
    phones = {}
    for name in CLIPS:
        phones[name], duration = judge.align(recordings / name, texts[name])
        spans = [Span(ARPABET_TO_IPA[label], start, end) for label, start, end in phones[name]]
        good = articulate(spans, duration)
        late = replace(good, values=np.roll(good.values, 5, 0) * np.linspace(0.4, 1.2, len(good))[:, None])
        Clip.from_motion(late).save(folder / Path(name).with_suffix(".csv"))
    table = folder / "clips.tsv"
    table.write_text("".join(f"{name}\t{texts[name]}\n" for name in CLIPS))
    return {"recordings": recordings, "table": table, "folder": folder, "phones": phones, "texts": texts}


def judged(judge: ModuleType, scene: dict) -> dict:
    """What the judge's own code says of the same files."""
    lips, pooled = judge.Lips(Path(judge.__file__).with_name("ict_lips.npz")), {}
    for name, phones in scene["phones"].items():
        times, weights, channels = judge.read_csv(scene["folder"] / Path(name).with_suffix(".csv"))
        low = [c.lower() for c in channels]
        rounding = weights[:, low.index("mouthpucker")] + weights[:, low.index("mouthfunnel")]
        duration = len(score.speech.read(scene["recordings"] / name).samples) / 16000
        seen = judge.observe(phones, times, lips.gap(weights, channels), rounding, duration)
        for key, values in seen.items():
            pooled.setdefault(key, []).extend(values)
    return judge.summary(pooled, 3, 0)


def test_strict_scores_are_the_judge_s(judge, scene):
    rig = LipRig.from_npz(Path(judge.__file__).with_name("ict_lips.npz"))
    lexicon = Path(judge.__file__).with_name("lexicon.tsv")
    ours = score.score_speech(
        scene["folder"], scene["recordings"], scene["table"], rig, strict=True, lexicon=lexicon
    ).to_dict()
    for key, value in judged(judge, scene).items():
        assert ours[key] == pytest.approx(value, abs=0.002, nan_ok=True), key
    assert 0 < ours["vowel_closed"] < 1 and ours["closure_timing_ms"] > 20  # the figures are not all perfect


def test_a_missing_prediction_is_counted_and_a_still_face_closes_everything(scene, tmp_path):
    still = motion.rest(600)
    Clip.from_motion(still).save(tmp_path / "1688-142285-0002.npz")
    rig = LipRig(("jawOpen",), np.array([27.0]))
    found = score.score_speech(tmp_path, scene["recordings"], scene["table"], rig, strict=True)
    assert found.missing == ("1688-142285-0003", "1688-142285-0004")
    assert found.figures["closure_recall"] == 1 and found.figures["vowel_closed"] == 1
    assert found.figures["closure_precision"] == 0  # one closure from end to end touches the pauses


def test_pairing_the_same_predictions_finds_no_difference(judge, scene):
    rig = LipRig.from_npz(Path(judge.__file__).with_name("ict_lips.npz"))
    found = score.score_speech(scene["folder"], scene["recordings"], scene["table"], rig, strict=True)
    for change, low, high in score.compare(found, found).values():
        assert (change, low, high) == (0, 0, 0)


def test_words_outside_the_dictionary_leave_the_clip_out_when_strict():
    silence = np.zeros(16000, np.float32)
    assert score.phones_of(silence, "zzyzxgrmpf", strict=True) is None


def test_tables_in_three_spellings_name_the_same_clips(tmp_path):
    for name in ("a.wav", "b.flac"):
        (tmp_path / name).touch()
    tables = {"tabs.tsv": "a.wav\thello there\nb.flac\tyou\n", "pipes.csv": "a|Hello 2|hello there\nb|You|you\n"}
    tables["mixed.tsv"] = "a\thello there\tspeaker one\nb\tyou\tspeaker two\nc\tnobody\n"
    for name, content in tables.items():
        (tmp_path / name).write_text(content)
        found = score.list_clips(tmp_path, tmp_path / name)
        assert [(c.name, c.text) for c in found] == [("a", "hello there"), ("b", "you")], name


def test_one_recording_takes_its_words_or_a_file_with_them(tmp_path):
    words = tmp_path / "line.txt"
    words.write_text("hello\n  there\n")
    (tmp_path / "line.wav").touch()
    (tmp_path / "line.srt").write_text("1\n00:00:00,000 --> 00:00:02,000\nhello there\n")
    (tmp_path / "table.tsv").write_text("line.wav\thello there\n")
    for place in ("line.srt", "table.tsv", "."):
        assert score.list_clips(tmp_path / "line.wav", str(tmp_path / place))[0].text == "hello there"
    assert score.list_clips(tmp_path / "line.wav", words)[0].text == "hello there"
    assert score.list_clips(tmp_path / "line.wav", "hello " * 100)[0].text.startswith("hello hello")


def test_a_folder_without_a_table_is_explained(tmp_path):
    for name in ("a.wav", "b.wav"):
        (tmp_path / name).touch()
    with pytest.raises(TextError, match="a folder of transcripts named like them, or a table, not 'hello there'"):
        score.list_clips(tmp_path, "hello there")
    with pytest.raises(TextError, match=r"no such transcript: lines\.tsv"):
        score.list_clips(tmp_path, "lines.tsv")
    (tmp_path / "clips.tsv").write_text("nothing.wav\thello\n")
    with pytest.raises(TextError, match=r"no transcripts in .*expected lines like"):
        score.list_clips(tmp_path, tmp_path / "clips.tsv")


def test_a_folder_of_transcripts_serves_as_well(tmp_path):
    for name in ("a.wav", "b.aiff", "c.wav"):
        (tmp_path / name).touch()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("hello there")
    (tmp_path / "texts" / "b.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:02.000\nyou\n")
    found = score.list_clips(tmp_path, str(tmp_path / "texts"))
    assert [(c.name, c.text) for c in found] == [("a", "hello there"), ("b", "you")]


def test_places_that_are_not_there_are_told(tmp_path):
    with pytest.raises(AudioError, match="no such file"):
        score.list_clips(tmp_path / "none.wav", "hello")
    with pytest.raises(MotionError, match="no such file"):
        score.score_speech(tmp_path / "none", tmp_path, "hello", LipRig(("jawOpen",), np.ones(1)))


@pytest.mark.parametrize(("content", "words"), [(None, "cannot read"), ("maps\n", "cannot read"), ("maps\tQQ", "QQ")])
def test_a_lexicon_that_is_none_is_told(tmp_path, content, words):
    if content:
        (tmp_path / "l.tsv").write_text(content)
    with pytest.raises(ConfigError, match=words):
        score.phones_of(np.zeros(16000, np.float32), "maps", strict=True, lexicon=tmp_path / "l.tsv")


def test_a_folder_without_recordings_is_told(tmp_path):
    with pytest.raises(AudioError, match="no recordings in"):
        score.list_clips(tmp_path, str(tmp_path))


def test_one_prediction_judges_one_recording(tmp_path):
    for name in ("a.wav", "b.wav"):
        (tmp_path / name).touch()
    (tmp_path / "table.tsv").write_text("a.wav\thello\nb.wav\tyou\n")
    (tmp_path / "face.csv").touch()
    with pytest.raises(ConfigError, match="2 recordings need a folder of predictions"):
        score.score_speech(tmp_path / "face.csv", tmp_path, tmp_path / "table.tsv", LipRig(("jawOpen",), np.ones(1)))


def test_recordings_of_one_name_are_told_apart_by_nobody(tmp_path):
    for name in ("a.wav", "a.flac", "b.wav"):
        (tmp_path / name).touch()
    with pytest.raises(AudioError, match=r"holds a\.flac and a\.wav"):
        score.list_clips(tmp_path, tmp_path / "table.tsv")
