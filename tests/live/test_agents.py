"""Speech of agents: its face goes before it."""

import numpy as np

from utterface.live import LiveSettings, LiveVoice
from utterface.live.agents import FaceAhead
from utterface.motion import Motion, join

RATE, CUT = 24_000, 480
SOUND = (3000 * np.random.default_rng(1).standard_normal(RATE)).astype("<i2")
SETTINGS = LiveSettings("animator", frame_rate=30)
CHUNKS = [SOUND[i : i + CUT].tobytes() for i in range(0, len(SOUND), CUT)]


def expected() -> np.ndarray:
    voice = LiveVoice(LiveSettings("animator", sample_rate=RATE, frame_rate=30))
    return join([voice.push(SOUND), voice.flush()]).values


def test_no_chunk_goes_on_before_its_face() -> None:
    face: FaceAhead[int] = FaceAhead(SETTINGS)
    frames: list[Motion] = []
    gone: list[int] = []
    for number, pcm in enumerate(CHUNKS):
        passed = face.push(number, pcm, RATE)
        frames += [passed.motion] if len(passed.motion) else []
        gone += passed.chunks
        known = sum(map(len, frames)) / 30
        assert all((chunk + 1) * CUT / RATE <= known + 1e-9 for chunk in passed.chunks)
    assert 0 < len(gone) < len(CHUNKS)
    last = face.finish()
    assert [*gone, *last.chunks] == list(range(len(CHUNKS)))
    np.testing.assert_allclose(join([*frames, last.motion]).values, expected(), atol=1e-5)


def test_an_interruption_clears_what_is_held_and_stereo_is_mixed() -> None:
    face: FaceAhead[int] = FaceAhead(SETTINGS)
    stereo = np.repeat(SOUND, 2).tobytes()
    shown = face.push(0, stereo, RATE, 2)
    np.testing.assert_allclose(shown.motion.values, expected()[: len(shown.motion)], atol=1e-4)
    cut_off = face.interrupt()
    assert cut_off.chunks == [0] and not cut_off.motion["jawOpen"][-1]
    assert not face.finish().chunks
