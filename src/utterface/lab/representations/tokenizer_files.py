"""SpeechTokenizer and WavTokenizer from the files that their authors publish, without their packages.

SpeechTokenizer (Zhang et al. 2024, 2308.16692): `SpeechTokenizer.pt`, 16 kHz, 50 Hz, 8 codebooks, the first distilled
from HuBERT. WavTokenizer (Ji et al. 2025, 2408.16532): `*.ckpt`, 24 kHz, 40 or 75 Hz, one codebook.

Both have EnCodec's encoder, not causal, so the network is that of `transformers`; sizes are read from the weights.
"""

import pickle
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import EncodecConfig
from transformers.models.encodec.modeling_encodec import EncodecConv1d, EncodecEncoder, EncodecResidualVectorQuantizer

from utterface.errors import ModelError
from utterface.lab.representations.hub_codecs import EnCodec, PretrainedCodec, with_codebooks

HUB = {"fnlp/SpeechTokenizer": "*hubert_avg/*", "novateur/WavTokenizer": "*.ckpt"}  # how names begin → their files
_ENDINGS = ("SpeechTokenizer.pt", "*.ckpt")
_WAV = "feature_extractor.encodec."  # of WavTokenizer's weights
_NAMES = {  # the authors' → transformers'
    r"^encoder\.model\.": "encoder.layers.",
    r"\.conv\.conv\.": ".conv.",
    r"weight_g$": "parametrizations.weight.original0",
    r"weight_v$": "parametrizations.weight.original1",
    r"^quantizer\.vq\.layers\.": "quantizer.layers.",
    r"\._codebook\.": ".codebook.",
}


class TokenizerFile(EnCodec):
    """The codec of such a file; its frames see both sides, and all of the sound where its LSTM runs both ways."""

    def __init__(self, model: Any, count: int, concat: bool, name: str) -> None:
        super().__init__(model, count, concat, name)
        if model.both_ways:
            self.about = replace(self.about, look_ahead=None)

    def reach(self) -> float:
        """Half the receptive field: a convolution of 7, for each stride one of 3 and the stride's, one of 7."""
        hop, samples = 1, 3.0
        for stride in reversed(self.config.upsampling_ratios):
            samples += hop + (stride - 0.5) * hop
            hop *= stride
        return samples + 3 * hop + hop / 2


def find_tokenizer(folder: Path) -> Path | None:
    """The file of a tokenizer in a folder; None where there is none."""
    return next((path for ending in _ENDINGS for path in sorted(folder.rglob(ending))), None)


def fetch_tokenizer(place: str, network: bool = True) -> Path:
    """The file of a tokenizer on the hub, from its cache where it is there; only so without `network`.

    Raises:
        ModelError: out of reach, or not there.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    pattern = next(files for begin, files in HUB.items() if place.startswith(begin))
    for local in (True, False) if network else (True,):
        try:
            found = find_tokenizer(Path(snapshot_download(place, allow_patterns=pattern, local_files_only=local)))
        except (LocalEntryNotFoundError, HfHubHTTPError, OSError):
            continue
        if found:
            return found
    raise ModelError(f"{place} is neither cached nor within reach on the hub; bring its file and name it: folder:PATH")


def open_tokenizer_file(path: Path, option: str, name: str) -> PretrainedCodec:
    """A tokenizer; `option` is the number of codebooks, then `,concat`, as for EnCodec.

    Raises:
        ModelError: the file holds something else. ConfigError: no such option.
    """
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
        stored = stored.get("state_dict", stored)
        rate = 24_000 if any(key.startswith(_WAV) for key in stored) else 16_000
        model = _network({k.removeprefix(_WAV): v for k, v in stored.items()}, rate)
    except (OSError, pickle.UnpicklingError, AttributeError, KeyError, IndexError, RuntimeError, ValueError) as error:
        raise ModelError(f"{path} holds neither SpeechTokenizer nor WavTokenizer ({type(error).__name__})") from None
    return with_codebooks(TokenizerFile, model, len(model.quantizer.layers), option, name)


def _network(weights: Mapping[str, Tensor], rate: int) -> Any:
    """Encoder and quantiser with their weights, their sizes read from the shapes."""
    sides = {k: v for k, v in weights.items() if k.startswith(("encoder.model.", "quantizer.vq."))}
    places = [k for k in sides if re.fullmatch(r"encoder\.model\.\d+\.conv\.conv\.weight_v", k)]
    convolved = {int(k.split(".")[2]): sides[k] for k in places}
    first, *strided, last = (convolved[place] for place in sorted(convolved))
    books = [v for k, v in sides.items() if k.endswith("_codebook.embed")]
    lstm = [k for k in sides if re.search(r"lstm\.weight_hh_l\d+$", k)]
    both_ways = any("_reverse" in k for k in sides)
    ratios = [conv.shape[2] // 2 for conv in reversed(strided)]
    config = EncodecConfig(
        sampling_rate=rate,
        num_filters=len(first),
        hidden_size=len(last),
        codebook_size=len(books[0]),
        codebook_dim=books[0].shape[1],
        upsampling_ratios=ratios,
        num_lstm_layers=len(lstm),
        use_causal_conv=False,
    )
    model: Any = nn.Module()
    model.encoder, model.quantizer = EncodecEncoder(config), EncodecResidualVectorQuantizer(config)
    model.quantizer.layers = model.quantizer.layers[: len(books)]
    model.quantizer.num_quantizers = len(books)
    if both_ways:
        place, width = max(convolved), strided[-1].shape[0]
        model.encoder.layers[place - 2] = _TwoWayLstm(width, len(lstm))
        model.encoder.layers[place] = EncodecConv1d(config, 2 * width, config.hidden_size, config.last_kernel_size)
    model.load_state_dict({_in_transformers(k): v for k, v in sides.items()})
    model.config, model.both_ways = config, both_ways
    return model.eval().requires_grad_(False)


class _TwoWayLstm(nn.Module):
    """(B, F, T) → (B, 2F, T), what both directions say beside the input twice, as SpeechTokenizer has it."""

    def __init__(self, width: int, layers: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(width, width, layers, bidirectional=True)

    def forward(self, x: Tensor) -> Tensor:
        x = x.permute(2, 0, 1)
        y: Tensor = (self.lstm(x)[0] + x.repeat(1, 1, 2)).permute(1, 2, 0)
        return y


def _in_transformers(key: str) -> str:
    for pattern, name in _NAMES.items():
        key = re.sub(pattern, name, key)
    return key
