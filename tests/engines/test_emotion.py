from pathlib import Path

import numpy as np
import pytest

from utterface import speech
from utterface.cli.summary import Result, facts, for_people
from utterface.engines.animate import animate
from utterface.engines.emotion import EmotionStream, emotion_features, split_auto
from utterface.errors import ConfigError, ModelError
from utterface.lab.corpora.nonspeech import KINDS, nonspeech
from utterface.live import LiveSettings, LiveVoice


@pytest.fixture(scope="module")
def angry(assets) -> np.ndarray:
    """Eight seconds of one actor."""
    takes = sorted((assets / "audio" / "emodb").glob("03*W?.flac"))
    samples = np.concatenate([speech.read(take).samples for take in takes])
    return np.tile(samples, 2)[:128_000]


@pytest.fixture(scope="module")
def calm(assets) -> np.ndarray:
    return speech.read(assets / "audio" / "nvidia" / "Mark_neutral.wav").samples


def stream(samples: np.ndarray, size: int = 16_000) -> EmotionStream:
    made = EmotionStream()
    for first in range(0, len(samples), size):
        made.push(samples[first : first + size])
    return made


def brows_down(motion) -> float:
    return float(motion.select(("browDownLeft",)).mean())


def test_an_angry_voice_frowns_and_a_calm_one_does_not(angry, calm):
    frown = {name: brows_down(animate(samples, emotions={"auto": 1.0}, life=False, model="animator").motion)
             for name, samples in {"angry": angry, "calm": calm}.items()}  # fmt: skip
    assert frown["angry"] > 0.3
    assert frown["calm"] < 0.03


def test_strength_scales_what_shows(angry):
    full, half, none = (
        brows_down(animate(angry, emotions={"auto": s}, life=False, model="animator").motion) for s in (1.0, 0.5, 0.0)
    )
    assert half == pytest.approx(full / 2, rel=0.05)
    assert none == pytest.approx(0, abs=1e-6)


def test_the_clip_says_how_sure_it_is(angry):
    clip = animate(angry[: 16_000 * 5], emotions={"auto": 0.5}, model="animator")
    assert next(iter(clip.emotions_heard)) == "anger"
    assert sum(clip.emotions_heard.values()) == pytest.approx(1, abs=0.01)
    assert clip.emotions == {"auto": 0.5}
    assert "anger" in for_people(Result(Path("a.wav"), facts=facts(clip, 1.0)))


@pytest.mark.parametrize("kind", KINDS)
def test_sound_without_speech_is_neutral(kind):
    samples = nonspeech(kind, 16_000 * 6, np.random.default_rng(3))
    courses = stream(samples).courses(np.arange(0, 6, 0.1))
    assert max((course.max() for course in courses.values()), default=0.0) < (0.5 if kind == "tones" else 0.3)


@pytest.mark.parametrize("gain", [0.1, 3.0])
def test_loudness_changes_little(angry, gain):
    times = np.arange(0, 6, 0.1)
    plain, scaled = (stream(samples[:96_000]).courses(times) for samples in (0.3 * angry, 0.3 * gain * angry))
    assert np.abs(plain["anger"] - scaled["anger"]).max() < 0.2


@pytest.mark.parametrize("live", [False, True])
def test_cuts_of_the_sound_change_nothing(angry, live):
    times = np.arange(0, 6, 0.05)
    whole, cut = (stream(angry[:96_000], size).courses(times, live) for size in (96_000, 777))
    assert whole.keys() == cut.keys()
    assert all(np.allclose(whole[name], cut[name], atol=1e-5) for name in whole)


def test_a_live_course_never_changes_as_more_comes(angry):
    times = np.arange(0, 4, 0.05)
    first, later = stream(angry[:64_000]).courses(times, True), stream(angry).courses(times, True)
    assert first
    assert all(np.allclose(later[name], course) for name, course in first.items())


def test_a_live_voice_shows_what_it_sounds_like(angry):
    live = LiveVoice(LiveSettings("animator", emotions={"auto": 1.0}, life=False))
    frown = np.concatenate([live.push(angry[i : i + 3200]).select(("browDownLeft",)) for i in range(0, 128_000, 3200)])
    assert frown[:30].max() < 0.05
    assert frown[-60:].mean() > 0.3


def test_only_the_last_seconds_are_kept():
    made = stream(np.random.default_rng(0).standard_normal(16_000 * 10).astype(np.float32) * 0.1)
    assert len(made._sound) < 16_000
    assert len(made._frames[0]) == 300


def test_features_do_not_know_the_gain(angry):
    window, quieter = angry[16_000:64_000], 0.5 * angry[16_000:64_000]
    features = []
    for samples in (window, quieter):
        prosody = speech.prosody(samples)
        features.append(emotion_features(speech.log_mel(samples), prosody.energy, prosody.pitch))
    assert features[0].shape == (82,)
    assert np.abs(features[0] - features[1]).max() < 0.2


def test_auto_stands_alone_and_within_its_range():
    assert split_auto({"joy": 0.5}) == ({"joy": 0.5}, None)
    assert split_auto({"auto": 0.5}) == ({}, 0.5)
    with pytest.raises(ConfigError, match="leave it or joy out"):
        split_auto({"auto": 1.0, "joy": 0.5})
    for strength in (-1, 2, float("nan"), "much"):
        with pytest.raises(ConfigError, match="strength of emotion auto must lie in 0 to 1"):
            split_auto({"auto": strength})


def test_a_bundle_of_another_kind_is_refused():
    from utterface.engines.bundle import shipped

    with pytest.raises(ModelError, match="expected one of kind emotion"):
        EmotionStream(shipped()["animator"])
