"""The face keeps time with its sound, whatever the sound came in and the motion went out as."""

from itertools import pairwise

import numpy as np
import pytest
import soundfile

from support.readers import Glb, page_motion, take_motion
from utterface.articulation import articulate
from utterface.clip import Clip
from utterface.engines import ENGINES, Engine, EngineInfo, Request
from utterface.engines.animate import animate
from utterface.motion import Motion
from utterface.phones import Span
from utterface.timing import SAMPLE_RATE

CLOSURES = np.array([0.7213, 1.3571, 2.1049, 2.9533, 3.5107])  # moments off every frame grid
DURATION = 4.3
READERS = {".csv": take_motion, ".glb": lambda path: Glb(path.read_bytes()).motion(), ".html": page_motion}
# what people record with: (suffix, container, subtype, sample rate, channels)
SOUNDS = [
    ("wav", "WAV", "PCM_16", 44_100, 1), ("wav", "WAV", "PCM_24", 96_000, 2), ("wav", "WAV", "PCM_U8", 8_000, 1),
    ("wav", "WAV", "FLOAT", 192_000, 1), ("flac", "FLAC", "PCM_16", 16_000, 1), ("ogg", "OGG", "VORBIS", 48_000, 2),
    ("opus", "OGG", "OPUS", 48_000, 1), ("mp3", "MP3", "MPEG_LAYER_III", 44_100, 2),
]  # fmt: skip


def said(moments: np.ndarray) -> list[Span]:
    """Open vowels with a /p/ of 80 ms around each moment."""
    edges = [0.2, *(e for t in moments for e in (t - 0.04, t + 0.04)), moments[-1] + 0.3]
    return [Span("ɑp"[i % 2], start, end) for i, (start, end) in enumerate(pairwise(edges))]


def closures(times: np.ndarray, values: np.ndarray, names: list[str], moments: np.ndarray) -> np.ndarray:
    """When the mouth is most closed around each moment: the middle of its lowest frames."""
    column = {name: i for i, name in enumerate(names)}
    opening = values[:, column["jawOpen"]] - 1.2 * values[:, column["mouthClose"]]
    found = []
    for moment in moments:
        near = np.abs(times - moment) < 0.15
        lowest = opening[near] <= opening[near].min() + 0.01
        found.append(times[near][lowest].mean())
    return np.array(found)


def read_page(clip: Clip, suffix: str, folder) -> tuple[np.ndarray, np.ndarray, list[str]]:
    path = folder / f"face{suffix}"
    try:
        clip.save(path)
    except Exception as error:
        if "not built" in str(error):
            pytest.skip(str(error))
        raise
    return READERS[suffix](path)


@pytest.mark.parametrize("suffix", READERS)
@pytest.mark.parametrize("frame_rate", [24.0, 25.0, 30.0, 60.0])
def test_known_closures_come_out_within_half_a_frame(suffix, frame_rate, tmp_path):
    motion = articulate(said(CLOSURES), DURATION, frame_rate)
    seen = closures(*read_page(Clip(motion, DURATION), suffix, tmp_path), CLOSURES)
    assert np.abs(seen - CLOSURES).max() <= 0.5 / frame_rate + 1e-3, seen - CLOSURES


class Clicks:
    """Closes the lips at each click: what lies between is the reader's, the clock's and the writers' doing."""

    alignment = None

    def __init__(self, request: Request) -> None:
        self.about = EngineInfo("clicks", request.frame_rate)
        self.reset()

    def reset(self) -> None:
        self.heard = [np.zeros(0, np.float32)]

    def push(self, samples: np.ndarray) -> Motion:
        self.heard.append(samples)
        return Motion(np.zeros((0, 61)), frame_rate=self.about.frame_rate)

    def flush(self) -> Motion:
        samples = np.abs(np.concatenate(self.heard))
        loud = np.flatnonzero(samples > 0.5 * samples.max())
        groups = np.split(loud, np.flatnonzero(np.diff(loud) > 0.1 * SAMPLE_RATE) + 1)
        moments = np.array([group[samples[group].argmax()] for group in groups]) / SAMPLE_RATE
        return articulate(said(moments), len(samples) / SAMPLE_RATE, self.about.frame_rate)


@pytest.mark.parametrize("sound", SOUNDS, ids=lambda s: f"{s[0]}-{s[2]}-{s[3]}")
def test_a_click_track_keeps_time_from_every_input_format(sound, tmp_path, monkeypatch):
    suffix, container, subtype, rate, channels = sound
    if container not in soundfile.available_formats() or subtype not in soundfile.available_subtypes(container):
        pytest.skip(f"this libsndfile writes no {container} {subtype}")
    samples = np.zeros(round(DURATION * rate))
    click = np.hanning(round(0.004 * rate)) * np.cos(np.linspace(-np.pi, np.pi, round(0.004 * rate)) * 3)
    for moment in CLOSURES:
        first = round(moment * rate) - len(click) // 2
        samples[first : first + len(click)] += 0.8 * click
    path = tmp_path / f"clicks.{suffix}"
    soundfile.write(path, np.repeat(samples[:, None], channels, 1), rate, format=container, subtype=subtype)
    monkeypatch.setitem(ENGINES, "clicks", Engine("clicks", Clicks))
    clip = animate(path, model="clicks", frame_rate=60)
    for kind in READERS:
        seen = closures(*read_page(clip, kind, tmp_path), CLOSURES)
        assert np.abs(seen - CLOSURES).max() <= 0.5 / 60 + 1e-3, (kind, seen - CLOSURES)
