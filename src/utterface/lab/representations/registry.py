"""Names → representations.

mel · mfcc                                  spectral
phones                                      log-probabilities of the tokens of the phone recogniser that ships
whisper-tiny[@LAYER]                        Whisper's encoder, tiny.en of the extra `words`
hub:OWNER/MODEL[@LAYER]                     wav2vec 2.0, HuBERT, WavLM, their CTC heads, Whisper's encoder
hub:OWNER/MODEL[@CODEBOOKS[,concat]]        EnCodec, DAC, Mimi
folder:PATH[@…]                             the same from a folder, or Whisper as CTranslate2 has it
folder:PATH[@CODEBOOKS[,concat]]            SpeechTokenizer, WavTokenizer from their authors' files; so hub:
onnx:FILE                                   the speech tokens of CosyVoice 2 and 3, speech_tokenizer_v2.onnx
ours:NAME · checkpoint:PATH[@LAYER]         our own, shipped or as `utterface train` left it
PACKAGE.MODULE:FUNCTION[@OPTION]            one of your own: what the function returns, given the option if there is one
…#CODEBOOK.safetensors                      any continuous one, clustered: k-means units
"""

from collections.abc import Callable
from pathlib import Path

from utterface.errors import ConfigError
from utterface.lab.representations.clusters import Clustered, Codebook
from utterface.lab.representations.contract import Representation
from utterface.lab.representations.recognised import PhoneLogProbabilities
from utterface.lab.representations.spectral import LogMelFrames, MfccFrames
from utterface.lab.training.names import did_you_mean, load
from utterface.recognise.whisper.networks import WEIGHTS

PLAIN: dict[str, Callable[[], Representation]] = {
    "mel": LogMelFrames,
    "mfcc": MfccFrames,
    "phones": PhoneLogProbabilities,
}
WHISPER = "whisper-tiny"
KINDS = ("hub", "folder", "onnx", "ours", "checkpoint")


def open_representation(name: str) -> Representation:
    """The representation of a name, see the head of this module.

    Raises:
        ConfigError: a name of no known kind.
        ModelError: a model or codebook that is absent, damaged or does not fit.
    """
    plain, _, codebook = name.partition("#")
    representation = _open_plain(plain)
    if codebook:
        return Clustered(representation, Codebook.load(Path(codebook).expanduser()), name)
    return representation


def _open_plain(name: str) -> Representation:
    if name in PLAIN:
        return PLAIN[name]()
    kind, _, rest = name.partition(":")
    place, _, option = rest.partition("@")
    if place and "." in kind:
        own: Representation = load(f"{kind}:{place}")(*([option] if option else []))
        return own
    if name.partition("@")[0] == WHISPER:
        from utterface.lab.representations.whisper_encoder import open_whisper

        return open_whisper(name.partition("@")[2], name)
    if not rest or kind not in KINDS:
        named = [*PLAIN, WHISPER]
        known = [*named, *(f"{k}:…" for k in KINDS), "package.module:function"]
        raise ConfigError(f"no representation {name!r}{did_you_mean(name, named)}; there are {', '.join(known)}")
    path = Path(place).expanduser()
    if kind == "onnx":
        from utterface.lab.representations.s3_tokens import S3Tokens

        return S3Tokens(path, option, name)
    if kind in ("hub", "folder"):
        return _open_model(place, option, name, path if kind == "folder" else None)
    from utterface.lab.representations.shipped import open_checkpoint, open_shipped

    return open_shipped(rest) if kind == "ours" else open_checkpoint(path, option, name)


def _open_model(place: str, option: str, name: str, folder: Path | None) -> Representation:
    """A model of the hub, or what lies in a folder: Whisper's weights, a tokenizer's file, or one of `transformers`."""
    from utterface.lab.representations import tokenizer_files
    from utterface.lab.representations.hub import open_pretrained
    from utterface.lab.representations.whisper_encoder import open_whisper

    if folder and (folder / WEIGHTS).is_file():
        return open_whisper(option, name, folder)
    if folder is None and place.startswith(tuple(tokenizer_files.HUB)):
        return tokenizer_files.open_tokenizer_file(tokenizer_files.fetch_tokenizer(place), option, name)
    if folder and (file := tokenizer_files.find_tokenizer(folder)):
        return tokenizer_files.open_tokenizer_file(file, option, name)
    return open_pretrained(place, option, name, local=folder is not None)
