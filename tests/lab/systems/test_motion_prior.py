import numpy as np
import pytest
import torch

from utterface.errors import ConfigError
from utterface.lab.systems.motion_prior import MotionPriorSystem, channel_losses

SMALL = {"width": 16, "layers": 1, "heads": 2, "inner": 16, "codes": 8, "code": 8}


def test_the_jaw_is_weighed_apart():
    error = torch.tensor([[[1.0, 3.0, 5.0]]])
    losses = channel_losses(
        error, torch.ones(1, 1, dtype=torch.bool), ("browInnerUp", "jawOpen", "mouthClose"), 0.5, 0.1
    )
    assert {name: float(loss) for name, loss in losses.items()} == pytest.approx({"face": 1.5, "jaw": 0.3})
    only = channel_losses(error[..., :1], torch.ones(1, 1, dtype=torch.bool), ("browInnerUp",), 0.5, 0.1)
    assert only.keys() == {"face"}


def test_a_corpus_without_held_out_clips_is_refused(performed_clips):
    data = {"root": str(performed_clips.parent), "corpora": [performed_clips.name], "held_out": ["nobody"]}
    system = MotionPriorSystem({"data": data, "network": SMALL})
    with pytest.raises(ConfigError, match="no clips of nobody speakers"):
        system.check_held_out()


def test_batches_losses_and_figures(performed_clips, tmp_path):
    data = {"root": str(performed_clips.parent), "corpora": [performed_clips.name], "batch": 2, "seconds": 1.0}
    system = MotionPriorSystem({"data": data, "network": SMALL, "speech": {"store": str(tmp_path)}})
    batch = next(system.batches(0, 1))
    losses = system.losses(system.network, batch, (0, 0))
    assert losses.keys() == {"codes", "face", "jaw"}
    assert torch.isfinite(torch.stack(list(losses.values()))).all()
    figures = system.validate(system.network)
    assert figures["fit"] < 0
    assert 0 < figures["codes"] <= 1
    reference = system.reference(system.held_out[0])
    rebuilt, units = system.rebuilt(system.network.eval(), reference)
    assert rebuilt.values.shape == reference.values.shape
    assert len(units) == 2 * len(reference)
    assert np.isfinite(rebuilt.values).all()
