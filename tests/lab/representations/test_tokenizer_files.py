"""SpeechTokenizer and WavTokenizer, on tiny random weights in their authors' names, against their arithmetic."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from utterface.errors import ConfigError, ModelError
from utterface.lab.representations import open_representation
from utterface.lab.representations.tokenizer_files import fetch_tokenizer

FILTERS, RATIOS, DIMENSION, SIZE = 2, (4, 2), 6, 16  # the last stride first, as the decoder has them
HOP = 8


def weights(books: int, both_ways: bool) -> dict[str, torch.Tensor]:
    """An encoder of two strides with two LSTM layers, and codebooks."""
    generator = torch.Generator().manual_seed(0)
    state: dict[str, torch.Tensor] = {}

    def convolution(name: str, outputs: int, inputs: int, kernel: int) -> None:
        state[f"{name}.conv.conv.weight_v"] = torch.randn(outputs, inputs, kernel, generator=generator)
        state[f"{name}.conv.conv.weight_g"] = torch.rand(outputs, 1, 1, generator=generator) + 0.5
        state[f"{name}.conv.conv.bias"] = torch.randn(outputs, generator=generator) * 0.1

    convolution("encoder.model.0", FILTERS, 1, 7)
    width, place = FILTERS, 1
    for ratio in reversed(RATIOS):
        convolution(f"encoder.model.{place}.block.1", width // 2, width, 3)
        convolution(f"encoder.model.{place}.block.3", width, width // 2, 1)
        convolution(f"encoder.model.{place}.shortcut", width, width, 1)
        convolution(f"encoder.model.{place + 2}", 2 * width, width, 2 * ratio)
        width, place = 2 * width, place + 3
    lstm = torch.nn.LSTM(width, width, 2, bidirectional=both_ways)
    state |= {f"encoder.model.{place}.lstm.{k}": v.detach() for k, v in lstm.state_dict().items()}
    convolution(f"encoder.model.{place + 2}", DIMENSION, width * (1 + both_ways), 7)
    for book in range(books):
        embed = torch.randn(SIZE, DIMENSION, generator=generator)
        own = f"quantizer.vq.layers.{book}._codebook"
        state |= {f"{own}.embed": embed, f"{own}.embed_avg": embed, f"{own}.inited": torch.ones(1)}
        state |= {f"{own}.cluster_size": torch.ones(SIZE)}
    return state


def encoded(state: dict[str, torch.Tensor], sound: torch.Tensor, both_ways: bool) -> torch.Tensor:
    """(1, 1, N) → (DIMENSION, T), worked out step by step."""

    def convolution(name: str, x: torch.Tensor, stride: int = 1) -> torch.Tensor:
        v, g, bias = (state[f"{name}.conv.conv.{part}"] for part in ("weight_v", "weight_g", "bias"))
        kernel = v.shape[2]
        total = kernel - stride
        right = total // 2
        x = F.pad(x, (total - right, right), mode="reflect") if total else x
        return F.conv1d(x, g * v / v.norm(dim=(1, 2), keepdim=True), bias, stride)

    x, place, width = convolution("encoder.model.0", sound), 1, FILTERS
    for ratio in reversed(RATIOS):
        own = f"encoder.model.{place}"
        inner = convolution(f"{own}.block.3", F.elu(convolution(f"{own}.block.1", F.elu(x))))
        x = convolution(f"encoder.model.{place + 2}", F.elu(convolution(f"{own}.shortcut", x) + inner), ratio)
        width, place = 2 * width, place + 3
    lstm = torch.nn.LSTM(width, width, 2, bidirectional=both_ways)
    lstm.load_state_dict({k.split("lstm.")[1]: v for k, v in state.items() if ".lstm." in k})
    row = x.permute(2, 0, 1)
    row = lstm(row)[0] + (row.repeat(1, 1, 2) if both_ways else row)
    return convolution(f"encoder.model.{place + 2}", F.elu(row.permute(1, 2, 0)))[0]


@pytest.fixture
def sound() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.5, 800).astype(np.float32)


def test_speech_tokenizers_units_are_the_nearest_vectors_of_its_encoder(tmp_path, sound):
    state = weights(3, both_ways=True)
    (tmp_path / "hubert_avg").mkdir()
    torch.save(state, tmp_path / "hubert_avg" / "SpeechTokenizer.pt")
    representation = open_representation(f"folder:{tmp_path}@2")
    about = representation.about
    assert about.codebooks == (SIZE, SIZE) and about.look_ahead is None and about.dimension == DIMENSION
    assert (about.frame_rate, about.start) == (16000 / HOP, HOP / 2 / 16000)
    left = encoded(state, torch.from_numpy(sound)[None, None], True).T
    summed = torch.zeros_like(left)
    for book in range(2):
        embed = state[f"quantizer.vq.layers.{book}._codebook.embed"]
        nearest = torch.cdist(left - summed, embed).argmin(1)
        np.testing.assert_array_equal(representation.units(sound).values[:, book], nearest.numpy())
        summed = summed + embed[nearest]
    np.testing.assert_allclose(representation.encode(sound).values, summed.numpy(), atol=1e-5)
    assert len(np.unique(representation.units(sound).values)) > 3
    with pytest.raises(ConfigError, match="1 to 3 codebooks"):
        open_representation(f"folder:{tmp_path}@4")


def test_wav_tokenizer_is_read_from_its_checkpoint(tmp_path, sound):
    """At 24 kHz, one codebook, one LSTM direction: a frame depends on no sound beyond its look-ahead."""
    state = {f"feature_extractor.encodec.{k}": v for k, v in weights(1, both_ways=False).items()}
    torch.save({"state_dict": state | {"head.out.bias": torch.zeros(3)}}, tmp_path / "small_600_24k_4096.ckpt")
    representation = open_representation(f"folder:{tmp_path}")
    about = representation.about
    assert about.codebooks == (SIZE,) and about.frame_rate == 24000 / HOP
    whole = representation.encode(sound).values
    changed = sound.copy()
    changed[400:] = 0
    reached = (representation.encode(changed).values[: len(whole)] != whole).any(1)
    first = about.start + np.flatnonzero(reached)[0] / about.frame_rate
    assert first >= 400 / 16000 - about.look_ahead - 0.002  # the resampler to 24 kHz reaches 2 ms


def test_another_file_of_that_name_is_refused(tmp_path):
    (tmp_path / "SpeechTokenizer.pt").write_bytes(b"no weights")
    with pytest.raises(ModelError, match="holds neither SpeechTokenizer nor WavTokenizer"):
        open_representation(f"folder:{tmp_path}")
    torch.save({"encoder.model.0.conv.conv.weight_v": torch.zeros(2, 1, 7)}, tmp_path / "SpeechTokenizer.pt")
    with pytest.raises(ModelError, match="holds neither"):
        open_representation(f"folder:{tmp_path}")


def test_the_hubs_copy_is_named_where_it_is_out_of_reach(monkeypatch, tmp_path):
    import huggingface_hub

    def nothing(place, **options):
        raise OSError("no network")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", nothing)
    with pytest.raises(ModelError, match="fnlp/SpeechTokenizer is neither cached nor within reach"):
        fetch_tokenizer("fnlp/SpeechTokenizer")
    torch.save(weights(1, True), tmp_path / "SpeechTokenizer.pt")
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda place, **options: str(tmp_path))
    assert open_representation("hub:fnlp/SpeechTokenizer@1").about.codebooks == (SIZE,)
