import torch

from utterface.lab.networks.face import FeatureNorm, UnitEmbedding


def test_features_are_normalised_without_padding():
    torch.manual_seed(0)
    norm = FeatureNorm(3)
    vectors, known = torch.randn(2, 50, 3) * torch.tensor([1.0, 5.0, 0.1]) + 7, torch.ones(2, 50, dtype=torch.bool)
    vectors[1, 30:], known[1, 30:] = 1e6, False
    result = norm(vectors, known)
    assert torch.allclose(result[known].mean(0), torch.zeros(3), atol=1e-4)
    assert torch.allclose(result[known].std(0), torch.ones(3), atol=0.05)
    assert not result[~known].any()
    doubled = norm(vectors[:, :, None].repeat(1, 1, 2, 1), known)
    assert torch.allclose(doubled[:, :, 1], result, atol=1e-4)


def test_units_of_several_codebooks_are_summed():
    embed = UnitEmbedding((4, 3), 5)
    result = embed(torch.tensor([[[1, 2]]]))
    assert torch.equal(result[0, 0], embed.tables[0].weight[1] + embed.tables[1].weight[2])
