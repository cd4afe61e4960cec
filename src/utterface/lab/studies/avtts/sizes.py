"""What is trained and spoken: `smoke` is for tests, `small` for one CPU core, `full` for one GPU."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SENTENCES = (  # the first are lists 1 and 2 of the IEEE Harvard sentences
    "The birch canoe slid on the smooth planks.", "Glue the sheet to the dark blue background.",
    "It's easy to tell the depth of a well.", "Rice is often served in round bowls.",
    "My mama bought pepper, and maybe a big purple plum.", "The box was thrown beside the parked truck.",
    "Please put both boxes beside the empty barn.", "Four hours of steady work faced us.",
    "A map of the moon hung above the lamp.", "Some people prefer simple maps; my brother does not!",
    "These days a chicken leg is a rare dish.", "The juice of lemons makes fine punch.",
    "The hogs were fed chopped corn and garbage.", "A large size in stockings is hard to sell.",
    "The boy was there when the sun rose.", "A rod is used to catch pink salmon.",
    "The source of the huge river is the clear spring.", "Kick the ball straight and follow through.",
    "Help the woman get back to her feet.", "A pot of tea helps to pass the evening.",
)  # fmt: skip


@dataclass(frozen=True)
class AvttsSize:
    """One size of the study.

    Attributes:
        name: of the size.
        language, network: tables of the recipe.
        shipped: whether the conformer begins from the mesh-to-speech network that ships.
        seeds: trainings; one alone is measured.
        steps, warmup, decay, rate, batch, seconds, average, precision: of the training.
        hours: of synthetic speech where no corpora are given.
        clips: of training at most; 0 takes all.
        voice: that is spoken with, one of the training.
        sentences: how many of `SENTENCES`.
        temperature: of the draws of tokens.
        kinds: representations whose decoded sound is compared.
    """

    name: str
    language: Mapping[str, Any] = field(default_factory=dict)
    network: Mapping[str, Any] = field(default_factory=dict)
    shipped: bool = True
    seeds: int = 1
    steps: int = 800
    warmup: int = 50
    decay: float = 0.5
    rate: float = 1e-3
    batch: int = 4
    seconds: float = 3.2
    average: float = 0.99
    precision: str = "no"
    hours: float = 0.8
    clips: int = 0
    voice: str = "flite:slt"
    sentences: int = 12
    temperature: float = 0.5
    kinds: tuple[str, ...] = ("ours:codec-semantic", "ours:codec-semantic@1", "ours:codec", "ours:codec@1")


SMOKE = AvttsSize(
    "smoke", {"width": 32, "heads": 2, "inner": 64, "phone_layers": 1, "layers": 1}, {"width": 16, "heads": 2,
    "inner": 32, "layers": 1, "kernel": 7}, shipped=False, steps=4, warmup=1, batch=2, seconds=1.0, hours=0.02,
    clips=4, sentences=1, kinds=("ours:codec@1",),
)  # fmt: skip
SMALL = AvttsSize("small", {"width": 192, "inner": 768, "layers": 3})
FULL = AvttsSize(
    "full", {"width": 256, "inner": 1024, "layers": 5}, steps=40_000, warmup=500, rate=5e-4, batch=32, seconds=4.0,
    average=0.999, precision="bf16", hours=8.0,
)  # fmt: skip
SIZES = {size.name: size for size in (SMOKE, SMALL, FULL)}
