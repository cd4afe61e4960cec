import numpy as np
import onnxruntime
import pytest

from support.tiny_whisper import FRAMES, HEADS, MELS, VOCABULARY, WIDTH, Reference, tiny_weights
from utterface.recognise.whisper import graph


@pytest.fixture(scope="module")
def weights() -> dict[str, np.ndarray]:
    return tiny_weights(1)


@pytest.fixture(scope="module")
def mel() -> np.ndarray:
    return np.random.default_rng(2).normal(0, 0.5, (MELS, 2 * FRAMES)).astype(np.float32)


def run(network: bytes, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"])
    return dict(zip([each.name for each in session.get_outputs()], session.run(None, given), strict=True))


def test_a_step_at_a_time_gives_what_all_tokens_at_once_give(weights, mel):
    reference = Reference(weights)
    encoded = reference.encoded(mel)
    cross = run(graph.encoder(weights), {"mel": mel[None]})
    key = Reference(weights)._linear(encoded, "decoder/layer_0/attention/linear_1")[:, :WIDTH]
    turned = key.reshape(FRAMES, HEADS, -1).transpose(1, 2, 0)
    assert np.abs(cross["cross.0.key"][0] - turned).max() < 0.1 * np.abs(turned).max()
    network, tokens = graph.decoder(weights), [28, 3, 7, 12, 20]
    past = {f"past.0.{part}": np.zeros((1, HEADS, 0, WIDTH // HEADS), np.float32) for part in ("key", "value")}
    for count, token in enumerate(tokens, 1):
        out = run(network, {"token": np.array([token]), **past, **cross})
        expected = reference.logits(tokens[:count], encoded)
        assert out["logits"].shape == (len(VOCABULARY),)
        assert np.abs(out["logits"] - expected).max() < 0.06 * np.ptp(expected)
        past = {name.replace("present", "past"): array for name, array in out.items() if name != "logits"}
        assert past["past.0.key"].shape[2] == count


def test_sizes_are_read_from_the_weights(weights):
    sizes = graph.Sizes.of(weights)
    assert (sizes.mels, sizes.width, sizes.vocabulary) == (MELS, WIDTH, len(VOCABULARY))
    assert (sizes.encoder_layers, sizes.decoder_layers, sizes.decoder_heads) == (1, 1, HEADS)
    with pytest.raises(KeyError):
        graph.Sizes.of({name: array for name, array in weights.items() if "embeddings" not in name})


def test_the_table_of_tokens_is_kept_once(weights):
    large = weights | {"decoder/embeddings/weight": np.ones((4000, WIDTH), np.float32)}
    assert 4000 * WIDTH < len(graph.decoder(large)) - len(graph.decoder(weights)) < 1.5 * 4000 * WIDTH
