"""Brows and cheeks: accents with the voice, and movement that lasts for seconds."""

import numpy as np

from support.voices import stressed_phones, voice
from utterface.life import live
from utterface.motion import CHANNELS, rest


def test_brows_rise_on_stressed_vowels_and_sometimes_draw_together():
    energy, pitch = voice(120)
    moved = live(rest(7200), energy, pitch, stressed_phones(120), parts=["brows"])
    assert moved["browInnerUp"].max() > 0.2 and moved["browDownLeft"].max() > 0.1
    accents = moved["browInnerUp"] > 0.12
    beat = np.arange(7200) / 60 % 1
    assert accents[(beat > 0.1) & (beat < 0.3)].mean() > 1.5 * accents[beat > 0.65].mean()
    outer = moved["browOuterUpLeft"][accents] / moved["browInnerUp"][accents]
    assert outer.std() > 0.1  # not always the same shape


def test_brows_move_where_no_phones_are_known():
    energy, pitch = voice(60)
    assert live(rest(3600), energy, pitch, parts=["brows"])["browInnerUp"].max() > 0.2


def test_cheeks_go_with_loud_speech_and_corners_wander():
    energy, pitch = voice(120)
    moved = live(rest(7200), energy, pitch, parts=["cheeks"])
    loud = np.arange(7200) / 60 % 4
    cheek = moved["cheekSquintLeft"]
    assert cheek[(loud > 0.5) & (loud < 3)].mean() > 1.2 * cheek[(loud > 3.4)].mean()
    assert moved["mouthSmileLeft"].max() > 0.05 and moved["mouthSmileLeft"].std() > 0.02
    assert all(moved[c].max() < 0.4 for c in CHANNELS[:52])


def test_few_channels_are_dead():
    energy, pitch = voice(30)
    moved = live(rest(1800), energy, pitch, stressed_phones(30))
    upper = [c for c in CHANNELS[:52] if c.startswith(("brow", "cheekS", "eye", "nose"))]
    assert all(moved[c].max() > 0.02 for c in upper)
