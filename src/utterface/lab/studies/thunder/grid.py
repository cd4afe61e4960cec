"""What is trained and measured. A size is one `Grid`, a line of the table one `Row`.

`tiny` is for tests, `full` for one GPU and the paper's sizes. `small` is planned for two hours of two CPU cores with
AVX2, 13,900 seconds of one; seconds a step were measured on such while both were at work:

    listeners: mouth, face, weights, touch      4 × 400 steps × 1.15 s      1840
    heads before anybody listens, 2 seeds      2 × 1800 steps × 0.40 s      1440
    Transformer and GRU before, both               1800 steps × 0.60 s      1080
    no loss, 2 seeds                            2 × 500 steps × 0.35 s       350
    mouth: four weights, one beside the face
      … face, weights, touch, two ways to trust 10 × 500 steps × 0.60 s     3000
      … another seed                                500 steps × 0.60 s       300
    Transformer and GRU, with and without           500 steps × 1.80 s       900
    takes of 17 rows and their figures                 17 × 230 s           3910
    steps of the sampler, 1000 among them                                    430
    what listeners hear, clips, the page                                     650
                                                                           13900

Its ears begin from the voice that ships; from nothing they would take as long as all else.
Listeners and a vocoder that are there already (`--listener`) save theirs.
Rows of one decoder and seed begin from the same head, which nobody listened to: the weights that are compared differ in
nothing but the last 500 steps, and the sweep costs a third. `full` listens from the first step on, as the paper does;
it hears what `small` does and not wav2vec 2.0, which neither takes nor bundles can run window by window.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from utterface.errors import ConfigError
from utterface.lab.losses.mesh_to_speech import TRUST
from utterface.lab.networks.mesh_to_speech import INPUTS
from utterface.lab.studies.kept import RunFolder

CLIPS, SPOKEN = "clips", "spoken"  # corpora that the benchmark keeps in its work folder
DIFFUSION = "diffusion"
MOUTH = "mouth"
VOCODER = "vocoder"
SOUND, FACE = "sound", "face"  # of `lab.losses.mesh_to_speech.BESIDE`
_LISTENED = {"weights": "expression"}  # what the paper calls them


@dataclass(frozen=True)
class Row:
    """A row of the table: what moves the face, and who listens while it learns.

    Attributes:
        decoder: of `Grid.decoders`.
        listener: of `listener.INPUTS`; empty where nobody listens.
        weight: of the listening loss, w_m2s.
        trust: how much x̂0 is listened to by level, of `hearing.TRUST`.
        beside: what is heard is compared with, `sound` as in the paper, or the true `face`; empty where nobody listens.
    """

    decoder: str = DIFFUSION
    listener: str = ""
    weight: float = 0.0
    trust: str = ""
    beside: str = ""

    @property
    def name(self) -> str:
        """Of its files."""
        parts = [self.listener, f"{self.weight:g}", self.trust] if self.listener else []
        return "-".join([self.decoder, *filter(None, parts), *([FACE] if self.beside == FACE else [])])

    def title(self, usual: str = "") -> str:
        """For people; `usual` is the trust that goes without saying."""
        if not self.listener:
            return self.decoder
        trusted = f", {self.trust}" if self.trust not in ("", usual) else ""
        beside = ", beside the true face" if self.beside == FACE else ""
        return f"{self.decoder} + {_LISTENED.get(self.listener, self.listener)} × {self.weight:g}{trusted}{beside}"


@dataclass(frozen=True)
class Best:
    """What validation speakers chose of the sweep.

    Attributes:
        row: of all rows that are listened to.
        paper: of those that are compared with the sound, as the paper does; often the same.
    """

    row: Row
    paper: Row


@dataclass(frozen=True)
class Cell:
    """One training run: a row, a seed."""

    row: Row
    seed: int

    @property
    def name(self) -> str:
        """Of its files."""
        return f"{self.row.name}.{self.seed}"


@dataclass(frozen=True)
class Budget:
    """How long something is trained.

    Attributes:
        steps, rate, warmup, decay, batch, seconds: of `utterface train`; crops of `seconds`.
        precision: `no` or `bf16`.
        average: decay of the running average of the weights, which is what is judged.
    """

    steps: int
    rate: float = 1e-3
    warmup: int = 200
    decay: float = 0.3
    batch: int = 8
    seconds: float = 5.0
    precision: str = "no"
    average: float = 0.998


@dataclass(frozen=True)
class Grid:
    """One size of the benchmark.

    Attributes:
        size: its name.
        decoders: what rows call them → kind and sizes; the first is the diffusion Transformer.
        head: of every row, from where nobody has listened yet.
        before: steps before that; 0 lets every row begin from nothing.
        rates: decoder → highest learning rate, where it is not the head's own.
        listener, vocoder: how they are trained.
        ears: sizes of the listener. voice: of the vocoder.
        begun: a voice that ships, from whose listener all listeners begin, whatever they look at, and whose vocoder is
            taken as it is; empty for ears from nothing.
        listened: share of every batch that is listened to.
        units: a name of `open_representation`, discrete with one codebook; clustered into `clusters` in the run where
            that is not 0.
        representation: what the heads hear.
        weights: w_m2s of the sweep. faced: of the sweep beside the true face.
        trust: the usual weighting of noise levels; all of `hearing.TRUST` are compared at the best weight.
        seeds: of the rows that claims rest on; the others have one.
        sampler, steps: of the takes.
        windows: seconds of what runs them, see `engines.bundle.Windows`.
        takes: of a sound that are measured.
        ladder: (sampler, steps) that the row without listener is sampled by; the last is the yardstick.
        climbed: sounds that they are compared on.
        clips: learned from at most, each corpus giving as many as another as far as it has them; 0 is all.
        learned: performances of a sound that are learned from at most.
        judged, chosen: sounds of test and of validation speakers at most.
        performances: of each that are compared with.
        longest: seconds of such a sound.
        words: whether PocketSphinx listens to the listeners too.
        shown: sentences on the page; samples: faces a row there.
        language: of the clips, the first part of its tag.
    """

    size: str
    decoders: Mapping[str, Mapping[str, Any]]
    head: Budget
    before: int
    listener: Budget
    vocoder: Budget
    rates: Mapping[str, float] = field(default_factory=dict)
    ears: Mapping[str, Any] = field(default_factory=dict)
    voice: Mapping[str, Any] = field(default_factory=dict)
    begun: str = ""
    listened: float = 1.0
    units: str = "ours:units"
    clusters: int = 0
    representation: str = "ours:animator"
    weights: tuple[float, ...] = (0.1, 0.5, 1.0, 5.0)
    faced: tuple[float, ...] = (1.0, 5.0, 20.0)
    trust: str = "kept"
    seeds: int = 3
    sampler: str = "dpm++"
    steps: int = 6
    windows: Mapping[str, float] = field(
        default_factory=lambda: {"block": 0.8, "past": 1.2, "future": 0.4, "overlap": 0.4}
    )
    takes: int = 3
    ladder: tuple[tuple[str, int], ...] = (
        ("dpm++", 2), ("dpm++", 4), ("dpm++", 6), ("dpm++", 8), ("dpm++", 20), ("ddpm", 1000),
    )  # fmt: skip
    climbed: int = 14
    clips: int = 1600
    learned: int = 2
    judged: int = 40
    chosen: int = 20
    performances: int = 4
    longest: float = 16.0
    words: bool = True
    shown: int = 2
    samples: int = 4
    language: str = "en"

    def plain(self, decoder: str = DIFFUSION) -> Row:
        """A decoder that nobody listens to."""
        return Row(decoder)

    def heard(self, weight: float, beside: str = SOUND) -> Row:
        """The diffusion head with its mouth listened to."""
        return Row(DIFFUSION, MOUTH, weight, self.trust, beside)

    def sweep(self) -> list[Row]:
        """The weights, 0 among them; beside the sound, as in the paper, and beside the true face."""
        return [
            self.plain(), *(self.heard(weight) for weight in self.weights),
            *(self.heard(weight, FACE) for weight in self.faced),
        ]  # fmt: skip

    def inputs(self, best: Best) -> list[Row]:
        """What listeners look at, the mouth first, then what the paper has besides, then ours."""
        return [replace(best.row, listener=name) for name in INPUTS]

    def trusts(self, best: Best) -> list[Row]:
        """Which levels of noise are listened to, the usual one first."""
        names = [self.trust, *(name for name in TRUST if name != self.trust)]
        return [replace(best.row, trust=name) for name in names]

    def others(self, best: Best) -> list[Row]:
        """Every other decoder, without and with."""
        names = [name for name in self.decoders if name != DIFFUSION]
        return [row for name in names for row in (self.plain(name), replace(best.row, decoder=name))]

    def rows(self, best: Best) -> list[Row]:
        """All rows, in the order of tables."""
        return list(dict.fromkeys([*self.sweep(), *self.inputs(best), *self.trusts(best), *self.others(best)]))

    def seeds_of(self, row: Row, best: Best) -> int:
        """How many runs a row has."""
        return self.seeds if row in (self.plain(), best.row, best.paper) else 1


class Folder(RunFolder):
    """Of a run, with the listeners, the vocoder and the codebook, which `winner.toml` names, and trained weights."""

    stay = ("cells", "ears")

    @property
    def ears(self) -> Path:
        return self.root / "ears"

    @property
    def weights(self) -> Path:
        return self.work / "weights"

    def make(self) -> None:
        super().make()
        self.weights.mkdir(exist_ok=True)


_MODERN: dict[str, Any] = {"kind": "diffusion_transformer", "moments": 2, "hearing": 1, "schedule": "cosine"}

TINY = Grid(
    "tiny",
    {
        DIFFUSION: {**_MODERN, "width": 16, "layers": 1, "heads": 2, "inner": 32, "levels": 50},
        "transformer": {"kind": "transformer", "width": 16, "layers": 1, "heads": 2, "inner": 32, "nearness": 4.0},
        "gru": {"kind": "gru_diffusion", "width": 16, "layers": 1, "token": 8, "levels": 50},
    },
    Budget(2, 1e-3, 1, batch=3, seconds=0.8),
    2,
    Budget(2, 1e-3, 1, batch=4, seconds=0.8),
    Budget(2, 1e-3, 1, batch=4, seconds=0.4),
    ears={"vertices": 12, "width": 16, "heads": 2, "inner": 16, "layers": 1, "kernel": 3},
    voice={"width": 16, "inner": 16, "blocks": 1},
    units="mfcc", clusters=8, representation="mel", weights=(0.1, 1.0), faced=(1.0,), seeds=2, steps=2, takes=2,
    ladder=(("dpm++", 2), ("ddpm", 10)),
    windows={"block": 0.4, "past": 0.2, "future": 0.2, "overlap": 0.2},
    climbed=2, clips=24, judged=4, chosen=2, performances=2, longest=6.0, words=False, shown=1, samples=2,
)  # fmt: skip

SMALL = Grid(
    "small",
    {
        DIFFUSION: {**_MODERN, "width": 128, "layers": 6, "heads": 4, "inner": 384, "dropout": 0.0},
        "transformer": {"kind": "transformer", "width": 128, "layers": 4, "heads": 4, "inner": 384, "nearness": 4.0,
                        "dropout": 0.0},
        "gru": {"kind": "gru_diffusion", "width": 192, "token": 128, "dropout": 0.1},
    },
    Budget(500, 5e-4, 50, 0.6, 12, 2.4, average=0.99),
    1800,
    Budget(400, 5e-4, 50, 0.5, precision="bf16", average=0.99),
    Budget(1200, decay=0.5, seconds=1.6, precision="bf16"),
    rates={"transformer": 1e-3, "gru": 1e-3},
    ears={"dropout": 0.0}, voice={"blocks": 4}, begun="listener", listened=0.5,
    faced=(1.0,),
    seeds=2, climbed=5, judged=32, words=False,
)  # fmt: skip

FULL = Grid(
    "full",
    {
        DIFFUSION: {**_MODERN, "width": 128, "layers": 8, "heads": 4, "schedule": "linear"},
        "transformer": {"kind": "transformer", "width": 256, "layers": 4, "heads": 8, "nearness": 4.0},
        "gru": {"kind": "gru_diffusion", "width": 256, "token": 256},
    },
    Budget(100_000, 1e-4, 1000, batch=48, seconds=2.8, average=0.999),
    0,
    Budget(35_000, 1e-3, 10_000, batch=16, precision="bf16", average=0.999),
    Budget(100_000, 1e-3, 1000, batch=16, seconds=1.6, precision="bf16", average=0.999),
    ears={"vertices": 256, "rate": 25, "width": 512, "heads": 8, "inner": 2048, "layers": 12, "kernel": 31},
    trust="even", seeds=5, steps=20, takes=16,
    ladder=(("dpm++", 2), ("dpm++", 4), ("dpm++", 6), ("dpm++", 8), ("dpm++", 20), ("ddpm", 1000)),
    climbed=50, clips=0, learned=1000, judged=200, chosen=50, longest=30.0,
)  # fmt: skip

SIZES = {grid.size: grid for grid in (TINY, SMALL, FULL)}


def size(name: str) -> Grid:
    """The grid of a size; ConfigError names those there are."""
    if name not in SIZES:
        raise ConfigError(f"no size {name!r}; there are {', '.join(SIZES)}")
    return SIZES[name]


def cells(grid: Grid, rows: Sequence[Row], best: Best, first: int = 0) -> list[Cell]:
    """Every run of some rows, from seed `first` on, the first seeds first."""
    return [Cell(row, seed) for seed in range(first, grid.seeds) for row in rows if seed < grid.seeds_of(row, best)]
