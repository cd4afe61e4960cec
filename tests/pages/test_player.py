"""The page holds its sound, asks for nothing outside itself, and refuses what would not fit."""

import base64
import io
import re

import numpy as np
import soundfile

from utterface.clip import Clip
from utterface.motion import rest
from utterface.pages import player
from utterface.rigs import head


def embedded(page: str, name: str) -> bytes:
    return base64.b64decode(re.search(rf'id="{name}"[^>]*>([^<]*)<', page)[1])


def test_the_sound_in_the_page_is_the_sound_sample_by_sample(tmp_path):
    noise = np.random.default_rng(3).uniform(-0.5, 0.5, 160_000).astype(np.float32)  # ten seconds that hardly compress
    player.write(Clip(rest(600), duration=10.0, audio=noise), tmp_path / "noise.html", head())
    page = (tmp_path / "noise.html").read_text(encoding="utf-8")
    samples, sample_rate = soundfile.read(io.BytesIO(embedded(page, "utterface-sound")), dtype="float32")
    assert sample_rate == 16_000 and len(samples) == len(noise)
    assert np.abs(samples - noise).max() <= 1 / 32_768 + 1e-6
    assert (tmp_path / "noise.html").stat().st_size <= 5e6


def test_the_page_asks_for_nothing_outside_itself(clip, tmp_path):
    player.write(clip, tmp_path / "clip.html", head())
    page = (tmp_path / "clip.html").read_text(encoding="utf-8")
    assert not re.search(r"<(?:script|link|img|audio|iframe)[^>]*\b(?:src|href)\s*=\s*[\"'](?!data:)", page)
    assert not re.search(r"@import|url\(\s*[\"']?https?:", page)
    assert 'id="utterface-sound"' not in page  # there is none


def test_a_title_cannot_break_the_page(clip, tmp_path):
    sound = tmp_path / "a</title><b>&.wav".replace("/", "⁄")
    soundfile.write(sound, np.zeros(8_000), 16_000)
    player.write(Clip(clip.motion, duration=0.5, audio=sound), tmp_path / "clip.html", head())
    page = (tmp_path / "clip.html").read_text(encoding="utf-8")
    assert "<b>" not in page.split("<body>")[0]
