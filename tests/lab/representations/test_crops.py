import numpy as np
import pytest
import torch

from utterface.errors import CorpusError
from utterface.lab.representations.crops import CropConfig, Crops


def test_a_batch_is_a_function_of_its_number(toy):
    config = CropConfig(toy, {"toy": 1.0}, batch=3, seconds=1.0)
    one, other = Crops(config, ("train",), 0), iter(Crops(config, ("train",), 0, first=1, stride=2))
    next(other)
    assert torch.equal(next(other)["samples"], one.make(3)["samples"])
    assert not torch.equal(one.make(2)["samples"], one.make(3)["samples"])
    assert one.make(0)["samples"].shape == (3, 16000)


def test_crops_know_their_moment(toy):
    config = CropConfig(toy, {"toy": 1.0}, batch=4, seconds=0.5)

    def ask(clip, start, samples, rate):
        first = round(start * 16000)
        return {"right": np.array(np.array_equal(clip.samples()[first : first + 8000], samples))}

    assert Crops(config, ("train",), 0, ask).make(0)["right"].all()


def test_short_clips_are_padded_and_absent_ones_refused(toy):
    samples = Crops(CropConfig(toy, {"toy": 1.0}, batch=2, seconds=3.0), ("valid",), 0).make(0)["samples"]
    assert samples.shape == (2, 48000)
    assert (samples[:, 25600:] == 0).all()
    with pytest.raises(CorpusError, match="no clips of test"):
        Crops(CropConfig(toy, {"toy": 1.0}), ("test",), 0)
