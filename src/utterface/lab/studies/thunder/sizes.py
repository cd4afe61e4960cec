"""What is trained and measured: variants of a face model, with and without the mesh-to-speech loss.

`smoke` is for tests, `small` is planned for two hours of two CPU cores, `full` for one GPU and the paper's sizes.

In `small` the mesh-to-speech models begin from the shipped one, and all variants of one decoder and seed resume the
same base model, trained without the loss: the variants compared differ in nothing but the last 500 steps. `full` trains
with the loss from the first step, as the paper does; it reads the same representation as `small` and not wav2vec 2.0,
which bundles cannot run window by window.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from utterface.lab.losses.mesh_to_speech import TRUST
from utterface.lab.networks.mesh_to_speech import INPUTS
from utterface.lab.studies.runs import VariantRun

DIFFUSION = "diffusion"
MOUTH = "mouth"
VOCODER = "vocoder"
SOUND, FACE = "sound", "face"  # of `lab.losses.mesh_to_speech.BESIDE`
_PAPER_NAMES = {"weights": "expression"}


@dataclass(frozen=True)
class ThunderVariant:
    """A face model, and the mesh-to-speech model in its loss.

    Attributes:
        decoder: of `ThunderSize.decoders`.
        input: of the mesh-to-speech model, of `networks.mesh_to_speech.INPUTS`; empty without the loss.
        weight: of the mesh-to-speech loss, w_m2s.
        trust: how much x̂0 counts by noise level, of `losses.mesh_to_speech.TRUST`.
        beside: what the model's output is compared with, `sound` as in the paper, or its output for the true `face`;
            empty without the loss.
    """

    decoder: str = DIFFUSION
    input: str = ""
    weight: float = 0.0
    trust: str = ""
    beside: str = ""

    @property
    def name(self) -> str:
        """Of its files."""
        parts = [self.input, f"{self.weight:g}", self.trust] if self.input else []
        return "-".join([self.decoder, *filter(None, parts), *([FACE] if self.beside == FACE else [])])

    def title(self, usual: str = "") -> str:
        """In tables; `usual` is the trust that is not named."""
        if not self.input:
            return self.decoder
        trusted = f", {self.trust}" if self.trust not in ("", usual) else ""
        beside = ", beside the true face" if self.beside == FACE else ""
        return f"{self.decoder} + {_PAPER_NAMES.get(self.input, self.input)} × {self.weight:g}{trusted}{beside}"


@dataclass(frozen=True)
class Best:
    """Variants that validation speakers chose of the sweep.

    Attributes:
        variant: of all with the loss.
        paper: of those compared with the sound, as in the paper; often the same.
    """

    variant: ThunderVariant
    paper: ThunderVariant


@dataclass(frozen=True)
class Budget:
    """How long a network is trained.

    Attributes:
        steps, rate, warmup, decay, batch, seconds: of `utterface train`; crops of `seconds`.
        precision: `no` or `bf16`.
        average: decay of the running average of the weights, which is what is measured.
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
class ThunderSize:
    """One size of the study.

    Attributes:
        name: of the size.
        decoders: name in variants → kind and sizes; the first is the diffusion Transformer.
        model: training of every variant, from the base model on.
        base_steps: of the base model, without the loss; 0 trains every variant from nothing.
        m2s, vocoder: training of the mesh-to-speech models and of the vocoder.
        rates: decoder → highest learning rate, where it is not the model's.
        m2s_network, vocoder_network: their sizes.
        shipped: a shipped mesh-to-speech bundle from which all those models begin and whose vocoder is taken as it is;
            empty to train them from nothing.
        share: of every batch that the mesh-to-speech loss sees.
        units: a name for `open_representation`, discrete with one codebook; clustered into `clusters` in the study
            where that is not 0.
        representation: input of the face models.
        weights: w_m2s of the sweep. face_weights: of the sweep beside the true face.
        trust: the usual weighting of noise levels; all of `TRUST` are compared at the best weight.
        seeds: of the variants that claims rest on; the others have one.
        sampler, steps: of the takes.
        windows: seconds, of the engine that predicts, see `engines.bundle.Windows`.
        takes: of a sound that are measured.
        samplers: (sampler, steps) compared on the variant without the loss; the last is the yardstick.
        sampler_sounds: that they are compared on.
        clips: training clips at most, each corpus giving as many as another as far as it has them; 0 is all.
        train_performances: of a sound at most in training.
        judged, chosen: sounds of test and of validation speakers at most.
        performances: of each that takes are compared with.
        longest: seconds of such a sound.
        words: whether PocketSphinx counts words in the output of the mesh-to-speech models too.
        shown: sentences on the page; samples: faces of a variant there.
        language: of the clips, the first part of its tag.
    """

    name: str
    decoders: Mapping[str, Mapping[str, Any]]
    model: Budget
    base_steps: int
    m2s: Budget
    vocoder: Budget
    rates: Mapping[str, float] = field(default_factory=dict)
    m2s_network: Mapping[str, Any] = field(default_factory=dict)
    vocoder_network: Mapping[str, Any] = field(default_factory=dict)
    shipped: str = ""
    share: float = 1.0
    units: str = "ours:units"
    clusters: int = 0
    representation: str = "ours:animator"
    weights: tuple[float, ...] = (0.1, 0.5, 1.0, 5.0)
    face_weights: tuple[float, ...] = (1.0, 5.0, 20.0)
    trust: str = "kept"
    seeds: int = 3
    sampler: str = "dpm++"
    steps: int = 6
    windows: Mapping[str, float] = field(
        default_factory=lambda: {"block": 0.8, "past": 1.2, "future": 0.4, "overlap": 0.4}
    )
    takes: int = 3
    samplers: tuple[tuple[str, int], ...] = (
        ("dpm++", 2), ("dpm++", 4), ("dpm++", 6), ("dpm++", 8), ("dpm++", 20), ("ddpm", 1000),
    )  # fmt: skip
    sampler_sounds: int = 14
    clips: int = 1600
    train_performances: int = 2
    judged: int = 40
    chosen: int = 20
    performances: int = 4
    longest: float = 16.0
    words: bool = True
    shown: int = 2
    samples: int = 4
    language: str = "en"

    def plain(self, decoder: str = DIFFUSION) -> ThunderVariant:
        """A decoder without the loss."""
        return ThunderVariant(decoder)

    def with_loss(self, weight: float, beside: str = SOUND) -> ThunderVariant:
        """The diffusion model with the mesh-to-speech model of the mouth."""
        return ThunderVariant(DIFFUSION, MOUTH, weight, self.trust, beside)

    def sweep(self) -> list[ThunderVariant]:
        """The weights, 0 among them; beside the sound, as in the paper, and beside the true face."""
        return [
            self.plain(), *(self.with_loss(weight) for weight in self.weights),
            *(self.with_loss(weight, FACE) for weight in self.face_weights),
        ]  # fmt: skip

    def inputs(self, best: Best) -> list[ThunderVariant]:
        """Inputs of the mesh-to-speech model, the mouth first, then the paper's others, then ours."""
        return [replace(best.variant, input=name) for name in INPUTS]

    def trusts(self, best: Best) -> list[ThunderVariant]:
        """Weightings of noise levels, the usual one first."""
        names = [self.trust, *(name for name in TRUST if name != self.trust)]
        return [replace(best.variant, trust=name) for name in names]

    def others(self, best: Best) -> list[ThunderVariant]:
        """Every other decoder, without and with the loss."""
        names = [name for name in self.decoders if name != DIFFUSION]
        return [v for name in names for v in (self.plain(name), replace(best.variant, decoder=name))]

    def variants(self, best: Best) -> list[ThunderVariant]:
        """All, in the order of tables."""
        return list(dict.fromkeys([*self.sweep(), *self.inputs(best), *self.trusts(best), *self.others(best)]))

    def seeds_of(self, variant: ThunderVariant, best: Best) -> int:
        """How many runs a variant has."""
        return self.seeds if variant in (self.plain(), best.variant, best.paper) else 1

    def runs(self, best: Best) -> list[VariantRun[ThunderVariant]]:
        """Every run, the first seeds first."""
        variants = self.variants(best)
        return [VariantRun(v, seed) for seed in range(self.seeds) for v in variants if seed < self.seeds_of(v, best)]


