"""What is heard from a face: shapes and clocks, what depends on what, the losses by hand."""

import numpy as np
import pytest
import torch

from utterface import speech, timing
from utterface.errors import ConfigError, ModelError
from utterface.lab.losses.speech import speech_losses
from utterface.lab.networks.mesh_to_speech import (
    INPUTS,
    MeshToSpeechConfig,
    MeshToSpeechModel,
    MeshToSpeechNetwork,
    at_rate,
    gain,
    look,
    seen_size,
    spoken_mel,
)
from utterface.lab.training.checkpoints import load_average
from utterface.motion import ARKIT

CHANNELS = ("jawOpen", "mouthClose", "mouthPucker", "browInnerUp")


def small(**more) -> MeshToSpeechConfig:
    return MeshToSpeechConfig(**{"vertices": 12, "width": 16, "heads": 2, "inner": 16, "layers": 1, "kernel": 5} | more)


def network_of(config: MeshToSpeechConfig, units: int = 7) -> MeshToSpeechNetwork:
    torch.manual_seed(0)
    return MeshToSpeechNetwork(config, seen_size(look(config, CHANNELS), CHANNELS), units, 3).eval()


@pytest.mark.parametrize("rate", [25, 50])
@pytest.mark.parametrize("kind", INPUTS)
def test_units_and_mel_come_on_their_clocks(kind, rate):
    config = small(input=kind, rate=rate)
    network, see = network_of(config), look(config, CHANNELS)
    for frames, frame_rate in ((30, 30.0), (150, 30.0), (60, 60.0), (25, 25.0)):
        told = network(see(torch.rand(2, frames, len(CHANNELS))), torch.rand(2, 3), frame_rate)
        seconds = frames / frame_rate
        assert told.units.shape == (2, 50 * seconds, 7)  # twice and
        assert told.mel.shape == (2, 100 * seconds, 80)  # four times 25 Hz


def test_motion_is_brought_to_rate_as_timing_does_it():
    values = np.random.default_rng(0).standard_normal((31, 5)).astype(np.float32)
    for rate in (25, 50, 30):
        result = at_rate(torch.from_numpy(values)[None], 30.0, rate)[0]
        assert np.allclose(result, timing.resample(values, 30.0, rate), atol=1e-6)


def test_the_voice_changes_the_mel_and_not_the_units():
    network = network_of(small(input="weights"))
    motion = torch.rand(1, 30, len(CHANNELS))
    one, other = network(motion, torch.rand(1, 3)), network(motion, torch.rand(1, 3))
    assert torch.equal(one.units, other.units)
    assert (one.mel - other.mel).abs().max() > 1e-3


def test_a_brow_is_not_heard_from_the_mouth_but_from_the_face():
    motion = torch.zeros(1, 30, len(CHANNELS))
    raised = motion.clone()
    raised[..., CHANNELS.index("browInnerUp")] = 1
    voice = torch.rand(1, 3)
    for kind, heard in (("mouth", False), ("face", True), ("weights", True)):
        config = small(input=kind, vertices=40)
        network, see = network_of(config), look(config, CHANNELS)
        apart = (network(see(motion), voice).units - network(see(raised), voice).units).abs().max()
        assert (apart > 1e-4) == heard, kind


def test_gradients_reach_the_vertices():
    network = network_of(small())
    offsets = (0.01 * torch.randn(1, 30, 12, 3)).requires_grad_()
    told = network(offsets, torch.rand(1, 3))
    sum(speech_losses(told, torch.zeros(1, 100, 80), torch.zeros(1, 50, dtype=torch.int64)).values()).backward()
    assert (offsets.grad.abs().flatten(2).sum(2) > 0).all()


def test_everybody_speaks_equally_loud():
    rng = np.random.default_rng(0)
    samples = rng.standard_normal(16000).astype(np.float32) * 0.01
    samples[8000:] *= 1e-3  # a pause does not count
    assert np.allclose(spoken_mel(samples), spoken_mel(5 * samples), atol=1e-4)
    level = 10 * np.log10((gain(samples) * samples[:8000]).var())
    assert level == pytest.approx(-26, abs=0.2)
    assert gain(np.zeros(1600, np.float32)) <= 30  # silence stays silence
    assert np.allclose(spoken_mel(np.zeros(1600, np.float32)), np.log(speech.MEL_FLOOR))


def test_a_trained_listener_judges_and_stays_as_it_is(listener):
    ear = MeshToSpeechModel(listener, CHANNELS)
    before = {k: v.clone() for k, v in ear.state_dict().items()}
    ear.train()  # as a part of something that trains
    motion = torch.rand(1, 24, len(CHANNELS), requires_grad=True)
    told = ear(motion, torch.rand(1, 4))
    assert told.units.shape == (1, 40, 8)
    assert torch.equal(told.mel, ear(motion, torch.rand(1, 4) * 0 + 1).mel) is False
    told.mel.sum().backward()
    assert motion.grad.abs().sum() > 0 and not any(p.requires_grad for p in ear.parameters())
    assert not any(module.training for module in ear.modules())
    assert all(torch.equal(v, before[k]) for k, v in ear.state_dict().items())


def test_other_channels_show_the_same_mouth(listener):
    whole, few = MeshToSpeechModel(listener), MeshToSpeechModel(listener, CHANNELS)
    assert whole.channels == ARKIT[:-1]
    motion = torch.rand(1, 24, len(CHANNELS))
    full = torch.zeros(1, 24, len(ARKIT) - 1)
    for i, channel in enumerate(CHANNELS):
        full[..., ARKIT.index(channel)] = motion[..., i]
    voice = torch.rand(1, 4)
    assert torch.allclose(whole(full, voice).mel, few(motion, voice).mel, atol=1e-3)


def test_weights_are_found_by_their_names(trained, listener, tmp_path):
    """One that hears weights takes its own from motion that has more, in any order."""
    recipe = load_average(listener)[1]
    units, voice = recipe["speech"]["units"], recipe["speech"]["speaker"]
    tables = f'[speech]\nunits = "{units}"\nspeaker = "{voice}"\nstore = "{recipe["speech"]["store"]}"\n'
    tables += '[motion]\nchannels = ["mouthClose", "jawOpen"]\n'
    tables += '[network]\ninput = "weights"\nwidth = 16\nheads = 2\ninner = 16\nlayers = 1\nkernel = 3\n'
    path = trained("mesh_to_speech", "fit", tables, "data.seconds=0.8", f"train.folder={tmp_path}/weights")
    motion, speaker = torch.rand(1, 24, 3), torch.rand(1, 4)
    own, more = MeshToSpeechModel(path), MeshToSpeechModel(path, ("headYaw", "jawOpen", "mouthClose"))
    assert own.channels == ("mouthClose", "jawOpen")
    assert torch.equal(own(motion[..., [2, 1]], speaker).mel, more(motion, speaker).mel)
    with pytest.raises(ConfigError, match="needs mouthClose too"):
        MeshToSpeechModel(path, ("jawOpen", "headYaw"))


def test_what_does_not_fit_is_refused(trained, tmp_path):
    with pytest.raises(ConfigError, match=r"mouth, face, weights, touch, got 'ears'"):
        MeshToSpeechConfig(input="ears")
    with pytest.raises(ConfigError, match="25 or 50"):
        MeshToSpeechConfig(rate=30)
    other = trained("speaker", "separation", "[network]\nwidth = 8\nfeatures = 4\nclips = 2\n", "data.batch=4")
    with pytest.raises(ModelError, match="mesh_to_speech"):
        MeshToSpeechModel(other)
