"""What is trained: fusions and text encoders × seeds, all with one budget.

`smoke` is for tests, `quick` for ten minutes of one CPU core, `small` for an hour or two, `full` for one GPU and the
paper's sizes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from utterface.lab.studies.recipes import training
from utterface.lab.studies.runs import VariantRun
from utterface.lab.studies.store import Folder
from utterface.motion import ARKIT, HEAD

CORPUS = "performed_text"
CHANNELS = (*ARKIT[:-1], *HEAD)


@dataclass(frozen=True)
class AudioTextVariant:
    """A fusion with its inputs.

    Attributes:
        label: as tables print it.
        fusion: of the decoder.
        text: `contextual`, `static`, `random`, or empty for none.
        representation: of the speech.
    """

    label: str
    fusion: str
    text: str = "contextual"
    representation: str = "mel"

    @property
    def name(self) -> str:
        """Of its files."""
        return self.label.replace(" ", "-")


AUDIO = AudioTextVariant("audio", "audio", "")
TEXT = AudioTextVariant("text", "text")
CONCAT = AudioTextVariant("concat", "concat")
TENSOR = AudioTextVariant("tensor", "tensor")
STATIC = AudioTextVariant("tensor static", "tensor", "static")
RANDOM = AudioTextVariant("tensor random", "tensor", "random")
ANIMATOR = AudioTextVariant("tensor animator", "tensor", representation="ours:animator")
VARIANTS = (AUDIO, TENSOR, STATIC, CONCAT, TEXT, RANDOM, ANIMATOR)


@dataclass(frozen=True)
class AudioTextSize:
    """One size of the study.

    Attributes:
        name: of the size.
        variants: to compare.
        decoder: sizes of the network.
        seeds: runs of each variant.
        steps, warmup, decay, rate, batch, seconds, precision: of the training; crops of at most `seconds`.
        average: decay of the running average of the weights, which is what is measured.
        random: features of random vectors.
        sentences: split → how many are made.
    """

    name: str
    variants: tuple[AudioTextVariant, ...] = VARIANTS
    decoder: Mapping[str, Any] = field(default_factory=dict)
    seeds: int = 3
    steps: int = 1500
    warmup: int = 30
    decay: float = 0.6
    rate: float = 3e-3
    batch: int = 8
    seconds: float = 2.5
    precision: str = "no"
    average: float = 0.98
    random: int = 384
    sentences: Mapping[str, int] = field(default_factory=lambda: {"train": 1200, "test": 240})


SMOKE = AudioTextSize(
    "smoke", (AUDIO, TENSOR, STATIC), {"audio": 8, "words": 8, "text": 4, "width": 8, "hidden": 8}, 1, 4, 1, batch=2,
    seconds=1.5, random=8, sentences={"train": 8, "test": 6},
)  # fmt: skip
_NARROW = {"audio": 48, "words": 64, "text": 24, "width": 64, "hidden": 48}
QUICK = AudioTextSize("quick", VARIANTS[:-1], _NARROW, 1, 260, sentences={"train": 400, "test": 120})
SMALL = AudioTextSize("small", decoder=_NARROW)
FULL = AudioTextSize("full", steps=20000, warmup=500, rate=4e-4, seconds=8.0, precision="bf16", average=0.999,
                     sentences={"train": 12000, "valid": 200, "test": 1500})  # fmt: skip
SIZES = {size.name: size for size in (SMOKE, QUICK, SMALL, FULL)}


def runs(size: AudioTextSize) -> list[VariantRun[AudioTextVariant]]:
    """Every variant with the first seed, then with the next."""
    return [VariantRun(variant, seed) for seed in range(size.seeds) for variant in size.variants]


def encoder_of(size: AudioTextSize, variant: AudioTextVariant, contextual: str) -> str:
    """The text encoder of a variant; empty for none."""
    kinds = {"contextual": contextual, "static": f"static:{contextual}", "random": f"random:{size.random}", "": ""}
    return kinds[variant.text]


def recipe(
    size: AudioTextSize, run: VariantRun[AudioTextVariant], contextual: str, corpus: str, root: str, folder: Folder
) -> dict[str, Any]:
    """What a run trains."""
    encoder = encoder_of(size, run.variant, contextual)
    table: dict[str, Any] = {
        "system": "audio_text",
        "train": training(size, run.name, size.rate, folder, run.seed),
        "speech": {"representation": run.variant.representation, "store": str(folder.tracks)},
        "data": {
            "root": root, "corpora": [corpus], "channels": CHANNELS, "batch": size.batch, "seconds": size.seconds,
        },
        "decoder": {"fusion": run.variant.fusion, **size.decoder},
    }  # fmt: skip
    return table | ({"text": {"encoder": encoder, "store": str(folder.work / "texts")}} if encoder else {})
