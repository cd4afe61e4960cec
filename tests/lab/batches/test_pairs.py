import numpy as np
import pytest
import torch

from utterface.articulation import articulate
from utterface.errors import ConfigError, CorpusError
from utterface.lab.batches.pairs import FaceCondition, Pair, Pairs, collate, target
from utterface.lab.batches.tracks import Tracks
from utterface.lab.corpora.manifest import CorpusClip, read_corpus
from utterface.lab.corpora.writer import CorpusWriter
from utterface.lab.representations import open_representation
from utterface.motion import Motion
from utterface.phones import Span
from utterface.track import Track

CHANNELS = ("jawOpen", "mouthClose")


@pytest.fixture
def tracks(tmp_path) -> Tracks:
    return Tracks(open_representation("mel"), False, tmp_path / "tracks")


def ramp(rate: float, seconds: float, start: float = 0.0) -> Track:
    """A track that shows its own time."""
    times = start + np.arange(round(seconds * rate)) / rate
    return Track(times[:, None].astype(np.float32), rate, start)


def pair(rate: float, seconds: float, frames: int, start: float = 0.0) -> Pair:
    return Pair(ramp(rate, seconds, 0.0125), np.zeros((frames, 2), np.float32), 30.0, start)


def test_a_batch_is_a_function_of_its_number(corpus, tracks):
    clips = read_corpus(corpus).split("train").clips
    a, b = (Pairs(clips, tracks, CHANNELS, 30.0, 0, 3, 1.0, seed=0) for _ in range(2))
    first, again, other = a.make(5), b.make(5), a.make(6)
    tensors = [k for k, v in vars(first).items() if isinstance(v, torch.Tensor)]
    assert all(torch.equal(getattr(first, k), getattr(again, k)) for k in tensors)
    assert first.clips == again.clips and len(first.clips) == 3
    assert not torch.equal(first.speech, other.speech)
    strided = a.batches(1, 2)
    assert all(torch.equal(next(strided).motion, a.make(k).motion) for k in (1, 3))


@pytest.mark.parametrize("moments", [0, 2])
def test_speech_and_motion_stay_together(corpus, tracks, moments):
    """A low tone where the jaw is open: such are the vowels of the toy corpus."""
    clips = read_corpus(corpus).split("train").clips
    batch = Pairs(clips, tracks, CHANNELS, 30.0, moments, 4, 1.0, seed=0).make(0)
    loud, jaw = [], []
    for b in range(4):
        known, energy = batch.known[b], batch.speech[b].unflatten(-1, (-1, 80))[..., :10].flatten(1).amax(1)
        at = np.interp(batch.frame_times[b], batch.times[b][known], energy[known])
        loud.append(at[batch.frame_known[b]])
        jaw.append(batch.motion[b, batch.frame_known[b], 0].numpy())
    assert np.corrcoef(np.concatenate(loud), np.concatenate(jaw))[0, 1] > 0.3


@pytest.mark.parametrize("rate", [25.0, 50.0, 75.0, 100.0])
def test_frames_read_what_stands_at_their_moments(rate):
    """Of a track that shows its own time a frame reads its own time, at any rate of the speech."""
    batch = collate([pair(rate, 3.0, 20, start=1.2)], moments=2)
    frame = 1.2 + np.arange(20) / 30
    assert batch.speech[0, :, 0, 0].numpy() == pytest.approx(frame, abs=1e-5)
    assert batch.speech[0, :, 1, 0].numpy() == pytest.approx(frame + 1 / 60, abs=1e-5)
    assert torch.equal(batch.times, batch.frame_times)


@pytest.mark.parametrize("rate", [12.5, 25.0, 50.0, 100.0])
def test_speech_on_its_own_clock_keeps_its_moments_and_covers_the_frames(rate):
    batch = collate([pair(rate, 3.0, 20, start=1.2)], moments=0)
    assert torch.allclose(batch.speech[0, :, 0], batch.times[0], atol=1e-5)
    assert batch.times[0, 0] <= 1.2 < batch.times[0, 1] + 1e-6
    assert batch.times[0, -1] + 1 / rate >= 1.2 + 19 / 30


