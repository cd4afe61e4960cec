import torch

from utterface.lab.networks.speaker import SpeakerConfig, SpeakerNetwork


def test_embeddings_have_length_1_and_ignore_a_constant_filter():
    torch.manual_seed(0)
    network = SpeakerNetwork(SpeakerConfig(width=8, features=4)).eval()
    samples = torch.randn(3, 16000) * 0.1
    with torch.inference_mode():
        embeddings, louder = network(samples), network(2 * samples)
    torch.testing.assert_close(embeddings.norm(dim=1), torch.ones(3))
    torch.testing.assert_close(embeddings, louder, atol=1e-3, rtol=0)  # a gain shifts all of the log-mel
    assert (embeddings[0] - embeddings[1]).abs().max() > 1e-4
