import math

import pytest
import torch

from utterface.lab.training.packing import pack, widen


@pytest.fixture
def weights() -> dict[str, torch.Tensor]:
    """A matrix, a kernel whose rows are no whole number of groups, a bias, a counter; row 0 of the matrix is faint."""
    torch.manual_seed(0)
    matrix = torch.randn(8, 40)
    matrix[0] *= 1e-3
    return {"m": matrix, "b": torch.randn(8), "k": torch.randn(6, 5, 3), "n": torch.tensor(7)}


def test_where_there_is_room_all_are_halves(weights):
    packed, scales = pack(weights, math.inf)
    assert not scales and packed["m"].dtype == packed["k"].dtype == torch.float16
    assert torch.equal(packed["b"], weights["b"]) and packed["b"].dtype == torch.float32
    wide = widen(packed, scales)
    assert wide["m"].dtype == torch.float32 and torch.equal(wide["n"], weights["n"])
    assert torch.allclose(wide["m"], weights["m"], rtol=1e-3)


def test_bytes_are_near_whatever_the_size_of_a_row(weights):
    packed, scales = pack(weights, 0)
    assert packed["m"].dtype == torch.int8 and packed["m"].shape == (8, 40)
    assert scales.keys() == {"m", "k"} and scales["m"].shape == (8, 3)
    wide = widen(packed, scales)
    for name in ("m", "k"):
        error = (wide[name] - weights[name]).flatten(1).norm(dim=1) / weights[name].flatten(1).norm(dim=1)
        assert wide[name].shape == weights[name].shape and error.max() < 0.01
    assert torch.equal(wide["b"], weights["b"]) and torch.equal(wide["n"], weights["n"])


def test_no_more_than_must_become_bytes_and_the_last_first(weights):
    halves = 8 * 40 * 2 + 6 * 15 * 2 + 8 * 4 + 8
    packed, scales = pack(weights, halves - 1)
    assert scales.keys() == {"k"} and packed["m"].dtype == torch.float16
    assert sum(v.nbytes for v in (*packed.values(), *scales.values())) < halves


def test_nothing_but_zeros_stays_zero():
    packed, scales = pack({"m": torch.zeros(2, 20)}, 0)
    assert torch.equal(widen(packed, scales)["m"], torch.zeros(2, 20))
