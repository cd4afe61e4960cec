"""Loaders of pretrained models, on tiny models with random weights that the test saves to disk."""

import numpy as np
import pytest
import torch
import transformers as hf

from utterface.errors import ConfigError, ModelError
from utterface.lab.representations import open_representation
from utterface.lab.representations.hub import convolutional_clock

SPEECH = {
    "hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 24,
    "conv_dim": (8, 8, 8, 8, 8, 8, 8), "num_conv_pos_embeddings": 8, "num_conv_pos_embedding_groups": 2,
}  # fmt: skip


def saved(folder, model, normalise=True, rate=16000):
    model.save_pretrained(folder)
    hf.Wav2Vec2FeatureExtractor(do_normalize=normalise, sampling_rate=rate).save_pretrained(folder)
    return f"folder:{folder}"


def speech_model(kind, stable=False, seed=0):
    torch.manual_seed(seed)
    config = {"wav2vec2": hf.Wav2Vec2Config, "hubert": hf.HubertConfig, "wavlm": hf.WavLMConfig}[kind]
    model = {"wav2vec2": hf.Wav2Vec2Model, "hubert": hf.HubertModel, "wavlm": hf.WavLMModel}[kind]
    norm = "layer" if stable else "group"
    return model(config(**SPEECH, do_stable_layer_norm=stable, feat_extract_norm=norm)).eval()


@pytest.fixture
def sound():
    return np.random.default_rng(0).normal(0.05, 0.3, 16000).astype(np.float32)


@pytest.mark.parametrize("stable", [False, True])
@pytest.mark.parametrize("kind", ["wav2vec2", "hubert", "wavlm"])
def test_any_layer_is_the_models_own(kind, stable, sound, tmp_path):
    model = speech_model(kind, stable)
    place = saved(tmp_path, model)
    white = (sound - sound.mean()) / np.sqrt(sound.var() + 1e-7)  # as do_normalize says
    with torch.inference_mode():
        said = model(torch.tensor(white)[None], output_hidden_states=True)
    hidden = {**dict(enumerate(said.hidden_states)), 3: said.last_hidden_state}  # normalised once more if stable
    for layer in (0, 2, 3):
        representation = open_representation(f"{place}@{layer}")
        track = representation.encode(sound)
        np.testing.assert_allclose(track.values, hidden[layer][0].numpy(), atol=2e-5)
        assert track.values.shape == (49, 16)
        assert representation.units(sound) is None
    whole = open_representation(place).about
    assert whole.frame_rate == 50
    assert whole.start == pytest.approx(199.5 / 16000)  # frame 0 sees samples 0 to 399
    assert whole.look_ahead is None
    assert whole.parameters == sum(p.numel() for p in model.parameters())
    assert open_representation(f"{place}@1").about.parameters < whole.parameters


def test_the_extractor_decides_on_normalisation(sound, tmp_path):
    place = saved(tmp_path, speech_model("wav2vec2", stable=True), normalise=False)
    quiet, loud = (open_representation(place).encode(s).values for s in (sound * 0.1, sound))
    assert not np.allclose(quiet, loud, atol=1e-3)
    place = saved(tmp_path, speech_model("wav2vec2", stable=True), normalise=True)
    quiet, loud = (open_representation(place).encode(s).values for s in (sound * 0.1, sound))
    np.testing.assert_allclose(quiet, loud, atol=1e-2)


def test_what_a_frame_sees_is_centred_on_its_moment(tmp_path):
    model = speech_model("wav2vec2", stable=True)
    rate, start, sees = convolutional_clock(model.config)
    assert (rate, sees) == (50, 400)
    sound = torch.zeros(1, 16000)
    with torch.inference_mode():
        calm = model.feature_extractor(sound)
        touched = [
            (model.feature_extractor(torch.nn.functional.one_hot(torch.tensor([n]), 16000).float()) != calm).any(1)[0]
            for n in (5000, 5320)
        ]
    times = start + np.arange(49) / rate
    for n, frames in zip((5000, 5320), touched, strict=True):
        middle = times[frames.numpy()].mean()
        assert abs(middle - n / 16000) <= 0.5 / rate
        assert (np.abs(times[frames.numpy()] - n / 16000) <= 200 / 16000).all()


