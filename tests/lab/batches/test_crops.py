import itertools

import numpy as np
import pytest
import torch

from utterface.errors import CorpusError
from utterface.lab.batches.augment import AugmentConfig
from utterface.lab.batches.crops import CropConfig, Crops, CropSystem, batch_numbers, labels_at
from utterface.phones import Span


def test_a_batch_is_a_function_of_its_number(toy):
    config = CropConfig(toy, {"toy": 1.0}, batch=3, seconds=1.0)
    one, other = Crops(config, ("train",), 0), iter(Crops(config, ("train",), 0, first=1, stride=2))
    next(other)
    assert torch.equal(next(other)["samples"], one.make(3)["samples"])
    assert not torch.equal(one.make(2)["samples"], one.make(3)["samples"])
    assert one.make(0)["samples"].shape == (3, 16000)


def test_crops_know_their_moment(toy):
    config = CropConfig(toy, {"toy": 1.0}, batch=4, seconds=0.5)

    def ask(crop):
        first = round(crop.start * 16000)
        return {"right": np.array(np.array_equal(crop.clip.samples()[first : first + 8000], crop.samples))}

    assert Crops(config, ("train",), 0, ask).make(0)["right"].all()


def test_short_clips_are_padded_and_absent_ones_refused(toy):
    samples = Crops(CropConfig(toy, {"toy": 1.0}, batch=2, seconds=3.0), ("valid",), 0).make(0)["samples"]
    assert samples.shape == (2, 48000)
    assert (samples[:, 25600:] == 0).all()
    with pytest.raises(CorpusError, match="no clips of test"):
        Crops(CropConfig(toy, {"toy": 1.0}), ("test",), 0)


def test_augmented_crops_keep_the_targets_of_clean_ones(toy):
    config, asked = CropConfig(toy, {"toy": 1.0}, batch=6, seconds=0.5), []

    def ask(crop):
        asked.append((crop.samples, crop.rate, len(crop.clip.samples()) - round(crop.start * 16000)))
        return {}

    crops = Crops(config, ("train",), 0, ask, augmentation=AugmentConfig(rate=(0.8, 1.25), noise=1.0))
    heard = crops.make(0)["samples"].numpy()
    assert heard.shape == (6, 8000)
    assert len({rate for _, rate, _ in asked}) == 6
    assert all(left >= 8000 * rate - 1 for _, rate, left in asked)
    assert not any(np.array_equal(heard[i], clean) for i, (clean, _, _) in enumerate(asked))
    assert np.array_equal(crops.make(0)["samples"], heard)


def test_only_training_crops_are_augmented(toy):
    plain = {"data": {"root": str(toy), "shares": {"toy": 1.0}, "seconds": 0.5, "batch": 2}}
    system, bare = CropSystem({**plain, "augment": {}}), CropSystem(plain)
    assert torch.equal(system.crops(("valid",)).make(0)["samples"], bare.crops(("valid",)).make(0)["samples"])
    assert not torch.equal(system.crops(("train",)).make(0)["samples"], bare.crops(("train",)).make(0)["samples"])
    mel = torch.randn(2, 100, 80)
    change = system.change((0, 7))
    assert change is not None and bare.change((0, 7)) is None
    assert not torch.equal(change(mel), mel)


def test_loading_processes_share_the_batches_without_gap_or_overlap():
    class Numbers(torch.utils.data.IterableDataset):
        def __iter__(self):
            return itertools.islice(batch_numbers(3, 2), 4)

    loaded = torch.utils.data.DataLoader(Numbers(), batch_size=None, num_workers=2)
    assert sorted(loaded) == [3, 5, 7, 9, 11, 13, 15, 17]
    assert list(itertools.islice(batch_numbers(3, 2), 3)) == [3, 5, 7]


def test_phones_at_moments():
    phones = [Span("m", 0.1, 0.2), Span("aɪ", 0.2, 0.3), Span("s", 0.5, 0.6)]
    assert labels_at(phones, np.array([0.0, 0.1, 0.199, 0.2, 0.3, 0.55, 0.6])).tolist() == [
        "sil", "m", "m", "aɪ", "sil", "s", "sil",
    ]  # fmt: skip
    assert labels_at([], np.array([0.0])).tolist() == ["sil"]
