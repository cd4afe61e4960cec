import torch

from utterface.lab.networks.emotion import EmotionModel, EmotionNetworkConfig


def test_logits_come_first_and_dropout_is_of_training_alone():
    model = EmotionModel(EmotionNetworkConfig(features=5, hidden=7), 3).eval()
    features = torch.randn(4, 5)
    output = model(features)
    assert output.shape == (4, 10)
    assert torch.equal(output, model(features))
    assert torch.allclose(model.leave(output[:, 3:]), output[:, :3])
    assert not torch.equal(model.train()(features), output)


def test_features_are_normalised_by_what_was_measured():
    model = EmotionModel(EmotionNetworkConfig(features=5, hidden=7), 3).eval()
    features = torch.randn(4, 5)
    before = model(features)
    model.mean += 2
    model.deviation *= 3
    assert torch.allclose(model(3 * features + 2), before, atol=1e-5)
