import pytest
import torch

from utterface.lab.packing import to_bytes, to_halves, widen


@pytest.fixture
def weights() -> dict[str, torch.Tensor]:
    """A matrix, a kernel whose rows are no whole number of groups, a bias, a counter; row 0 of the matrix is faint."""
    torch.manual_seed(0)
    matrix = torch.randn(8, 40)
    matrix[0] *= 1e-3
    return {"m": matrix, "k": torch.randn(6, 5, 3), "b": torch.randn(8), "n": torch.tensor(7)}


def test_halves_keep_what_is_no_matrix(weights):
    packed = to_halves(weights)
    assert packed["m"].dtype == packed["k"].dtype == torch.float16
    assert torch.equal(packed["b"], weights["b"]) and packed["b"].dtype == torch.float32
    wide = widen(packed, {})
    assert wide["m"].dtype == torch.float32 and wide["n"].dtype == torch.int64
    assert torch.allclose(wide["m"], weights["m"], rtol=1e-3)


def test_bytes_are_near_whatever_the_size_of_a_row(weights):
    packed, scales = to_bytes(weights)
    assert packed["m"].dtype == torch.int8 and packed["m"].shape == (8, 40)
    assert scales.keys() == {"m", "k"} and scales["m"].shape == (8, 3)
    wide = widen(packed, scales)
    for name in ("m", "k"):
        error = (wide[name] - weights[name]).flatten(1).norm(dim=1) / weights[name].flatten(1).norm(dim=1)
        assert wide[name].shape == weights[name].shape and error.max() < 0.01
    assert torch.equal(wide["b"], weights["b"]) and torch.equal(wide["n"], weights["n"])


def test_nothing_but_zeros_stays_zero():
    packed, scales = to_bytes({"m": torch.zeros(2, 20)})
    assert torch.equal(widen(packed, scales)["m"], torch.zeros(2, 20))
