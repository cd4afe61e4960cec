"""A face system by composition: frame rate and conditions are values, and a paper is a few lines."""

from collections.abc import Mapping

import numpy as np
import pytest
import torch

from support.recipes import DECODERS
from utterface.articulation import pace
from utterface.engines import Request
from utterface.engines.windowed import WindowedAnimator
from utterface.errors import ConfigError
from utterface.lab.batches.pairs import FaceCondition
from utterface.lab.bundles.face import export_face
from utterface.lab.losses.motion import masked_mean
from utterface.lab.measures.predicted import judge
from utterface.lab.systems import registry
from utterface.lab.systems.face import FaceSystem
from utterface.lab.systems.face_windows import takes
from utterface.lab.training.checkpoints import save_checkpoint
from utterface.motion import join
from utterface.track import Track

# ------------------------------------------------------------------------------------------------------ a toy paper


def loudness(clip) -> Track:
    power = clip.samples()[: len(clip.samples()) // 160 * 160].reshape(-1, 160).std(1)
    return Track(power[:, None].astype(np.float32), 100.0, 0.005)


def who(clip) -> np.ndarray:
    return np.eye(6, dtype=np.float32)[int(clip.speaker[-1])]


class Loudness:
    """Faces that read how loud it is and who speaks, and learn where they change direction."""

    def __init__(self, recipe: Mapping) -> None:
        conditions = {"loudness": FaceCondition(1, loudness, 0.2, track=True), "who": FaceCondition(6, who, 0.5)}
        self.face = FaceSystem(recipe, {"data": {"channels": ("jawOpen", "mouthClose", "mouthPucker")}}, conditions)
        self.network, self.batches = self.face.network, self.face.batches
        self.check_held_out = self.face.check_held_out

    def losses(self, network, batch, seed):
        error = self.face.predict(network, batch, seed).motion - batch.motion
        curvature, known = error.diff(dim=1).diff(dim=1), batch.frame_known[:, 2:]
        return {"weights": masked_mean(error.square(), batch.frame_known), "turns": masked_mean(curvature.abs(), known)}

    def validate(self, network):
        return judge(self.face.predictions(network), self.face.lips)


# ------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def recipe(tmp_path, corpus):
    def read(kind: str = "transformer", **data) -> dict:
        return {
            "train": {"folder": tmp_path / "run", "steps": 3, "warmup": 1, "threads": 1, "validate_every": 3,
                      "save_every": 3, "select": "r2"},
            "speech": {"representation": "mel", "store": tmp_path / "tracks"},
            "data": {"root": corpus.parent, "corpora": ("toy",), "batch": 3, "seconds": 1.0, **data},
            "decoder": {"kind": kind, **DECODERS[kind]},
            "sampling": {"steps": 3, "takes": 2},
            "bundle": {"licence": "MIT", "block": 0.4, "past": 0.4, "future": 0.2, "overlap": 0.2},
        }  # fmt: skip

    return read


@pytest.mark.parametrize("kind", DECODERS)
def test_a_paper_with_its_own_conditions_and_loss_trains(recipe, kind):
    torch.manual_seed(0)
    system = Loudness(recipe(kind))
    optimiser, batches = torch.optim.Adam(system.network.parameters(), 1e-2), system.batches(0, 1)
    totals = []
    for step in range(40):
        parts = system.losses(system.network, next(batches), (0, step))
        assert parts.keys() == {"weights", "turns"}
        total = torch.stack(list(parts.values())).sum()
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        totals.append(float(total.detach()))
    assert np.mean(totals[-8:]) < 0.7 * np.mean(totals[:8])
    figures = system.validate(system.network)
    assert np.isfinite(figures["r2"]) and system.network.training


@pytest.mark.parametrize("kind", ["transformer", "diffusion_transformer"])
def test_an_encoder_that_is_trained_learns_and_moves_with_the_face(recipe, kind):
    """One that attends to the speech and one that reads it at its frames; windows hold the trained encoder."""
    table = recipe(kind)
    table["speech"] |= {"representation": "ours:masked@1", "trained": True}
    system = Loudness(table)
    encoder = system.network.encoder
    before = {name: weight.clone() for name, weight in encoder.state_dict().items()}
    optimiser, batches = torch.optim.Adam(system.network.parameters(), 1e-3), system.batches(0, 1)
    for step in range(3):
        optimiser.zero_grad()
        torch.stack(list(system.losses(system.network, next(batches), (0, step)).values())).sum().backward()
        optimiser.step()
    assert any(not torch.equal(weight, before[name]) for name, weight in encoder.state_dict().items())
    assert np.isfinite(system.validate(system.network)["r2"])
    clip = system.face.held_out[0]
    (own,) = takes(system.face, clip.samples(), [0], system.face.conditions_of(clip))
    encoder.module.load_state_dict({name.removeprefix("module."): weight for name, weight in before.items()})
    (untrained,) = takes(system.face, clip.samples(), [0], system.face.conditions_of(clip))
    assert not np.array_equal(own.values, untrained.values)


def test_the_condition_of_a_clip_changes_its_face(recipe):
    face = Loudness(recipe()).face
    face.network.eval()
    clip = face.held_out[0]
    own, again = (face.predict_clip(face.network, clip, 0).values for _ in range(2))
    track, other = face.tracks[clip], {**face.conditions_of(clip), "who": np.eye(6, dtype=np.float32)[0]}
    assert np.array_equal(own, again)
    assert not np.allclose(own, face.animate(face.network, track, clip.duration, 0, other).values, atol=1e-4)
    assert not np.allclose(own, face.animate(face.network, track, clip.duration, 0).values, atol=1e-4)


def test_each_condition_is_dropped_by_its_own_share(recipe):
    system = Loudness(recipe(batch=100, seconds=0.2))
    dropped = system.face.predict(system.network, next(system.batches(0, 1)), (0, 0)).dropped
    assert 0.1 < dropped["loudness"].float().mean() < 0.3
    assert 0.4 < dropped["who"].float().mean() < 0.6


def test_takes_read_conditions_window_by_window(recipe, corpus, monkeypatch):
    """A track is read at the windows' own frames: shifted by half a block it makes another face."""
    monkeypatch.setattr(pace, "FASTEST", 1e6)  # an untrained jaw jumps, and engines would hold it back
    table = recipe("animator")
    table["decoder"]["pooled"] = 0  # a frame depends on 0.1 s around it
    face = Loudness(table).face
    clip = face.held_out[0]
    given = face.conditions_of(clip)
    (own,) = takes(face, clip.samples(), [0], given)
    (plain,) = takes(face, clip.samples(), [0])
    late = {**given, "loudness": Track(given["loudness"].values, 100.0, 0.205)}
    (later,) = takes(face, clip.samples(), [0], late)
    assert len(own) == len(plain) == np.ceil(clip.duration * 30)
    assert not np.allclose(own.values, plain.values, atol=1e-4) and not np.allclose(own.values, later.values, atol=1e-4)
    face.network.eval()
    whole = face.predict_clip(face.network, clip, 0).values.clip(0, 1)
    assert np.abs(own.values - whole).mean() < 0.05 * np.abs(later.values - whole).mean()
    without = face.animate(face.network, face.tracks[clip], clip.duration).values.clip(0, 1)
    assert np.abs(plain.values - without).mean() < 0.05 * np.abs(plain.values - whole).mean()


def test_a_bundle_reads_conditions_and_has_a_null_for_each(recipe, tmp_path, monkeypatch):
    record = registry.SystemRecord(f"{__name__}:Loudness", registry.SYSTEMS["thunder"].tables)
    monkeypatch.setitem(registry.SYSTEMS, "loudness", record)
    table = {**recipe("gru_diffusion"), "system": "loudness"}
    face = Loudness(table).face
    save_checkpoint(tmp_path / "c.safetensors", table, 1, 0.0, face.network.state_dict())
    folder = export_face(tmp_path / "c.safetensors", tmp_path / "bundle", {"weights": "floats", **table["bundle"]})
    clip = face.held_out[0]
    given = face.conditions_of(clip)
    for conditions in ({}, {"who": given["who"]}, given):
        animator = WindowedAnimator(folder, Request(conditions=conditions))
        assert animator.about.conditions == ("loudness", "who")
        played = join([animator.push(clip.samples()), animator.flush()]).select(face.data.channels)
        (take,) = takes(face, clip.samples(), [0], conditions)
        assert np.abs(played - take.values).max() < 1e-4
    assert "who, 6 features" in (folder / "CARD.md").read_text()
    strange = {"mood": np.zeros(3)}, {"who": np.zeros(5)}, {"who": given["loudness"]}
    for wrong, message in zip(strange, ("reads no condition 'mood'", "has 6 features", "is a vector"), strict=True):
        with pytest.raises(ConfigError, match=message):
            WindowedAnimator(folder, Request(conditions=wrong))


def test_a_track_must_be_declared(recipe):
    face = FaceSystem(recipe(), conditions={"loudness": FaceCondition(1, loudness)})
    with pytest.raises(ConfigError, match="a condition has a Track for clip c5 and track=False"):
        face.conditions_of(face.held_out[0])


@pytest.mark.parametrize("rate", [25.0, 30.0])
def test_the_frame_rate_is_a_value_of_the_recipe(recipe, rate):
    system = Loudness(recipe("gru_diffusion", frame_rate=rate))
    parts = system.losses(system.network, next(system.batches(0, 1)), (0, 0))
    torch.stack(list(parts.values())).sum().backward()
    clip = system.face.held_out[0]
    for prediction in system.face.predictions(system.network)[:1]:
        assert prediction.predicted.frame_rate == prediction.reference.frame_rate == rate
        assert len(prediction.predicted) == len(prediction.reference) == np.ceil(clip.duration * rate - 1e-6)
    (take,) = takes(system.face, clip.samples(), [0])
    assert take.frame_rate == rate and len(take) == np.ceil(clip.duration * rate - 1e-6)
