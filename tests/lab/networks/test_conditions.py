import torch

from utterface.lab.networks.conditions import ConditionFusion


def test_a_vector_holds_for_all_frames_and_a_track_for_its_own():
    torch.manual_seed(0)
    fusion, frames = ConditionFusion({"who": 2, "loudness": 1}, 4), torch.zeros(1, 3, 4)
    who, loudness = torch.randn(1, 2), torch.randn(1, 3, 1)
    fused = fusion(frames, {"who": who, "loudness": loudness}, {})
    expected = fusion.enter["who"](who)[:, None] + fusion.enter["loudness"](loudness)
    assert torch.allclose(fused, expected, atol=1e-6)


def test_the_null_stands_for_a_condition_that_is_dropped_or_missing():
    fusion, frames = ConditionFusion({"who": 2}, 4), torch.randn(2, 3, 4)
    fused = fusion(frames, {"who": torch.randn(2, 2)}, {"who": torch.tensor([True, False])})
    missing = fusion(frames, {}, {})
    assert torch.equal(fused[0], missing[0]) and not torch.allclose(fused[1], missing[1])
    assert torch.equal(missing, frames + fusion.null["who"])


def test_without_conditions_frames_stay_as_they_are():
    frames = torch.randn(2, 3, 4)
    assert ConditionFusion({}, 4)(frames, {"who": torch.randn(2, 2)}, {}) is frames