_MODERN: dict[str, Any] = {"kind": "diffusion_transformer", "moments": 2, "hearing": 1, "schedule": "cosine"}

SMOKE = ThunderSize(
    "smoke",
    {
        DIFFUSION: {**_MODERN, "width": 16, "layers": 1, "heads": 2, "inner": 32, "levels": 50},
        "transformer": {"kind": "transformer", "width": 16, "layers": 1, "heads": 2, "inner": 32, "nearness": 4.0},
        "gru": {"kind": "gru_diffusion", "width": 16, "layers": 1, "token": 8, "levels": 50},
    },
    Budget(2, 1e-3, 1, batch=3, seconds=0.8),
    2,
    Budget(2, 1e-3, 1, batch=4, seconds=0.8),
    Budget(2, 1e-3, 1, batch=4, seconds=0.4),
    m2s_network={"vertices": 12, "width": 16, "heads": 2, "inner": 16, "layers": 1, "kernel": 3},
    vocoder_network={"width": 16, "inner": 16, "blocks": 1},
    units="mfcc", clusters=8, representation="mel", weights=(0.1, 1.0), face_weights=(1.0,), seeds=2, steps=2, takes=2,
    samplers=(("dpm++", 2), ("ddpm", 10)),
    windows={"block": 0.4, "past": 0.2, "future": 0.2, "overlap": 0.2},
    sampler_sounds=2, clips=24, judged=4, chosen=2, performances=2, longest=6.0, words=False, shown=1, samples=2,
)  # fmt: skip

SMALL = ThunderSize(
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
    m2s_network={"dropout": 0.0}, vocoder_network={"blocks": 4}, shipped="listener", share=0.5,
    face_weights=(1.0,),
    seeds=2, sampler_sounds=5, judged=32, words=False,
)  # fmt: skip

FULL = ThunderSize(
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
    m2s_network={"vertices": 256, "rate": 25, "width": 512, "heads": 8, "inner": 2048, "layers": 12, "kernel": 31},
    trust="even", seeds=5, steps=20, takes=16,
    samplers=(("dpm++", 2), ("dpm++", 4), ("dpm++", 6), ("dpm++", 8), ("dpm++", 20), ("ddpm", 1000)),
    sampler_sounds=50, clips=0, train_performances=1000, judged=200, chosen=50, longest=30.0,
)  # fmt: skip

SIZES = {size.name: size for size in (SMOKE, SMALL, FULL)}
