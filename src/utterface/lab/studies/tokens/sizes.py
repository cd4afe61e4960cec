"""What is trained: representations × decoders × seeds, all with one budget.

`smoke` is for tests, `small` is sized for about an hour of one CPU core, `medium` for some three hours of two, `full`
for one GPU and the paper's sizes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from utterface.errors import ConfigError
from utterface.lab.corpora.synthetic import TRAINED
from utterface.lab.decoders import DECODERS
from utterface.lab.studies.clips import CLIPS
from utterface.lab.studies.recipes import training
from utterface.lab.studies.runs import VariantRun
from utterface.lab.studies.store import Folder


@dataclass(frozen=True)
class RepresentationEntry:
    """A representation to compare.

    Attributes:
        key: its name in tables and files.
        name: for `open_representation`.
        clusters: units to cluster it into, in the study; 0 takes it as it is.
    """

    key: str
    name: str
    clusters: int = 0


@dataclass(frozen=True)
class TokensSize:
    """One size of the study.

    Attributes:
        name: of the size.
        representations: to compare.
        decoders: kind → its sizes.
        rates: kind → highest learning rate, the same for every representation.
        losses: kind → weights of its losses where they are not the decoder's own.
        seeds: runs of each variant.
        steps, warmup, decay, batch, seconds, precision: of the training; crops of at most `seconds`.
        average: decay of the running average of the weights, which is what is measured.
        embedding: features of a unit.
        sampler, sampling_steps: of diffusion decoders.
        engines: of synthetic speech where too few corpora are named.
        hours, test_hours: of synthetic speech.
        clips: training clips at most, each corpus giving as many as another as far as it has them.
        judged: test clips at most, the same for every run.
        probed: clips of test speakers at most for the probes.
        longest: seconds of a test clip.
        takes: of one sound by decoders that sample, for their diversity; of `varied` clips.
        shown: sentences whose motion is kept for the page.
        language: of the clips, the first part of its tag.
    """

    name: str
    representations: tuple[RepresentationEntry, ...]
    decoders: Mapping[str, Mapping[str, Any]]
    rates: Mapping[str, float]
    losses: Mapping[str, Mapping[str, float]]
    seeds: int = 2
    steps: int = 1400
    warmup: int = 50
    decay: float = 0.9
    batch: int = 4
    seconds: float = 3.0
    precision: str = "no"
    average: float = 0.99
    embedding: int = 128
    sampler: str = "dpm++"
    sampling_steps: int = 20
    engines: tuple[str, ...] = TRAINED
    hours: float = 1.0
    test_hours: float = 0.25
    clips: int = 600
    judged: int = 40
    probed: int = 120
    longest: float = 12.0
    takes: int = 4
    varied: int = 4
    shown: int = 2
    language: str = "en"


@dataclass(frozen=True)
class TokensVariant:
    """A representation with a decoder."""

    representation: str
    decoder: str

    @property
    def name(self) -> str:
        """Of its files."""
        return f"{self.representation}.{self.decoder}"


SPECTRAL = (
    RepresentationEntry("mel", "mel"),
    RepresentationEntry("mfcc", "mfcc"),
    RepresentationEntry("mfcc-units", "mfcc", clusters=256),
)
OURS = (
    RepresentationEntry("masked", "ours:masked"),
    RepresentationEntry("units", "ours:units"),
    RepresentationEntry("codec", "ours:codec"),
    RepresentationEntry("codec@1", "ours:codec@1"),
    RepresentationEntry("codec-semantic", "ours:codec-semantic"),
    RepresentationEntry("codec-semantic@1", "ours:codec-semantic@1"),
    RepresentationEntry("tokenizer", "ours:tokenizer"),
)
HUB = (
    RepresentationEntry("hubert", "hub:facebook/hubert-base-ls960@9"),
    RepresentationEntry("hubert-units", "hub:facebook/hubert-base-ls960@9", clusters=500),
    RepresentationEntry("wavlm", "hub:microsoft/wavlm-base-plus@9"),
    RepresentationEntry("wav2vec2-ctc", "hub:facebook/wav2vec2-base-960h"),
    RepresentationEntry("whisper", "hub:openai/whisper-base"),
    RepresentationEntry("speechtokenizer", "hub:fnlp/SpeechTokenizer@8"),
    RepresentationEntry("speechtokenizer@1", "hub:fnlp/SpeechTokenizer@1"),
    RepresentationEntry("wavtokenizer", "hub:novateur/WavTokenizer-large-speech-75token"),
    RepresentationEntry("encodec", "hub:facebook/encodec_24khz@8"),
    RepresentationEntry("dac", "hub:descript/dac_16khz@8"),
    RepresentationEntry("mimi", "hub:kyutai/mimi@8"),
    RepresentationEntry("mimi@1", "hub:kyutai/mimi@1"),
)

# With weights of 1 the face keeps still for thousands of steps; so it does under L1 in the third decoder, which is ours
# and may round L1's tip off.
_SMOOTH: dict[str, dict[str, float]] = {
    "transformer": {"velocity": 0.03, "acceleration": 0.03},
    "gru_diffusion": {},
    "animator": {"velocity": 0.03, "acceleration": 0.03, "huber": 0.05},
}

SMOKE = TokensSize(
    "smoke",
    (SPECTRAL[0], RepresentationEntry("mfcc-units", "mfcc", clusters=16)),
    {
        "transformer": {"width": 32, "layers": 1, "heads": 2, "inner": 64, "dropout": 0.0},
        "gru_diffusion": {"width": 32, "token": 16, "levels": 50},
        "animator": {"width": 32, "bottleneck": 16, "pooled": 8},
    },
    {"transformer": 3e-3, "gru_diffusion": 5e-3, "animator": 3e-3},
    _SMOOTH,
    steps=12, warmup=2, batch=4, seconds=2.0, embedding=16, sampling_steps=4, engines=("espeak",), hours=0.03,
    test_hours=0.06, clips=16, judged=4, probed=12, varied=1, takes=2, shown=1,
)  # fmt: skip

_COMPARED = (
    SPECTRAL[0],
    *(entry for entry in OURS if entry.key in ("masked", "units", "codec@1", "tokenizer")),
    RepresentationEntry("whisper-tiny", "whisper-tiny"),
)
_WHISPER_UNITS = RepresentationEntry("whisper-tiny-units", "whisper-tiny", clusters=500)

SMALL = TokensSize(
    "small",
    _COMPARED,
    {
        "transformer": {"width": 128, "layers": 3, "heads": 4, "inner": 384, "dropout": 0.0, "nearness": 4.0},
        "gru_diffusion": {"width": 192, "token": 128, "dropout": 0.1},
    },
    {"transformer": 3e-3, "gru_diffusion": 4e-3},
    _SMOOTH, seeds=1, steps=1500, batch=8, longest=15.0,
)  # fmt: skip

MEDIUM = replace(
    SMALL, name="medium", representations=(*_COMPARED, _WHISPER_UNITS), seeds=2, steps=5000, warmup=200, average=0.998,
    seconds=4.0,
)  # fmt: skip

FULL = TokensSize(
    "full",
    (*SPECTRAL, *OURS, *_COMPARED[-1:], _WHISPER_UNITS, *HUB),
    {
        "transformer": {"width": 256, "layers": 4, "heads": 8, "inner": 1024, "nearness": 4.0},
        "gru_diffusion": {"width": 256, "token": 256},
        "animator": {"width": 384, "bottleneck": 128},
    },
    {"transformer": 3e-4, "gru_diffusion": 1e-3, "animator": 1e-3},
    _SMOOTH,
    seeds=5, steps=20_000, warmup=500, decay=0.5, batch=8, seconds=10.0, average=0.999, embedding=256, sampler="ddpm",
    sampling_steps=1000, hours=8.0, test_hours=1.0, clips=0, judged=265, probed=400, longest=30.0, takes=10,
    varied=20,
)  # fmt: skip

SIZES = {size.name: size for size in (SMOKE, SMALL, MEDIUM, FULL)}


def choose(size: TokensSize, names: Sequence[str]) -> tuple[RepresentationEntry, ...]:
    """Representations by key, of this size or of the full one, in the order of `names`.

    Other names are those of `open_representation`; KEY=NAME gives one a key.

    Raises:
        ConfigError: a name twice.
    """
    known = {entry.key: entry for entry in (*FULL.representations, *size.representations)}
    chosen = tuple(known.get(name) or _entry(name) for name in names)
    keys = [entry.key for entry in chosen]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice:
        raise ConfigError(f"representation {twice} is named twice")
    return chosen


def with_decoders(size: TokensSize, names: Sequence[str]) -> TokensSize:
    """A size with some of its decoders; all of them where none is named.

    Raises:
        ConfigError: a decoder that the size does not have.
    """
    unknown = next((name for name in names if name not in size.decoders), None)
    if unknown:
        raise ConfigError(f"size {size.name} has no decoder {unknown!r}; there are {', '.join(size.decoders)}")
    return replace(size, decoders={name: size.decoders[name] for name in names or size.decoders})


def _entry(text: str) -> RepresentationEntry:
    key, equals, name = text.partition("=")
    return RepresentationEntry(_slug(key), name) if equals else RepresentationEntry(_slug(text), text)


def _slug(name: str) -> str:
    """A file name for a representation: the last part of a path (of checkpoints the folder's), made fit for files."""
    kind, _, rest = name.partition(":")
    place, at, option = rest.partition("@")
    last = Path(place).parent.name if place.endswith(".safetensors") else Path(place).name
    return re.sub(r"[^\w@.-]+", "-", f"{last or kind}{at}{option}").strip("-.")


def runs(size: TokensSize, keys: Sequence[str]) -> list[VariantRun[TokensVariant]]:
    """Every run, all of the first seed first, so that an interrupted study has a whole table soonest."""
    variants = [TokensVariant(key, kind) for key in keys for kind in size.decoders]
    return [VariantRun(variant, seed) for seed in range(size.seeds) for variant in variants]


@dataclass(frozen=True)
class Opened:
    """A representation as it is used: a name for `open_representation`, with the codebook fitted in the study."""

    entry: RepresentationEntry
    name: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def recipe(size: TokensSize, run: VariantRun[TokensVariant], representation: str, folder: Folder) -> dict[str, Any]:
    """The recipe of a run, as `lab.systems.registry.train` takes it.

    Args:
        size, run: what is trained.
        representation: a name for `open_representation`.
        folder: of the study.
    """
    kind = run.variant.decoder
    if kind not in DECODERS:
        raise ConfigError(f"no decoder {kind!r}; choose one of {', '.join(DECODERS)}")
    return {
        "system": "tokens_to_faces",
        "train": training(size, run.name, size.rates[kind], folder, run.seed),
        "speech": {
            "representation": representation,
            "embedding": size.embedding,
            "store": str(folder.tracks),
        },
        "data": {"root": str(folder.work), "corpora": [CLIPS], "batch": size.batch, "seconds": size.seconds},
        "decoder": {"kind": kind, **size.decoders[kind]},
        "losses": dict(size.losses[kind]),
        "sampling": {"sampler": size.sampler, "steps": min(size.sampling_steps, _levels(size, kind))},
    }


def _levels(size: TokensSize, kind: str) -> int:
    """Of noise, which bound the sampler's steps."""
    default = getattr(DECODERS[kind].config(), "levels", size.sampling_steps)
    return int(size.decoders[kind].get("levels", default))
