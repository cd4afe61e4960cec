import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from utterface.articulation import EMOTIONS
from utterface.errors import ConfigError
from utterface.lab.networks.motion_prior import MotionPrior, MotionPriorConfig
from utterface.lab.systems.lsf import LsfSystem, read_prior
from utterface.motion import ARKIT

PRIOR = {"width": 16, "layers": 1, "heads": 2, "inner": 16, "codes": 8, "code": 8}
CHANNELS = ARKIT[:-1]


@pytest.fixture(scope="module")
def prior(tmp_path_factory):
    path = tmp_path_factory.mktemp("prior") / "last.safetensors"
    weights = MotionPrior(MotionPriorConfig(**PRIOR), len(CHANNELS)).state_dict()
    header = {"recipe": json.dumps({"system": "motion_prior", "network": PRIOR}), "step": "1"}
    save_file({f"average/{name}": value for name, value in weights.items()}, path, header)
    return path


def system_of(clips, prior, tmp_path, **conditions) -> LsfSystem:
    return LsfSystem({
        "data": {"root": str(clips.parent), "corpora": [clips.name], "batch": 2, "seconds": 1.0},
        "speech": {"representation": "mel", "store": str(tmp_path)},
        "conditions": {"emotion": "mfcc", **conditions},
        "network": {"layers": 1, "heads": 2, "inner": 16, "hidden": [8, 8]},
        "prior": {"checkpoint": str(prior)},
    })  # fmt: skip


def test_one_step_moves_the_second_stage_and_not_the_prior(performed_clips, prior, tmp_path):
    system = system_of(performed_clips, prior, tmp_path)
    before = {k: v.clone() for k, v in system.network.state_dict().items()}
    losses = system.losses(system.network, next(system.batches(0, 1)), (0, 0))
    assert losses.keys() == {"codes", "face", "jaw"}
    torch.stack(list(losses.values())).sum().backward()
    torch.optim.SGD([p for p in system.network.parameters() if p.grad is not None], 1.0).step()
    moved = {k for k, v in system.network.state_dict().items() if not torch.equal(v, before[k])}
    assert any(name.startswith("enter") for name in moved)
    assert not any(name.startswith("prior") for name in moved)


def test_takes_repeat_with_their_seed(performed_clips, prior, tmp_path):
    system = system_of(performed_clips, prior, tmp_path)
    clip = system.held_out[0]
    first, again = (system.animate(system.network, clip, 3).values for _ in range(2))
    assert np.array_equal(first, again)
    assert first.shape == system.reference(clip).values.shape
    assert system.validate(system.network)["fit"] < 0


def test_rows_of_control_read_what_they_say(performed_clips, prior, tmp_path):
    own, label, other, one_hot, none = (
        system_of(performed_clips, prior, tmp_path, **given)
        for given in (
            {},
            {"emotion": "label"},
            {"other": True},
            {"identity": "one-hot"},
            {"emotion": "", "identity": ""},
        )
    )
    clip = own.clips(("train",), 0)[0]
    assert np.array_equal(own.emotion_of(clip).values, own.emotions[clip].values)
    assert label.emotion_of(clip).values[0].argmax() == list(EMOTIONS).index(clip.emotion or "neutral")
    assert other._other(clip).speaker == clip.speaker
    assert other._other(clip).id != clip.id
    assert np.array_equal(own.identity_of(clip), clip.identity())
    assert one_hot.identity_of(clip).sum() == 1
    near = one_hot.performers[clip.performer] + 1e-3
    assert np.array_equal(one_hot.seen_as(near), one_hot.identity_of(clip))
    assert not none.identity_of(clip).any()
    assert not none.emotion_of(clip).values.any()


def test_what_does_not_fit_is_refused(performed_clips, prior, tmp_path):
    with pytest.raises(ConfigError, match=r"lsf needs prior\.checkpoint"):
        read_prior("", CHANNELS)
    with pytest.raises(ConfigError, match="a prior of 51 channels; the recipe names 2"):
        read_prior(prior, CHANNELS[:2])
    system = system_of(performed_clips, prior, tmp_path, size=3)
    with pytest.raises(ConfigError, match="has an identity of 16"):
        system.identity_of(system.held_out[0])
