"""Many voices in one call: each as if it were alone, to the last bit, and as a voice by itself within rounding."""

from pathlib import Path

import numpy as np
import pytest
import soxr

from utterface import speech
from utterface.errors import AudioError, ConfigError
from utterface.live import BatchVoice, LiveSettings, LiveVoice, VoiceBatch
from utterface.live.batch import WAITING
from utterface.motion import ARKIT, MOUTH, join

ROOT = Path(__file__).parents[2]
HOP = 320


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    return speech.read(ROOT / "examples" / "hello.flac").samples[8000:32_000]


@pytest.fixture(scope="module")
def shared() -> VoiceBatch:
    """A batch that tests join and leave."""
    return VoiceBatch(voices=20)


def ticks(batch: VoiceBatch, voice: BatchVoice) -> list[np.ndarray]:
    """Frames of one voice of all ticks until nothing waits."""
    values = []
    while spoken := batch.tick():
        values += [one.motion.values for one in spoken if one.voice is voice]
    return values


def whole(batch: VoiceBatch, voice: BatchVoice, sound: np.ndarray, cut: int) -> np.ndarray:
    values = []
    for first in range(0, len(sound), cut):
        voice.push(sound[first : first + cut])
        values += ticks(batch, voice)
    voice.end()
    return np.concatenate([*values, *ticks(batch, voice)])


@pytest.mark.parametrize(("rate", "cut"), [(16_000, 1117), (48_000, 48_000)])
def test_any_chunking_is_the_face_of_a_voice_by_itself(
    shared: VoiceBatch, sound: np.ndarray, rate: int, cut: int
) -> None:
    samples = soxr.resample(sound, 16_000, rate) if rate != 16_000 else sound
    settings = LiveSettings("animator", rate, strength=1.2, emotions={"joy": 0.4}, life="lively")
    alone = LiveVoice(settings)
    expected = join([alone.push(samples), alone.flush()]).values
    voice = shared.join(settings)
    assert len(expected) == 90
    for _ in range(2):  # the second utterance is as the first
        np.testing.assert_allclose(whole(shared, voice, samples, cut), expected, atol=1e-5)
    voice.leave()


@pytest.mark.parametrize("frame_rate", [25.0, 120.0])
def test_frame_rates(sound: np.ndarray, frame_rate: float) -> None:
    settings = LiveSettings("animator", frame_rate=frame_rate)
    alone, batch = LiveVoice(settings), VoiceBatch(frame_rate=frame_rate, voices=1)
    expected = join([alone.push(sound), alone.flush()]).values
    np.testing.assert_allclose(whole(batch, batch.join(), sound, 4000), expected, atol=1e-5)


def test_voices_that_come_and_go_change_no_bit(shared: VoiceBatch, sound: np.ndarray) -> None:
    """One voice by itself, then among up to 19 that join, are interrupted, end and leave at random, in two groups."""
    settings = LiveSettings("animator", emotions={"sadness": 0.3}, seed=5)
    voice = shared.join(settings)
    alone = whole(shared, voice, sound, HOP)
    voice.leave()

    drawn = np.random.default_rng(3)
    others = [shared.join(LiveSettings("animator", seed=k, strength=0.1 * k)) for k in range(8)]
    voice, values = shared.join(settings), []
    for first in range(0, len(sound), HOP):
        voice.push(sound[first : first + HOP])
        for other in others:
            other.push(sound[::-1][(at := drawn.integers(0, 20_000)) : at + drawn.integers(0, 900)].copy())
        values += ticks(shared, voice)
        chosen = others[drawn.integers(len(others))]
        match drawn.integers(6):
            case 0 if len(others) > 4:
                chosen.leave()
                others.remove(chosen)
            case 1:
                chosen.interrupt()
            case 2:
                chosen.end()
            case 3 | 4 if len(others) < 19:
                emotions, life = {"joy": float(drawn.random())}, ("calm", "blink,head", "off")[drawn.integers(3)]
                others.append(shared.join(LiveSettings("animator", emotions=emotions, life=life)))
    voice.end()
    assert np.array_equal(np.concatenate([*values, *ticks(shared, voice)]), alone)
    for one in (voice, *others):
        one.leave()


def test_an_interrupted_voice_is_at_rest_in_time(shared: VoiceBatch, sound: np.ndarray) -> None:
    voice = shared.join()
    voice.push(sound[:12_000])
    before = ticks(shared, voice)[-1]
    voice.push(sound[12_000:])
    after = voice.interrupt()
    assert len(after) / 60 <= 0.2 and voice.waiting == 0 and not shared.tick()
    mouth = [ARKIT.index(name) for name in ARKIT if name.startswith(MOUTH)]
    assert np.abs(after.values[-1, mouth]).max() == 0
    assert np.abs(np.diff(np.concatenate([before[-1:], after.values])[:, mouth], axis=0)).max() < 0.35
    again = whole(shared, voice, sound, 800)
    voice.leave()
    other = shared.join()
    assert np.array_equal(again, whole(shared, other, sound, 800))
    other.leave()


def test_utterances_follow_one_another(shared: VoiceBatch, sound: np.ndarray) -> None:
    voice = shared.join()
    for part in (sound[:8_000], sound[8_000:20_000]):
        voice.push(part)
        voice.end()
    ended, frames, starts = [], 0, []
    while spoken := shared.tick():
        for one in spoken:
            starts.append(one.motion.start)
            frames += len(one.motion)
            if one.ended is not None:
                ended.append((one.ended, frames))
    voice.leave()
    assert ended == [(0.5, 30), (0.75, 75)] and starts.count(0.0) == 2


def test_sound_that_waits_is_bounded(shared: VoiceBatch) -> None:
    voice = shared.join()
    second = np.zeros(16_000, np.float32)
    for _ in range(round(WAITING)):
        voice.push(second)
    with pytest.raises(AudioError, match=r"10\.0 s of sound wait"):
        voice.push(second)
    with pytest.raises(AudioError):
        voice.push(np.full(320, np.nan, np.float32))
    assert voice.waiting == voice.heard == WAITING
    shared.tick()
    assert voice.waiting == pytest.approx(WAITING - 8 * 0.02)
    voice.push(second[:2000])
    voice.leave()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (LiveSettings("phones-live"), "this batch is of animator"),
        (LiveSettings("animator", emotions={"auto": 1.0}), "auto is for a LiveVoice"),
        (LiveSettings("animator", frame_rate=30), "at 60"),
    ],
)
def test_a_voice_of_another_batch_is_refused(shared: VoiceBatch, settings: LiveSettings, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        shared.join(settings)


def test_a_full_batch_and_a_model_without_batches() -> None:
    batch = VoiceBatch(voices=1)
    batch.join()
    with pytest.raises(ConfigError, match="1 voices speak already"):
        batch.join()
    for model in ("phones-live", "thunder", "nothing"):
        with pytest.raises(ConfigError, match="takes no voices together"):
            VoiceBatch(model)
