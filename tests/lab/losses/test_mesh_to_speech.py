"""The mesh-to-speech loss: gradients reach the motion and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from utterface.errors import ConfigError
from utterface.lab.batches.pairs import Pairs
from utterface.lab.batches.tracks import Tracks
from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.losses.mesh_to_speech import MeshToSpeechLoss, MeshToSpeechLossConfig
from utterface.lab.losses.motion import FacePrediction
from utterface.lab.networks.diffusion import Schedule
from utterface.lab.networks.mesh_to_speech import spoken_mel
from utterface.lab.representations import open_representation
from utterface.lab.systems.face import speech_targets

CHANNELS = ("jawOpen", "mouthClose", "browInnerUp", "headYaw")


def opened(config: MeshToSpeechLossConfig, weight: float = 1.0) -> MeshToSpeechLoss:
    return MeshToSpeechLoss(weight, config, CHANNELS, speech_targets)


@pytest.fixture
def loss(listener) -> MeshToSpeechLoss:
    return opened(MeshToSpeechLossConfig(listener))


@pytest.fixture
def batch(corpus, tmp_path):
    clips = read_corpus(corpus).split("train").clips
    tracks = Tracks(open_representation("mel"), False, tmp_path / "tracks")
    return Pairs(clips, tracks, CHANNELS[:2], 30.0, 2, 3, 1.0, seed=0).make(0)


def test_gradients_reach_the_mouth_and_not_the_model(loss, batch):
    motion = torch.rand(*batch.motion.shape[:2], 4, requires_grad=True)
    parts = loss.losses(motion, batch)
    assert parts.keys() == {"speech_mel", "speech_units"}
    sum(parts.values()).backward()
    assert (motion.grad[..., :2] != 0).any(-1).all()
    assert not motion.grad[..., 2:].any()  # brows and head say nothing
    assert all(p.grad is None for p in loss.model.parameters())


def test_targets_are_those_of_the_crop(loss, batch):
    (mel, units), known = loss.sound(batch, 50), loss.known(batch, 50)
    assert mel.shape == (3, 100, 80) and units.shape == known.shape == (3, 50) and known.all()
    for b, clip in enumerate(batch.clips):
        first = round(float(batch.frame_times[b, 0]) * 100, 3)
        whole = spoken_mel(clip.samples())
        rows = np.clip(np.arange(int(first), int(first) + 102), 0, len(whole) - 1)
        between = first - int(first)
        expected = (1 - between) * whole[rows[:100]] + between * whole[rows[1:101]]
        assert mel[b].numpy() == pytest.approx(expected, abs=1e-2)
        told = loss.targets.units[clip]
        assert np.isin(units[b].numpy(), told.values).all()


def test_frames_beyond_the_end_do_not_count(loss, batch):
    motion = torch.rand(*batch.motion.shape[:2], 4)
    shorter = replace(batch, frame_known=batch.frame_known & (torch.arange(batch.motion.shape[1]) < 15))
    assert loss.known(shorter, 50).sum(1).tolist() == [25] * 3  # half a second at 50 Hz
    whole, part = loss.losses(motion, batch), loss.losses(motion, shorter)
    assert not torch.equal(whole["speech_mel"], part["speech_mel"])
    motion.requires_grad_()
    sum(loss.losses(motion, shorter).values()).backward()
    assert motion.grad[:, :15].any() and not motion.grad[:, 15:].any()
    other = torch.cat([motion[:, :15], torch.rand_like(motion[:, 15:])], 1)
    assert loss.losses(other, shorter) == loss.losses(motion, shorter)


def test_trust_weighs_whole_clips(loss, batch):
    motion = torch.rand(*batch.motion.shape[:2], 4)
    each = [loss.losses(motion, batch, torch.eye(3)[b])["speech_units"] for b in range(3)]
    assert torch.allclose(sum(each), loss.losses(motion, batch)["speech_units"], rtol=1e-5)
    nothing = loss.losses(motion, batch, torch.zeros(3))
    assert not any(nothing.values())


def test_a_share_of_a_batch_is_its_first(loss, batch):
    """Two of three, by hand: the mean of the first two, and no gradient for the third."""
    motion, trust = torch.rand(*batch.motion.shape[:2], 4, requires_grad=True), torch.tensor([0.2, 1.0, 1.0])
    first = [
        loss.losses(motion[: b + 1], batch.first(b + 1), trust[: b + 1] * torch.eye(3)[b, : b + 1]) for b in range(2)
    ]
    loss.config = replace(loss.config, share=0.5)
    result = loss.losses(motion, batch, trust)
    for name, value in result.items():
        torch.testing.assert_close(value, first[0][name] / 2 + first[1][name])
    sum(result.values()).backward()
    assert motion.grad[:2].any() and not motion.grad[2].any()


def test_the_noisier_the_less_it_counts(loss):
    kept = torch.tensor(Schedule.linear(1000).kept[[0, 300, 999]], dtype=torch.float32)
    dropped = torch.tensor([False, True, False])

    def trust(name: str, *, of: torch.Tensor | None = None) -> list[float]:
        loss.config = replace(loss.config, trust=name, least=0.3)
        return loss.trust(kept, of).tolist()

    assert trust("even") == [1, 1, 1]
    assert trust("kept") == pytest.approx(kept.tolist())
    assert trust("low") == [1, 1, 0]  # ᾱ is 0.39 at level 300
    assert trust("even", of=dropped) == [1, 0, 1]
    assert loss.trust(None) is None


def test_a_face_can_be_made_to_say_something(loss, batch):
    """Motion alone, changed by gradient, comes to sound more like what was said."""
    motion = torch.full((*batch.motion.shape[:2], 4), 0.1, requires_grad=True)
    optimiser = torch.optim.Adam([motion], 0.02)
    result = []
    for _ in range(15):
        total = torch.stack(list(loss.losses(motion, batch).values())).sum()
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        result.append(float(total.detach()))
    assert result[-1] < result[0]


def test_the_true_face_cannot_be_outdone_beside_itself(loss, batch):
    loss.config = replace(loss.config, beside="face")
    padded = torch.cat([batch.motion, torch.zeros(*batch.motion.shape[:2], 2)], 2)
    batch = replace(batch, motion=padded)  # on the channels that are judged
    assert all(float(v) == pytest.approx(0, abs=1e-5) for v in loss.losses(padded, batch).values())
    motion = (padded + 0.2).requires_grad_()
    parts = loss.losses(motion, batch)
    assert all(float(v.detach()) > 1e-4 for v in parts.values())
    sum(parts.values()).backward()
    assert motion.grad[..., :2].any() and not motion.grad[..., 2:].any()


def test_half_precision_pulls_the_face_the_same_way(loss, batch, monkeypatch):
    monkeypatch.setattr("utterface.lab.training.precision.cpu_multiplies_bf16", lambda: True)

    def pull(precision: str) -> torch.Tensor:
        loss.config = replace(loss.config, precision=precision)
        motion = torch.full((*batch.motion.shape[:2], 4), 0.1, requires_grad=True)
        torch.stack(list(loss.losses(motion, batch).values())).sum().backward()
        return motion.grad.flatten()

    whole, half = pull("no"), pull("bf16")
    assert not torch.equal(whole, half)
    assert torch.cosine_similarity(whole, half, 0) > 0.99


def test_mistakes_are_one_line_errors(listener, batch):
    with pytest.raises(ConfigError, match=r"mesh_to_speech\.model"):
        opened(MeshToSpeechLossConfig())
    assert opened(MeshToSpeechLossConfig(), 0.0)(FacePrediction(batch.motion), batch) == {}
    with pytest.raises(ConfigError, match="must be even, kept, low"):
        MeshToSpeechLossConfig(listener, trust="none")
    with pytest.raises(ConfigError, match="must be sound or face"):
        MeshToSpeechLossConfig(listener, beside="mirror")
    for share in (0, 1.5):
        with pytest.raises(ConfigError, match="must be over 0 and at most 1"):
            MeshToSpeechLossConfig(listener, share=share)
    with pytest.raises(ConfigError, match="must be no or bf16"):
        MeshToSpeechLossConfig(listener, precision="half")
    with pytest.raises(ConfigError, match="needs the clips of a batch"):
        opened(MeshToSpeechLossConfig(listener)).losses(torch.rand(3, 30, 4), replace(batch, clips=()))
