"""The loop: a frozen listener judges motion, gradients reach the motion and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from utterface.errors import ConfigError
from utterface.lab.batches.pairs import Pairs, Tracks
from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.losses.mesh_to_speech import Hearing, HearingConfig
from utterface.lab.networks.diffusion import Schedule
from utterface.lab.networks.mesh_to_speech import spoken_mel
from utterface.lab.representations import open_representation

CHANNELS = ("jawOpen", "mouthClose", "browInnerUp", "headYaw")


@pytest.fixture
def hearing(listener) -> Hearing:
    return Hearing(HearingConfig(listener), CHANNELS)


@pytest.fixture
def batch(corpus, tmp_path):
    clips = read_corpus(corpus).split("train").clips
    tracks = Tracks(open_representation("mel"), False, tmp_path / "tracks")
    return Pairs(clips, tracks, CHANNELS[:2], 2, 3, 1.0, seed=0).make(0)


def test_gradients_reach_the_mouth_and_not_the_listener(hearing, batch):
    motion = torch.rand(*batch.motion.shape[:2], 4, requires_grad=True)
    parts = hearing.losses(motion, batch)
    assert parts.keys() == {"heard_mel", "heard_units"}
    sum(parts.values()).backward()
    assert (motion.grad[..., :2] != 0).any(-1).all()
    assert not motion.grad[..., 2:].any()  # brows and head say nothing
    assert all(p.grad is None for p in hearing.listener.parameters())


def test_what_was_said_stands_where_the_crop_stands(hearing, batch):
    (mel, units), known = hearing.said(batch, 50), hearing.known(batch, 50)
    assert mel.shape == (3, 100, 80) and units.shape == known.shape == (3, 50) and known.all()
    for b, clip in enumerate(batch.clips):
        first = round(float(batch.frame_times[b, 0]) * 100, 3)
        whole = spoken_mel(clip.samples())
        rows = np.clip(np.arange(int(first), int(first) + 102), 0, len(whole) - 1)
        between = first - int(first)
        expected = (1 - between) * whole[rows[:100]] + between * whole[rows[1:101]]
        assert mel[b].numpy() == pytest.approx(expected, abs=1e-2)
        told = hearing.taught.units[clip]
        assert np.isin(units[b].numpy(), told.values).all()


def test_frames_beyond_the_end_are_not_listened_to(hearing, batch):
    motion = torch.rand(*batch.motion.shape[:2], 4)
    shorter = replace(batch, frame_known=batch.frame_known & (torch.arange(batch.motion.shape[1]) < 15))
    assert hearing.known(shorter, 50).sum(1).tolist() == [25] * 3  # half a second at 50 Hz
    whole, part = hearing.losses(motion, batch), hearing.losses(motion, shorter)
    assert not torch.equal(whole["heard_mel"], part["heard_mel"])
    motion.requires_grad_()
    sum(hearing.losses(motion, shorter).values()).backward()
    assert motion.grad[:, :15].any() and not motion.grad[:, 15:].any()
    other = torch.cat([motion[:, :15], torch.rand_like(motion[:, 15:])], 1)
    assert hearing.losses(other, shorter) == hearing.losses(motion, shorter)


def test_trust_weighs_whole_clips(hearing, batch):
    motion = torch.rand(*batch.motion.shape[:2], 4)
    each = [hearing.losses(motion, batch, torch.eye(3)[b])["heard_units"] for b in range(3)]
    assert torch.allclose(sum(each), hearing.losses(motion, batch)["heard_units"], rtol=1e-5)
    nothing = hearing.losses(motion, batch, torch.zeros(3))
    assert not any(nothing.values())


def test_a_share_of_a_batch_is_its_first(hearing, batch):
    """Two of three, by hand: the mean of the first two, and no gradient for the third."""
    motion, trust = torch.rand(*batch.motion.shape[:2], 4, requires_grad=True), torch.tensor([0.2, 1.0, 1.0])
    first = [
        hearing.losses(motion[: b + 1], batch.first(b + 1), trust[: b + 1] * torch.eye(3)[b, : b + 1]) for b in range(2)
    ]
    hearing.config = replace(hearing.config, share=0.5)
    found = hearing.losses(motion, batch, trust)
    for name, value in found.items():
        torch.testing.assert_close(value, first[0][name] / 2 + first[1][name])
    sum(found.values()).backward()
    assert motion.grad[:2].any() and not motion.grad[2].any()


def test_the_noisier_the_less_it_is_listened_to(hearing):
    schedule, level = Schedule.linear(1000), torch.tensor([0, 300, 999])
    kept = torch.tensor(schedule.kept[[0, 300, 999]], dtype=torch.float32)
    withheld = torch.tensor([False, True, False])

    def trust(name: str, *, of: torch.Tensor | None = None) -> list[float]:
        hearing.config = replace(hearing.config, trust=name, least=0.3)
        return hearing.trust(level, schedule, of).tolist()

    assert trust("even") == [1, 1, 1]
    assert trust("kept") == pytest.approx(kept.tolist())
    assert trust("low") == [1, 1, 0]  # ᾱ is 0.39 at level 300
    assert trust("even", of=withheld) == [1, 0, 1]
    assert hearing.trust(None, None, None) is None


def test_a_face_can_be_made_to_say_something(hearing, batch):
    """Motion alone, changed by gradient, comes to sound more like what was said."""
    motion = torch.full((*batch.motion.shape[:2], 4), 0.1, requires_grad=True)
    optimiser = torch.optim.Adam([motion], 0.02)
    found = []
    for _ in range(15):
        loss = torch.stack(list(hearing.losses(motion, batch).values())).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        found.append(float(loss.detach()))
    assert found[-1] < found[0]


def test_the_true_face_cannot_be_outdone_beside_itself(hearing, batch):
    hearing.config = replace(hearing.config, beside="face")
    padded = torch.cat([batch.motion, torch.zeros(*batch.motion.shape[:2], 2)], 2)
    batch = replace(batch, motion=padded)  # on the channels that are judged
    assert all(float(v) == pytest.approx(0, abs=1e-5) for v in hearing.losses(padded, batch).values())
    motion = (padded + 0.2).requires_grad_()
    parts = hearing.losses(motion, batch)
    assert all(float(v.detach()) > 1e-4 for v in parts.values())
    sum(parts.values()).backward()
    assert motion.grad[..., :2].any() and not motion.grad[..., 2:].any()


def test_half_the_digits_ask_the_face_for_the_same(hearing, batch, monkeypatch):
    monkeypatch.setattr("utterface.lab.training.precision.cpu_multiplies_bf16", lambda: True)

    def pull(precision: str) -> torch.Tensor:
        hearing.config = replace(hearing.config, precision=precision)
        motion = torch.full((*batch.motion.shape[:2], 4), 0.1, requires_grad=True)
        torch.stack(list(hearing.losses(motion, batch).values())).sum().backward()
        return motion.grad.flatten()

    whole, half = pull("no"), pull("bf16")
    assert not torch.equal(whole, half)
    assert torch.cosine_similarity(whole, half, 0) > 0.99


def test_mistakes_are_told(listener, batch):
    with pytest.raises(ConfigError, match=r"hearing\.listener"):
        Hearing(HearingConfig(), CHANNELS)
    with pytest.raises(ConfigError, match="must be even, kept, low"):
        HearingConfig(listener, trust="none")
    with pytest.raises(ConfigError, match="must be sound or face"):
        HearingConfig(listener, beside="mirror")
    for share in (0, 1.5):
        with pytest.raises(ConfigError, match="must be over 0 and at most 1"):
            HearingConfig(listener, share=share)
    with pytest.raises(ConfigError, match="must be no or bf16"):
        HearingConfig(listener, precision="half")
    with pytest.raises(ConfigError, match="must know whose crops"):
        Hearing(HearingConfig(listener), CHANNELS).losses(torch.rand(3, 30, 4), replace(batch, clips=()))
