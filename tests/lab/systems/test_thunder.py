"""THUNDER on toy corpora: losses by hand, takes of any length, the loop, what is judged."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from utterface import rigs, timing
from utterface.errors import ConfigError
from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.measures.sampled import MEASURES
from utterface.lab.networks.diffusion import add_noise
from utterface.lab.systems.registry import make_system, train
from utterface.lab.systems.thunder import CHANNELS, MeshError, Thunder, make
from utterface.lab.training.recipe import read_recipe
from utterface.metrics.lips import CLOSED_MM
from utterface.motion import ARKIT


def voice(seconds: float, seed: int = 0) -> np.ndarray:
    return (0.1 * np.random.default_rng(seed).standard_normal(round(seconds * 16000))).astype(np.float32)


def test_it_trains_and_reports_the_papers_measures(thunder, tmp_path):
    train(thunder(), lambda line: None)
    rows = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert {"vertices", "weights", "vertex_velocity", "velocity"} <= rows[0].keys()
    assert not any(name.startswith("speech") for name in rows[0])
    figures = rows[-1]
    assert set(MEASURES) <= figures.keys() and "closure_f1" in figures
    assert all(np.isfinite(figures[name]) for name in MEASURES)
    assert figures["s_div_u"] > 0  # takes differ


def test_the_error_of_all_vertices_is_a_quadratic_form():
    """The quadratic form is the mean squared distance of the vertices that the rig gives."""
    head, rng = rigs.head(), np.random.default_rng(0)
    some = np.arange(0, 10_000, 50)
    moves = torch.from_numpy(head.shapes[:, some])
    a, b = rng.random((2, 7, len(head.channels)), np.float32)
    a[:, 52:] = b[:, 52:] = 0
    a[:, [i for i, c in enumerate(ARKIT) if c.startswith("eyeLook")]] = 0  # they turn the eyes, which is not linear
    b[:, [i for i, c in enumerate(ARKIT) if c.startswith("eyeLook")]] = 0
    result = MeshError(moves)(torch.from_numpy((a - b)[:, :52]))
    apart = (head.vertices(a) - head.vertices(b))[:, some].astype(np.float64)
    assert result.numpy() == pytest.approx(1e6 * (apart**2).sum(-1).mean(-1), rel=1e-3)


def test_losses_are_those_of_the_paper(thunder):
    """Recomputed from x̂0: squared vertices and scaled channels, and both on first differences."""
    system = make(thunder("losses.velocity=2.0", "losses.weights=0.5"))
    batch = next(system.batches(0, 1))
    parts = system.losses(system.network, batch, (0, 1))
    predicted = system.face.predict(system.network, batch, (0, 1)).motion
    error = (predicted - batch.motion)[batch.frame_known.all(1)]
    deviation = system.network.scale.deviation
    assert batch.frame_known.all()
    assert torch.isclose(parts["weights"], 0.5 * (error / deviation).square().mean(), rtol=1e-4)
    assert torch.isclose(parts["velocity"], 2 * 0.5 * (error.diff(dim=1) / deviation).square().mean(), rtol=1e-4)
    assert torch.isclose(parts["vertices"], system.mesh_error(error).mean(), rtol=1e-4)
    assert torch.isclose(parts["vertex_velocity"], 2 * system.mesh_error(error.diff(dim=1)).mean(), rtol=1e-4)


def test_the_lip_gap_may_be_weighed_beside_the_vertices(thunder):
    """By hand: millimetres between the lips that are not there, three times as many where they should be none."""
    plain, weighed = (make(thunder(*more)) for more in ([], ["losses.gap=0.5", "losses.closing=3.0"]))
    batch = next(weighed.batches(0, 1))
    assert "gap" not in plain.losses(plain.network, batch, (0, 0))
    result = weighed.losses(weighed.network, batch, (0, 0))["gap"]
    predicted, gap = weighed.face.predict(weighed.network, batch, (0, 0)).motion, weighed.gap.gap
    wanted = gap(batch.motion)
    by_hand = (gap(predicted) - wanted).abs() * torch.where(wanted <= CLOSED_MM, 3.0, 1.0)
    assert torch.isclose(result, 0.5 * by_hand[batch.frame_known].mean(), rtol=1e-4)


def test_noise_stands_in_the_scale_of_the_channels(thunder):
    """The denoiser sees deviation 1 in every channel that moves; in what does not move noise hardly shows."""
    system = make(thunder())
    batch = next(system.batches(0, 1))
    scale = system.network.scale
    clips = read_corpus(system.face.data.root / "performed").split("train")
    motions = np.concatenate([clip.motion().select(CHANNELS) for clip in clips])
    seen = scale(torch.from_numpy(motions))
    moving = motions.std(0) > 0.02
    assert torch.allclose(seen.std(0)[moving], torch.ones(int(moving.sum())), atol=0.05)
    assert scale.deviation.min() == pytest.approx(0.02)
    assert torch.allclose(scale.undo(scale(batch.motion)), batch.motion, atol=1e-5)


def test_speech_of_a_share_of_the_clips_is_dropped(thunder):
    system = make(thunder("decoder.dropped=0.5", "data.batch=40"))
    batch = next(system.batches(0, 1))
    share = np.mean(
        [system.face.predict(system.network, batch, (0, k)).dropped["speech"].float().mean() for k in range(4)]
    )
    assert 0.35 < share < 0.65
    again = [system.face.predict(system.network, batch, (0, 0)).motion for _ in range(2)]
    assert torch.equal(*again)


def test_a_few_steps_lower_the_losses(thunder):
    torch.manual_seed(0)
    system = make_system(thunder("data.batch=8", "train.seed=1"))
    optimiser, batches = torch.optim.Adam(system.network.parameters(), 3e-3), system.batches(0, 1)
    result = []
    for step in range(60):
        loss = torch.stack(list(system.losses(system.network, next(batches), (0, step)).values())).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        result.append(float(loss.detach()))
    assert np.mean(result[-10:]) < 0.7 * np.mean(result[:10])


def test_it_may_read_a_representation_that_no_bundle_can_hold(thunder):
    """As in recipes/thunder_paper.toml, which hears through a model of the hub."""
    representation = read_recipe(Path(__file__).parents[3] / "recipes" / "thunder_paper.toml")["speech"][
        "representation"
    ]
    assert (
        representation.partition("@")[2] == "12"
    )  # features of a layer: a name alone means the characters of its CTC head
    system = make(thunder("speech.representation=mfcc"))
    assert np.isfinite(system.validate(system.network)["lve"])


@pytest.mark.parametrize("seconds", [0.02, 0.7, 2.3])
def test_a_seed_makes_a_take_of_any_length(thunder, seconds):
    system = make(thunder())
    samples = voice(seconds)
    first, other = system.takes(samples, [1, 2])
    (alone,), (again, _) = system.takes(samples, [1]), system.takes(samples, [1, 2])
    assert len(first) == np.ceil(seconds * 30) and first.channels == CHANNELS
    assert np.isfinite(first.values).all()
    assert np.array_equal(first.values, again.values)
    assert np.allclose(first.values, alone.values, atol=1e-5)  # products of other sizes round otherwise
    assert not np.array_equal(first.values, other.values)
    assert system.network.training


@pytest.mark.parametrize("copies", [0, 2])
def test_it_may_learn_from_augmented_copies(thunder, copies):
    """Another sound at the same moments of the same motion."""
    system = make(thunder(f"data.copies={copies}", "augment.noise=1.0"))
    batches, same = system.batches(0, 1), []
    for batch in (next(batches) for _ in range(4)):
        moments = batch.speech.shape[2]
        for row, clip in enumerate(batch.clips):
            start = float(batch.frame_times[row, 0])
            times = timing.frame_times(batch.motion.shape[1] * moments, 30 * moments, start)
            plain = system.face.tracks[clip].at(times).reshape(batch.speech.shape[1:])
            known = batch.frame_known[row].numpy()
            same.append(np.allclose(batch.speech[row].numpy()[known], plain[known], atol=0.05))
    assert all(same) if copies == 0 else 0 < sum(same) < len(same)  # a clip is drawn as it is too


def test_windows_are_joined_without_seams(thunder):
    """Where one window hands over to the next, motion changes no faster than elsewhere."""
    torch.manual_seed(0)
    system = make(thunder("sampling.steps=6"))
    optimiser, batches = torch.optim.Adam(system.network.parameters(), 3e-3), system.batches(0, 1)
    for step in range(40):
        loss = torch.stack(list(system.losses(system.network, next(batches), (0, step)).values())).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    (take,) = system.takes(voice(8.0), [3])
    change = np.abs(np.diff(take.values, axis=0)).mean(1)
    block = round(0.4 * 30)
    begins = np.zeros(len(change), bool)
    begins[block - 1 :: block] = True
    assert change[begins].mean() < 1.3 * change[~begins].mean()


def test_guidance_mixes_with_and_without_speech(thunder):
    torch.manual_seed(0)
    systems = [make(thunder(f"sampling.guidance={g}", "sampling.steps=1")) for g in (1.0, 2.0, 0.0)]
    takes = [system.takes(voice(1.0), [0])[0].values for system in systems]
    middle = [
        t[:, [i for i, c in enumerate(CHANNELS) if c.startswith("head")]] for t in takes
    ]  # angles are not clipped
    assert np.allclose(middle[1], 2 * middle[0] - middle[2], atol=1e-4)
    assert not np.allclose(middle[0], middle[2], atol=1e-4)


def test_deterministic_decoders_are_baselines(thunder):
    system = make({**thunder(), "decoder": {"kind": "transformer", "width": 16, "layers": 1, "heads": 2, "inner": 32}})
    parts = system.losses(system.network, next(system.batches(0, 1)), (0, 0))
    assert parts.keys() == {"vertices", "weights", "vertex_velocity", "velocity"}
    first, other = system.takes(voice(1.0), [0, 1])
    assert np.array_equal(first.values, other.values)
    assert system.validate(system.network)["s_div_u"] == 0
    with pytest.raises(ConfigError, match="guidance needs a decoder"):
        make({**thunder("sampling.guidance=2.0"), "decoder": {"kind": "gru_diffusion", "width": 16}})


def test_gradients_come_through_the_mesh_to_speech_loss(thunder, listener):
    system = make(thunder("losses.mesh_to_speech=0.5", f"mesh_to_speech.model={listener}", "mesh_to_speech.trust=kept"))
    batch = next(system.batches(0, 1))
    parts = system.losses(system.network, batch, (0, 0))
    assert {"speech_mel", "speech_units"} <= parts.keys()
    twice = make(thunder("losses.mesh_to_speech=1.0", f"mesh_to_speech.model={listener}", "mesh_to_speech.trust=kept"))
    twice.network.load_state_dict(system.network.state_dict())
    more = twice.losses(twice.network, batch, (0, 0))
    assert torch.isclose(more["speech_mel"], 2 * parts["speech_mel"], rtol=1e-4)
    (parts["speech_mel"] + parts["speech_units"]).backward()
    assert system.network.decoder.leave.weight.grad.abs().sum() > 0


def test_any_decoder_takes_the_mesh_to_speech_loss(thunder, listener, tmp_path):
    """The tokens Transformer and the GRU, with `losses.mesh_to_speech` as in recipes/tokens.toml."""
    for kind, sizes in (("transformer", {"layers": 1, "heads": 2, "inner": 32}), ("gru_diffusion", {"levels": 20})):
        asked = thunder("losses.mesh_to_speech=0.5", f"mesh_to_speech.model={listener}")
        table = {k: v for k, v in asked.items() if k not in ("sampling", "bundle")}
        system = make_system({**table, "system": "tokens_to_faces", "decoder": {"kind": kind, "width": 16, **sizes}})
        assert not isinstance(system, Thunder)
        parts = system.losses(system.network, next(system.batches(0, 1)), (0, 0))
        parts["speech_units"].backward()
        assert system.network.decoder.leave.weight.grad.abs().sum() > 0


def test_what_is_denoised_is_the_noise_of_the_schedule(thunder):
    """At the lowest level x̂0 is asked for what is all but there."""
    system = make(thunder())
    batch = next(system.batches(0, 1))
    clean = system.network.scale(batch.motion)
    kept = add_noise(clean, torch.randn_like(clean), torch.zeros(3, dtype=torch.long), system.network.decoder.schedule)
    assert (kept - clean).abs().mean() < 0.1