def test_shorter_ones_are_filled_up_and_marked():
    batch = collate([pair(50, 3.0, 30), pair(50, 3.0, 12)], moments=0)
    assert batch.motion.shape == (2, 30, 2)
    assert batch.frame_known.sum(1).tolist() == [30, 12]
    assert not batch.speech[1][~batch.known[1]].any()


def test_a_sound_shorter_than_a_frame_has_one_row():
    batch = collate([Pair(ramp(50, 0.02, 0.5), np.zeros((1, 2), np.float32), 30.0)], moments=0)
    assert batch.speech.shape == (1, 1, 1)


def captured(folder, motion: Motion | None, labels: str = "none") -> CorpusClip:
    writer = CorpusWriter(folder)
    clip = CorpusClip("c", 1.0, "s", labels=labels)
    return writer.add(clip, np.zeros(16000, np.float32), [Span("ɑ", 0.2, 0.6)] if labels == "exact" else [], motion)


def test_captured_motion_comes_before_articulated_phones(tmp_path):
    values = np.random.default_rng(0).uniform((0.5, 0.0), (1.0, 0.1), (60, 2)).astype(np.float32)  # lips apart
    clip = captured(tmp_path / "a", Motion(values, CHANNELS, 60.0), "exact")
    assert target(clip, CHANNELS, 30.0) == pytest.approx(values[::2])
    plain = captured(tmp_path / "b", None, "exact")
    assert np.array_equal(target(plain, CHANNELS, 30.0), articulate(plain.phones(), 1.0, 30.0).select(CHANNELS))


def test_motion_that_begins_late_is_brought_onto_the_clock_of_the_sound(tmp_path):
    times = 0.1 + np.arange(48) / 60
    clip = captured(tmp_path, Motion(np.stack([times, times], 1), CHANNELS, 60.0, start=0.1))
    result = target(clip, CHANNELS, 30.0)
    assert result[3:26, 0] == pytest.approx(np.arange(3, 26) / 30, abs=1e-5)
    assert len(result) == 27  # to the end of the motion, 0.9 s


def test_motion_that_cannot_be_learned_from_is_refused(tmp_path):
    clip = captured(tmp_path / "a", Motion(np.zeros((30, 2)), CHANNELS, 30.0))
    with pytest.raises(ConfigError, match=r"does not move mouthPucker"):
        target(clip, ("jawOpen", "mouthPucker"), 30.0)
    with pytest.raises(CorpusError, match="neither motion nor phones"):
        target(captured(tmp_path / "b", None), CHANNELS, 30.0)
    with pytest.raises(CorpusError, match="no clips to train on"):
        Pairs([], None, CHANNELS, 30.0, 0, 1, 1.0, 0)  # type: ignore[arg-type]


@pytest.mark.parametrize("rate", [25.0, 30.0])
def test_the_frame_rate_is_a_value_of_the_batch(corpus, tracks, rate):
    clips = read_corpus(corpus).split("train").clips
    batch = Pairs(clips, tracks, CHANNELS, rate, 2, 3, 1.0, seed=0).make(0)
    assert batch.frame_rate == rate and batch.motion.shape == (3, round(rate), 2)
    assert batch.frame_times.diff(dim=1).numpy() == pytest.approx(1 / rate, abs=1e-5)
    assert batch.speech.shape == (3, round(rate), 2, 80)


def test_conditions_are_tracks_at_the_frames_or_vectors(corpus, tracks):
    clips = read_corpus(corpus).split("train").clips
    conditions = {
        "time": FaceCondition(1, lambda clip: ramp(50, clip.duration), track=True),
        "who": FaceCondition(2, lambda clip: np.array([1, int(clip.speaker[-1])], np.float32)),
    }
    batch = Pairs(clips, tracks, CHANNELS, 30.0, 0, 3, 1.0, seed=0, conditions=conditions).make(0)
    assert torch.allclose(batch.conditions["time"][..., 0], batch.frame_times, atol=1e-4)
    assert batch.conditions["who"][:, 1].tolist() == [int(clip.speaker[-1]) for clip in batch.clips]
    part = batch.first(2)
    assert len(part.clips) == 2 and part.frame_rate == 30
    assert torch.equal(part.conditions["who"], batch.conditions["who"][:2])
