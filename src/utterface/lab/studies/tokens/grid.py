"""What is trained: representations × decoders × seeds, all with one budget. A size is one `Grid`.

`tiny` is for tests, `small` is sized for an hour of two CPU cores, `full` for one GPU and the paper's sizes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from utterface.errors import ConfigError
from utterface.lab.corpora.synthetic import TRAINED
from utterface.lab.decoders import DECODERS
from utterface.lab.studies.kept import RunFolder

CLIPS, SPOKEN = "clips", "spoken"  # corpora that the benchmark keeps in its work folder


@dataclass(frozen=True)
class Entry:
    """A representation of the grid.

    Attributes:
        key: what tables and files call it.
        name: for `open_representation`.
        clusters: units to cluster it into, in the run; 0 takes it as it is.
    """

    key: str
    name: str
    clusters: int = 0


@dataclass(frozen=True)
class Grid:
    """One size of the benchmark.

    Attributes:
        size: its name.
        representations: to compare.
        decoders: kind → its sizes.
        rates: kind → highest learning rate, the same for every representation.
        losses: kind → weights of its losses where they are not the decoder's own.
        seeds: how many runs a cell.
        steps, warmup, decay, batch, seconds, precision: of the training; crops of at most `seconds`.
        average: decay of the running average of the weights, which is what is judged.
        embedding: features of a unit.
        sampler, sampling_steps: of decoders that denoise.
        engines: that make voices where too few corpora are named.
        hours, test_hours: of made voices.
        clips: learned from at most, each corpus giving as many as another as far as it has them.
        judged: test clips at most, the same for every cell.
        probed: clips of test speakers at most that probes see.
        longest: seconds of a test clip.
        takes: of one sound by decoders that sample, for their diversity; made of `varied` clips.
        shown: sentences whose motion is kept for the page.
        language: of the clips, the first part of its tag.
    """

    size: str
    representations: tuple[Entry, ...]
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
class Cell:
    """One training run: a representation, a decoder, a seed."""

    representation: str
    decoder: str
    seed: int

    @property
    def name(self) -> str:
        """Of its files."""
        return f"{self.representation}.{self.decoder}.{self.seed}"


class Folder(RunFolder):
    """Of a run, with what was found out about each representation and the codebooks that were fitted."""

    stay = ("cells", "representations", "codebooks")

    @property
    def representations(self) -> Path:
        return self.root / "representations"

    @property
    def codebooks(self) -> Path:
        return self.root / "codebooks"


SPECTRAL = (Entry("mel", "mel"), Entry("mfcc", "mfcc"), Entry("mfcc-units", "mfcc", clusters=256))
OURS = (
    Entry("masked", "ours:masked"),
    Entry("units", "ours:units"),
    Entry("codec", "ours:codec"),
    Entry("codec@1", "ours:codec@1"),
    Entry("codec-semantic", "ours:codec-semantic"),
    Entry("codec-semantic@1", "ours:codec-semantic@1"),
    Entry("tokenizer", "ours:tokenizer"),
)
HUB = (
    Entry("hubert", "hub:facebook/hubert-base-ls960@9"),
    Entry("hubert-units", "hub:facebook/hubert-base-ls960@9", clusters=500),
    Entry("wavlm", "hub:microsoft/wavlm-base-plus@9"),
    Entry("wav2vec2-ctc", "hub:facebook/wav2vec2-base-960h"),
    Entry("whisper", "hub:openai/whisper-base"),
    Entry("encodec", "hub:facebook/encodec_24khz@8"),
    Entry("dac", "hub:descript/dac_16khz@8"),
    Entry("mimi", "hub:kyutai/mimi@8"),
    Entry("mimi@1", "hub:kyutai/mimi@1"),
)

# With weights of 1 the face keeps still for thousands of steps; so it does under L1 in the third decoder, which is ours
# and may round L1's tip off.
_SMOOTH: dict[str, dict[str, float]] = {
    "transformer": {"velocity": 0.03, "acceleration": 0.03},
    "gru_diffusion": {},
    "animator": {"velocity": 0.03, "acceleration": 0.03, "huber": 0.05},
}

TINY = Grid(
    "tiny",
    (SPECTRAL[0], Entry("mfcc-units", "mfcc", clusters=16)),
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

SMALL = Grid(
    "small",
    (*SPECTRAL, *OURS),
    {
        "transformer": {"width": 128, "layers": 3, "heads": 4, "inner": 384, "dropout": 0.0, "nearness": 4.0},
        "gru_diffusion": {"width": 192, "token": 128, "dropout": 0.1},
        "animator": {"width": 192, "bottleneck": 64, "pooled": 32, "dropout": 0.0},
    },
    {"transformer": 3e-3, "gru_diffusion": 4e-3, "animator": 4e-3},
    _SMOOTH,
)

FULL = Grid(
    "full",
    (*SPECTRAL, *OURS, *HUB),
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

SIZES = {grid.size: grid for grid in (TINY, SMALL, FULL)}


def size(name: str) -> Grid:
    """The grid of a size; ConfigError names those there are."""
    if name not in SIZES:
        raise ConfigError(f"no size {name!r}; there are {', '.join(SIZES)}")
    return SIZES[name]


def choose(grid: Grid, names: Sequence[str]) -> tuple[Entry, ...]:
    """The grid's representations by key, in the order asked for; other names are those of `open_representation`.

    KEY=NAME says what another one is called.

    Raises:
        ConfigError: a name twice.
    """
    known = {entry.key: entry for entry in grid.representations}
    chosen = tuple(known.get(name) or _entry(name) for name in names)
    keys = [entry.key for entry in chosen]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice:
        raise ConfigError(f"representation {twice} is named twice")
    return chosen


def _entry(asked: str) -> Entry:
    key, equals, name = asked.partition("=")
    return Entry(_slug(key), name) if equals else Entry(_slug(asked), asked)


def _slug(name: str) -> str:
    """A file name for a representation: the last part of a path (of checkpoints the folder's), made fit for files."""
    kind, _, rest = name.partition(":")
    place, at, option = rest.partition("@")
    last = Path(place).parent.name if place.endswith(".safetensors") else Path(place).name
    return re.sub(r"[^\w@.-]+", "-", f"{last or kind}{at}{option}").strip("-.")


def cells(grid: Grid, keys: Sequence[str]) -> list[Cell]:
    """Every cell of the grid, all of the first seed first, so that an interrupted run has a whole grid soonest."""
    return [Cell(key, kind, seed) for seed in range(grid.seeds) for key in keys for kind in grid.decoders]


@dataclass(frozen=True)
class Opened:
    """A representation as it is used: what `open_representation` takes, with the codebook fitted in the run."""

    entry: Entry
    name: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def recipe(grid: Grid, cell: Cell, representation: str, folder: Folder) -> dict[str, Any]:
    """The recipe of one cell, as `lab.training.loop.train` takes it.

    Args:
        grid, cell: what is trained.
        representation: a name that `open_representation` takes.
        folder: of the run.
    """
    if cell.decoder not in DECODERS:
        raise ConfigError(f"no decoder {cell.decoder!r}; there are {', '.join(DECODERS)}")
    return {
        "system": "tokens_to_faces",
        "train": {
            "folder": str(folder.work / "runs" / cell.name),
            "steps": grid.steps,
            "rate": grid.rates[cell.decoder],
            "warmup": grid.warmup,
            "decay": grid.decay,
            "average": grid.average,
            "precision": grid.precision,
            "threads": 1,
            "seed": cell.seed,
            "log_every": max(1, grid.steps // 20),
            "validate_every": 0,  # nothing is chosen: the last weights are judged
            "save_every": max(1, grid.steps // 3),
        },
        "speech": {
            "representation": representation,
            "embedding": grid.embedding,
            "store": str(folder.work / "tracks"),
        },
        "data": {"root": str(folder.work), "corpora": [CLIPS], "batch": grid.batch, "seconds": grid.seconds},
        "decoder": {"kind": cell.decoder, **grid.decoders[cell.decoder]},
        "losses": dict(grid.losses[cell.decoder]),
        "sampling": {"sampler": grid.sampler, "steps": min(grid.sampling_steps, _levels(grid, cell.decoder))},
    }


def _levels(grid: Grid, kind: str) -> int:
    """Of noise, which bound the sampler's steps."""
    default = getattr(DECODERS[kind].config(), "levels", grid.sampling_steps)
    return int(grid.decoders[kind].get("levels", default))