def test_short_sound_gives_one_frame(tmp_path):
    representation = open_representation(saved(tmp_path, speech_model("hubert")))
    assert len(representation.encode(np.ones(100, np.float32))) == 1


def test_ctc_heads_give_posteriors_and_tokens(sound, tmp_path):
    torch.manual_seed(0)
    model = hf.Wav2Vec2ForCTC(hf.Wav2Vec2Config(**SPEECH, vocab_size=12)).eval()
    place = saved(tmp_path, model)
    representation = open_representation(place)
    posteriors, tokens = representation.encode(sound), representation.units(sound)
    assert representation.about.family == "label"
    assert representation.about.codebooks == (12,)
    np.testing.assert_allclose(posteriors.values.sum(1), 1, atol=1e-5)
    np.testing.assert_array_equal(tokens.values, posteriors.values.argmax(1))
    assert representation.about.bitrate == pytest.approx(50 * np.log2(12))
    assert open_representation(f"{place}@2").about.family == "self-supervised"


def test_whisper_hears_in_pieces(tmp_path):
    torch.manual_seed(0)
    config = hf.WhisperConfig(
        d_model=16, encoder_layers=2, decoder_layers=1, encoder_attention_heads=2, decoder_attention_heads=2,
        encoder_ffn_dim=24, decoder_ffn_dim=24, max_source_positions=50, vocab_size=60, num_mel_bins=80,
        pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1,
    )  # fmt: skip
    model = hf.WhisperModel(config).eval()
    model.save_pretrained(tmp_path)
    extractor = hf.WhisperFeatureExtractor(chunk_length=1)
    extractor.save_pretrained(tmp_path)
    sound = np.random.default_rng(0).standard_normal(40000).astype(np.float32)
    representation = open_representation(f"folder:{tmp_path}")
    track = representation.encode(sound)
    assert track.values.shape == (125, 16)
    assert (track.frame_rate, track.start) == (50, 0)
    mel = extractor(sound[16000:32000], sampling_rate=16000, return_tensors="pt").input_features
    with torch.inference_mode():
        said = model.encoder(mel, output_hidden_states=True)
    np.testing.assert_allclose(track.values[50:100], said.last_hidden_state[0].numpy(), atol=1e-5)
    first = open_representation(f"folder:{tmp_path}@1").encode(sound)
    np.testing.assert_allclose(first.values[50:100], said.hidden_states[1][0].numpy(), atol=1e-5)


def test_what_is_absent_or_unknown_is_said(tmp_path):
    with pytest.raises(ModelError, match=r"config\.json is missing"):
        open_representation(f"folder:{tmp_path}")
    place = saved(tmp_path / "hubert", speech_model("hubert"))
    with pytest.raises(ConfigError, match="0 to 3"):
        open_representation(f"{place}@4")
    (tmp_path / "hubert" / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="no complete model"):
        open_representation(place)
    saved(tmp_path / "rate", speech_model("hubert"), rate=8000)
    with pytest.raises(ModelError, match="8000 Hz"):
        open_representation(f"folder:{tmp_path / 'rate'}")
    hf.BertConfig().save_pretrained(tmp_path / "bert")
    with pytest.raises(ModelError, match="'bert'; those known are wav2vec2"):
        open_representation(f"folder:{tmp_path / 'bert'}")


def test_without_a_network_the_folder_is_named(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="folder:PATH"):
        open_representation("hub:nobody/no-such-model")


def test_weights_of_another_model_are_refused(tmp_path):
    place = saved(tmp_path / "a", speech_model("hubert"))
    torch.manual_seed(0)
    hf.BertModel(hf.BertConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8,
                               vocab_size=9)).save_pretrained(tmp_path / "b")  # fmt: skip
    (tmp_path / "a" / "model.safetensors").write_bytes((tmp_path / "b" / "model.safetensors").read_bytes())
    with pytest.raises(ModelError, match="another model"):
        open_representation(place)
