from pathlib import Path

import numpy as np
import pytest

from utterface import speech
from utterface.engines import Animator, Request, open_animator
from utterface.engines.live import BLOCK, FUTURE, LiveAnimator, RecognisedStream
from utterface.errors import ModelError
from utterface.motion import join
from utterface.recognise.phones import is_installed
from utterface.rigs import head
from utterface.rigs.lips import LipRig

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello.flac"

pytestmark = pytest.mark.skipif(not is_installed(), reason="the phone recogniser is not built here; pip install . does")


@pytest.fixture(scope="module")
def samples() -> np.ndarray:
    return speech.read(EXAMPLE).samples[: 16000 * 3]


def moved(animator: Animator, samples: np.ndarray, size: int) -> np.ndarray:
    animator.reset()
    parts = [animator.push(samples[i : i + size]) for i in range(0, len(samples), size)]
    return join([*parts, animator.flush()]).values


def test_any_chunking_gives_the_same_motion(samples: np.ndarray) -> None:
    animator = open_animator("phones-live", Request(frame_rate=24.0))
    whole = moved(animator, samples, len(samples))
    assert whole.shape == (72, 61)
    for size in (131, 5001):
        assert np.abs(moved(animator, samples, size) - whole).max() < 1e-6


def test_frames_come_as_late_as_it_says_and_later_sound_changes_none(samples: np.ndarray) -> None:
    animator = LiveAnimator()
    assert isinstance(animator, Animator) and animator.about.look_ahead <= 0.26
    early = animator.push(samples[:32000])
    assert 2.0 - animator.about.look_ahead - (BLOCK + 1) * 0.02 <= len(early) / 60 <= 2.0
    other = LiveAnimator()
    changed = np.concatenate([samples[:32000], np.zeros(8000, np.float32)])
    assert np.abs(other.push(changed).values[: len(early)] - early.values).max() < 1e-6


def test_lips_close_where_the_recogniser_finds_bilabials(samples: np.ndarray) -> None:
    log_odds, _ = RecognisedStream().push(np.concatenate([samples, np.zeros((BLOCK + FUTURE) * 320, np.float32)]))
    sure = np.flatnonzero(np.minimum(log_odds[:-1], log_odds[1:]) > 0) * 0.02
    animator = LiveAnimator()
    motion = join([animator.push(samples), animator.flush()])
    gap = LipRig.from_rig(head()).gap_mm(motion)
    closed = np.interp(sure[sure < motion.times[-1]], motion.times, gap)
    assert len(closed) >= 5
    assert closed.max() <= 1.0


def test_silence_rests(samples: np.ndarray) -> None:
    assert moved(LiveAnimator(), np.zeros(16000, np.float32), 4000).max() < 0.05


def test_a_missing_recogniser_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not installed"):
        LiveAnimator(folder=tmp_path)
