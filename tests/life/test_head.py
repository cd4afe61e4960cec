"""Head motion: as far as people turn, slowly, nods on stresses."""

import numpy as np

from support.voices import stressed_phones, voice
from utterface.life import Manner, live
from utterface.motion import HEAD, rest


def turned(seed: int, **options) -> np.ndarray:
    """(T, 3) degrees over a minute, a stretch of 5 s being a sentence."""
    energy, pitch = voice(60)
    return np.degrees(live(rest(3600), energy, pitch, parts=["head"], seed=seed, **options).select(HEAD))


def test_the_head_turns_as_far_as_people_do_and_not_faster():
    spread = [[angles[i : i + 300, 0].std() for i in range(300, 3600, 300)] for angles in map(turned, range(8))]
    assert 2.5 < np.mean(spread) < 5
    speeds = [np.abs(np.diff(turned(seed), axis=0)) * 60 for seed in range(4)]
    assert 12 < np.mean([np.percentile(speed[:, 0], 95) for speed in speeds]) < 30 and np.max(speeds) < 90  # °/s
    assert np.abs(turned(1)).max() < 22


def test_the_head_nods_down_where_speech_is_loud():
    """`headPitch` turns the face down; the drift differs from seed to seed and averages out."""
    t = np.arange(4000) / 100
    energy = np.where(t % 2 < 0.5, -15.0, -40.0)  # half a second loud in every two
    pitch = np.zeros_like(energy)
    nods = np.mean([live(rest(2400), energy, pitch, parts=["head"], seed=s)["headPitch"] for s in range(8)], 0)
    at = np.arange(2400) / 60 % 2
    assert nods[(at > 0.3) & (at < 0.6)].mean() > nods[(at > 1.2) & (at < 1.8)].mean() + 0.005


def test_a_head_nods_on_stressed_vowels():
    energy, pitch = np.full(6000, -30.0), np.zeros(6000)
    phones = stressed_phones(60)
    pitches = [live(rest(3600), energy, pitch, phones, parts=["head"], seed=s)["headPitch"] for s in range(8)]
    beat = np.arange(3600) / 60 % 1
    speaking = np.arange(3600) / 60 % 4 < 3
    on, off = ((beat > 0.13) & (beat < 0.25) & speaking), ((beat > 0.6) & speaking)
    assert np.mean(pitches, 0)[on].mean() > np.mean(pitches, 0)[off].mean() + np.radians(0.5)


def test_an_emotion_carries_the_head():
    assert turned(3, manner=Manner(carriage=(0, 5, 0)))[300:, 1].mean() - turned(3)[300:, 1].mean() > 4.9
