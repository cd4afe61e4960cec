"""Speech from faces: floors under models, ceilings above them, words counted by hand."""

import json

import numpy as np
import pytest

from utterface import speech
from utterface.cli import main
from utterface.errors import ConfigError
from utterface.lab.corpora.manifest import CorpusClip, read_corpus
from utterface.lab.measures.misspoken import MISSPOKEN
from utterface.lab.networks.mesh_to_speech import UNIT_RATE
from utterface.lab.studies.mesh_to_speech import (
    CEILING,
    FLOOR,
    RECORDING,
    SpokenTarget,
    TrainedMeshToSpeech,
    _of_another,
    count_words,
    gather,
    judge_sound,
    summarise,
)

NETWORK = "[network]\nwidth = 16\ninner = 16\nblocks = 1\n[losses]\nwindows = [512]\n"


@pytest.fixture
def vocoder(trained):
    return trained("vocoder", "mel_fit", NETWORK)


def test_a_clip_is_read_whole_and_in_step(listener, toy):
    trained_model, clip = TrainedMeshToSpeech(listener), read_corpus(toy / "toy").clips[0]
    target = trained_model.read(clip)
    assert len(target.samples) % 3200 == 0 and len(target.samples) >= len(clip.samples())
    seconds = len(target.samples) / 16000
    assert len(target.motion) == 30 * seconds and len(target.units) == UNIT_RATE * seconds
    mel, logits = trained_model.predict(target, target.motion)
    assert mel.shape == target.mel.shape == (100 * seconds, 80) and len(logits) == len(target.units)
    assert np.array_equal(target.mel, speech.log_mel(target.samples))


def test_long_motion_is_heard_in_windows(listener):
    model = TrainedMeshToSpeech(listener).model
    motion = np.random.default_rng(0).uniform(0, 1, (200, len(model.channels))).astype(np.float32)
    voice = np.ones(4, np.float32)
    mel, logits = model.whole(motion, voice)
    assert logits.shape == (334, 8) and mel.shape == (668, 80)
    later = motion.copy()
    later[60 + 42 :] = 0  # beyond what the first window sees
    assert np.array_equal(model.whole(later, voice)[0][:200], mel[:200])
    later[60 + 40 :] = 0
    assert not np.array_equal(model.whole(later, voice)[0][:200], mel[:200])


def test_summary_by_hand():
    clips = [
        {
            "distance": 10.0,
            "mel_frames": 10,
            "right": 3,
            "surprise": 8.0,
            "frames": 5,
            "stoi": 0.5,
            "pesq_wb": float("nan"),
            "errors": 2,
            "words": 4,
        },
        {
            "distance": 0.0,
            "mel_frames": 30,
            "right": 15,
            "surprise": 2.0,
            "frames": 15,
            "stoi": 0.7,
            "pesq_wb": 2.0,
            "errors": 0,
            "words": 0,
        },
    ]
    assert summarise(clips) == pytest.approx(
        {
            "loss": 10 * 0.25 / 4 + 0.5,
            "mel_distance": 0.25,
            "unit_accuracy": 0.9,
            "stoi": 0.6,
            "pesq_wb": 2.0,
            "word_error_rate": 0.5,
        }
    )


def test_the_recording_itself_is_perfect_and_noise_is_not(listener, toy):
    target = TrainedMeshToSpeech(listener).read(read_corpus(toy / "toy").clips[0])
    perfect = judge_sound(target, target.samples, words=False)
    noise = judge_sound(target, np.random.default_rng(0).standard_normal(len(target.samples)) * 0.05, words=False)
    assert perfect["stoi"] > 0.99 and noise["estoi"] < 0.5 * perfect["estoi"]


def test_words_are_counted():
    clip = CorpusClip("a", 1.0, "s", text="Two words.")
    assert count_words(clip, np.zeros(16000, np.float32)) == {"errors": 2, "words": 2}
    assert count_words(CorpusClip("a", 1.0, "s", text=""), np.zeros(16000, np.float32))["words"] == 0
    assert count_words(CorpusClip("a", 1.0, "s", "de", text="Wort"), np.zeros(16000, np.float32))["words"] == 0


def test_the_whole_benchmark(listener, vocoder, toy, tmp_path, capsys):
    out = tmp_path / "report"
    arguments = [
        str(listener),
        str(listener),
        "--vocoder",
        str(vocoder),
        "--corpus",
        str(toy / "toy"),
        "--split",
        "valid",
    ]
    assert main(["bench", "hearing", *arguments, "-o", str(out), "--no-words"]) == 0
    result = json.loads((out / "hearing.json").read_text())
    names = [row["name"] for row in result["rows"]]
    heard = ["mouth", *(f"mouth, {how}" for how in (FLOOR, *MISSPOKEN))]
    assert names == [RECORDING, CEILING, *heard, *(f"{name} (2)" for name in heard)]
    one, floor, wrong, again = (result["rows"][names.index(n)] for n in (*heard[:2], "mouth, jaw still", "mouth (2)"))
    assert one["loss"] == again["loss"] and len({row["loss"] for row in (one, floor, wrong)}) == 3
    assert "stoi" in floor and "stoi" not in wrong
    assert one["mel_distance_95"][0] <= one["mel_distance"] <= one["mel_distance_95"][1]
    page = (out / "hearing.md").read_text()
    assert page.count("\n| ") == 4 + 2 * len(heard) and "STOI" in page and page.strip() in capsys.readouterr().out


def test_clips_that_are_too_few_are_refused(toy):
    assert len(gather([toy / "toy"], "train", 3)) == 3
    with pytest.raises(ConfigError, match="two clips"):
        gather([toy / "toy"], "test")


def test_another_face_says_something_else():
    sounds = [np.full(4, n, np.float32) for n in (0, 0, 1, 1)]
    targets = [SpokenTarget(None, s, np.full((3 + n, 1), n), s, s, s) for n, s in enumerate(sounds)]
    others = [motion[0, 0] for motion in _of_another(targets)]
    assert others == [3, 3, 1, 1] and [len(m) for m in _of_another(targets)] == [3, 4, 5, 6]
