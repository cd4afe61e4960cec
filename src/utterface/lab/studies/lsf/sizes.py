"""What is trained: priors, and second stages that differ from `own` in one thing each.

`smoke` is for tests, `small` for CPU cores, `full` for one GPU and the paper's sizes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from utterface.lab.studies.clips import CLIPS
from utterface.lab.studies.recipes import training
from utterface.lab.studies.runs import VariantRun
from utterface.lab.studies.store import Folder

OWN, NONE, LABEL, OTHER, HEARS = "own", "none", "label", "other clip", "content hears"
NO_IDENTITY, SOFTMAX, ONE_HOT = "no identity", "softmax", "one-hot"
FUSED = ("concat", "gated", "cross")


@dataclass(frozen=True)
class PriorVariant:
    """A cell of the prior: what a code stands for, and the norm after convolutions."""

    flatten: str
    norm: str

    @property
    def name(self) -> str:
        """Of its files."""
        return f"prior-{self.flatten}-{self.norm}"


@dataclass(frozen=True)
class LsfVariant:
    """A second stage; what it does not name is as in `own`.

    Attributes:
        label: in tables.
        emotion, other: of the conditions; None takes the study's emotion representation.
        identity, read: which identity is given, and how the network reads it.
        fusion: of the streams.
        hears: the motion stream is a representation that hears emotion already.
    """

    label: str
    emotion: str | None = None
    other: bool = False
    identity: str = "own"
    read: str = "mlp"
    fusion: str = "hifb"
    hears: bool = False

    @property
    def name(self) -> str:
        """Of its files."""
        return self.label.replace(" ", "-")


PRIORS = tuple(PriorVariant(flatten, norm) for flatten in ("frame", "time") for norm in ("layer", "instance"))
VARIANTS = (
    LsfVariant(OWN),
    LsfVariant(NONE, emotion=""),
    LsfVariant(LABEL, emotion="label"),
    LsfVariant(OTHER, other=True),
    LsfVariant(NO_IDENTITY, identity="", read="none"),
    LsfVariant(FUSED[0], fusion="concat"),
    LsfVariant(SOFTMAX, read="softmax"),
    LsfVariant(ONE_HOT, identity="one-hot"),
    LsfVariant(HEARS, emotion="", hears=True),
    LsfVariant(FUSED[1], fusion="gated"),
    LsfVariant(FUSED[2], fusion="cross"),
)


@dataclass(frozen=True)
class LsfSize:
    """One size of the study.

    Attributes:
        name: of the size.
        prior, network: sizes of the networks, as the recipes' tables have them.
        content, hearing: representations of the motion stream: one that does not hear emotion, one that does.
        chosen: name of the prior on which second stages rest.
        priors, variants: that are trained.
        seeds: runs of each second stage; priors are trained once.
        prior_steps, steps, warmup, decay, batch, seconds, average, precision, rate: of the trainings.
        takes: drawn of each clip for MEE, CE and diversity.
        clips, judged: training and test clips at most, 0 being all.
        frame_rate: of the motion, Hz.
    """

    name: str
    prior: Mapping[str, Any]
    network: Mapping[str, Any]
    content: str = "ours:tokenizer"
    hearing: str = "ours:animator"
    chosen: PriorVariant = PRIORS[0]
    priors: tuple[PriorVariant, ...] = PRIORS
    variants: tuple[LsfVariant, ...] = VARIANTS
    seeds: int = 1
    prior_steps: int = 3000
    steps: int = 2000
    warmup: int = 30
    decay: float = 0.6
    batch: int = 8
    seconds: float = 2.0
    average: float = 0.98
    precision: str = "no"
    rate: float = 1.5e-3
    takes: int = 4
    clips: int = 0
    judged: int = 0
    frame_rate: float = 30.0


SMOKE = LsfSize(
    "smoke",
    {"width": 16, "layers": 1, "heads": 2, "inner": 16, "codes": 16, "code": 8},
    {"layers": 2, "heads": 2, "inner": 16, "hidden": [8, 8], "norm": "layer"},
    content="mel", hearing="mfcc", priors=PRIORS[:1], variants=VARIANTS[:6], prior_steps=8, steps=4, warmup=1, batch=2,
    takes=2,
)  # fmt: skip
SMALL = LsfSize(
    "small",
    {"width": 128, "layers": 2, "heads": 4, "inner": 192, "code": 64, "revive": 0.1, "dropout": 0.0},
    {"layers": 2, "heads": 4, "inner": 192, "hidden": [64, 32], "norm": "layer"},
)
FULL = LsfSize(
    "full", {}, {"layers": 12}, content="hub:facebook/hubert-base-ls960", chosen=PRIORS[3], seeds=3, prior_steps=60_000,
    steps=60_000, warmup=500, seconds=8.0, average=0.999, rate=1e-4, takes=10, frame_rate=25.0,
)  # fmt: skip
SIZES = {size.name: size for size in (SMOKE, SMALL, FULL)}


@dataclass(frozen=True)
class StageBudget:
    """Steps of one of the two stages, with the rest of a size's."""

    steps: int
    warmup: int
    decay: float
    average: float
    precision: str


@dataclass(frozen=True)
class LsfSettings:
    """What recipes need beside the size.

    Attributes:
        folder: of the study.
        channels: of the motion.
        emotion: representation of the emotion stream.
        identity: numbers of a shape vector.
    """

    folder: Folder
    channels: tuple[str, ...]
    emotion: str
    identity: int
    shared: Mapping[str, Any] = field(default_factory=dict)


def prior_recipe(size: LsfSize, variant: PriorVariant, settings: LsfSettings) -> dict[str, Any]:
    """The recipe of a prior."""
    network = {**size.prior, "flatten": variant.flatten, "norm": variant.norm}
    return {**_common(size, size.prior_steps, variant.name, 0, settings), "system": "motion_prior", "network": network}


def recipe(size: LsfSize, run: VariantRun[LsfVariant], settings: LsfSettings, prior: Path) -> dict[str, Any]:
    """The recipe of a second stage on a trained prior."""
    variant = run.variant
    common = _common(size, size.steps, run.name, run.seed, settings)
    emotion = settings.emotion if variant.emotion is None else variant.emotion
    return {
        **common,
        "system": "lsf",
        "speech": {**common["speech"], "representation": size.hearing if variant.hears else size.content},
        "conditions": {
            "emotion": emotion, "other": variant.other, "identity": variant.identity, "size": settings.identity,
        },
        "network": {**size.network, "fusion": variant.fusion, "identity": variant.read},
        "prior": {"checkpoint": str(prior)},
    }  # fmt: skip


def _common(size: LsfSize, steps: int, name: str, seed: int, settings: LsfSettings) -> dict[str, Any]:
    budget = StageBudget(steps, size.warmup, size.decay, size.average, size.precision)
    return {
        "train": training(budget, name, size.rate, settings.folder, seed),
        "speech": {"store": str(settings.folder.tracks)},
        "data": {
            "root": str(settings.folder.work), "corpora": [CLIPS], "batch": size.batch, "seconds": size.seconds,
            "channels": list(settings.channels), "frame_rate": size.frame_rate,
        },
    }  # fmt: skip
