import numpy as np
import pytest

from utterface.errors import ModelError
from utterface.lab.decoders import make_decoder
from utterface.lab.studies.costs import _flops, _look_ahead, measure, measure_apart
from utterface.lab.studies.runs import VariantRun
from utterface.lab.studies.store import Folder
from utterface.lab.studies.tokens.sizes import SMOKE, TokensVariant, recipe


@pytest.fixture
def asked(tmp_path):
    return lambda kind, name="mel": recipe(SMOKE, VariantRun(TokensVariant("mel", kind), 0), name, Folder(tmp_path))


def test_costs_are_measured_in_a_separate_process(asked):
    result = measure_apart(asked("animator"))
    assert result["real_time"] == pytest.approx(result["real_time_encoding"] + result["real_time_decoding"])
    assert result["look_ahead"] == pytest.approx(0.0125 + 1 / 60 + 3 / 30)  # mel's, half a frame, three frames' delay
    assert result["look_ahead"] < result["first_frame"] < 10
    assert result["memory_mb"] >= result["base_mb"] > 50 and result["cores"] == 2
    assert result["bitrate"] is None and result["decoder_flops"] > 1e5 and result["flops"] is None


def test_a_decoder_that_hears_everything_answers_after_the_end(asked):
    result = measure(asked("transformer"))
    assert result["look_ahead"] is None and result["first_frame"] > 10


def test_a_measurement_that_fails_says_why(asked):
    with pytest.raises(ModelError, match=r"measuring the cost of ours:gone failed: .*gone"):
        measure_apart(asked("animator", "ours:gone"))


def test_products_are_counted_by_hand():
    import torch

    layer = torch.nn.Linear(30, 20, bias=False)
    assert _flops(lambda: layer(torch.zeros(7, 30))) == 2 * 7 * 30 * 20
    attention = torch.nn.MultiheadAttention(16, 2, batch_first=True).eval()
    x = torch.zeros(1, 10, 16)
    with torch.no_grad():
        counted = _flops(lambda: attention(x, x, x, need_weights=False))
    assert counted == 2 * (4 * 10 * 16 * 16 + 2 * 10 * 10 * 16)  # four projections, two products of attention
    assert torch.backends.mha.get_fastpath_enabled()


def test_look_ahead_adds_up():
    kinds = {k: make_decoder({"kind": k}, 8, 3) for k in ("transformer", "gru_diffusion", "animator")}
    assert _look_ahead(kinds["transformer"], 0.1) is None
    assert _look_ahead(kinds["animator"], None) is None
    assert _look_ahead(kinds["gru_diffusion"], 0.1) == pytest.approx(0.1 + 1 / 60)
    assert _look_ahead(kinds["animator"], 0.1) == pytest.approx(0.1 + 1 / 60 + np.float64(kinds["animator"].delay) / 30)
