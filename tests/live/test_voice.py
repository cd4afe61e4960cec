"""A live voice: cuts change nothing, every rate gives the same face, an interrupted one is at rest at once."""

from pathlib import Path

import numpy as np
import pytest
import soxr

import utterface
from utterface import speech
from utterface.errors import AudioError, ConfigError
from utterface.live import LiveSettings, LiveVoice
from utterface.live.voice import RESTED, samples_from
from utterface.motion import ARKIT, MOUTH, join

ROOT = Path(__file__).parents[2]
ANIMATOR = {"model": "animator"}


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    return speech.read(ROOT / "examples" / "hello.flac").samples[: 3 * speech.SAMPLE_RATE]


def whole(voice: LiveVoice, sound: np.ndarray, cut: int) -> np.ndarray:
    pieces = [voice.push(sound[i : i + cut]) for i in range(0, len(sound), cut)]
    return join([piece for piece in (*pieces, voice.flush()) if len(piece)]).values


@pytest.mark.parametrize(("model", "rate"), [("animator", 16_000), ("phones-live", 48_000), ("animator", 24_000)])
def test_cuts_change_nothing(sound: np.ndarray, model: str, rate: int) -> None:
    samples = soxr.resample(sound, 16_000, rate) if rate != 16_000 else sound
    voice = LiveVoice(LiveSettings(model, sample_rate=rate, emotions={"joy": 0.4}, life="lively"))
    at_once, in_pieces, other = (whole(voice, samples, cut) for cut in (len(samples), rate // 50, 1117))
    assert len(at_once) == 180
    assert np.abs(at_once - in_pieces).max() < 1e-5 and np.abs(at_once - other).max() < 1e-5


def test_is_the_face_that_animate_makes(sound: np.ndarray) -> None:
    """Without emotions, which `animate` fits to pauses that it knows, and but for rest at both ends of a take."""
    live = whole(LiveVoice(LiveSettings(**ANIMATOR)), sound, 800)
    made = utterface.animate(sound, model="animator").motion.values
    inner = slice(12, -40)
    assert np.abs(live - made)[inner].max() < 1e-4


def test_another_voice_changes_nothing(sound: np.ndarray) -> None:
    alone = whole(LiveVoice(LiveSettings(**ANIMATOR)), sound, 320)
    one, other = LiveVoice(LiveSettings(**ANIMATOR)), LiveVoice(LiveSettings(model="animator", strength=1.7, seed=9))
    pieces = []
    for i in range(0, len(sound), 320):
        if i > 16_000:
            other.push(sound[::-1][i : i + 320].copy())
        if i == 32_000:
            other.interrupt()
        pieces.append(one.push(sound[i : i + 320]))
    pieces.append(one.flush())
    assert np.array_equal(join([p for p in pieces if len(p)]).values, alone)


def test_an_interrupted_face_is_at_rest_in_time(sound: np.ndarray) -> None:
    voice = LiveVoice(LiveSettings(**ANIMATOR))
    before = voice.push(sound[:24_000])
    after = voice.interrupt()
    assert after.start == pytest.approx(before.start + len(before) / 60)
    assert len(after) / 60 <= 0.2 and RESTED < 0.2
    mouth = [ARKIT.index(name) for name in ARKIT if name.startswith(MOUTH)]
    assert np.abs(after.values[-1, mouth]).max() == 0
    assert np.abs(np.diff(np.concatenate([before.values[-1:], after.values])[:, mouth], axis=0)).max() < 0.35
    again = whole(voice, sound, 800)
    assert np.array_equal(again, whole(LiveVoice(LiveSettings(**ANIMATOR)), sound, 800))


def test_seeds_and_parts() -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(32_000).astype(np.float32)
    takes = [
        whole(LiveVoice(LiveSettings("animator", seed=seed, life=life)), noise, 1600)
        for seed, life in ((1, True), (2, True), (1, False))
    ]
    blink = ARKIT.index("eyeBlinkLeft")
    assert not np.array_equal(takes[0], takes[1]) and takes[0][:, blink].any() and not takes[2][:, blink].any()


def test_nothing_but_an_interruption_before_any_sound() -> None:
    assert len(LiveVoice(LiveSettings(**ANIMATOR)).interrupt()) == 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"sample_rate": 100}, "sample rate"), ({"sample_rate": float("nan")}, "sample rate"),
        ({"frame_rate": 0}, "frame rate"),
        ({"strength": 3}, "strength"), ({"emotions": {"jo": 1}}, "no emotion is called"), ({"seed": 1.5}, "seed"),
        ({"life": "blinks"}, "blinks"),
    ],
)  # fmt: skip
def test_settings_that_do_not_fit(wrong: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        LiveSettings(**wrong)


def test_engines_that_do_not_stream_are_refused() -> None:
    with pytest.raises(ConfigError, match="needs the whole utterance"):
        LiveVoice(LiveSettings("phones"))


def test_bad_sound_is_left_out(sound: np.ndarray) -> None:
    voice = LiveVoice(LiveSettings(**ANIMATOR))
    voice.push(sound[:8000])
    for wrong in (np.full(320, np.nan, np.float32), np.zeros((2, 320), np.float32)):
        with pytest.raises(AudioError):
            voice.push(wrong)
    assert voice.heard == 0.5


def test_samples_of_bytes() -> None:
    assert samples_from(b"\x01\x00\xff\xff", "s16").tolist() == [1, -1]
    assert samples_from(np.array([0.5], "<f4").tobytes(), "f32").tolist() == [0.5]
    with pytest.raises(AudioError, match="3 bytes"):
        samples_from(b"abc", "s16")
    with pytest.raises(ConfigError, match="encoding"):
        samples_from(b"", "mp3")
