"""Every system that can be trained, by the name that recipes give it.

`train`, `bundle`, `bench`, `checkpoint:PATH` and `ours:NAME` read this table, and so do the pages about them. A system
of your own needs no entry: `system = "my_package.my_system"` in a recipe names a module that defines
`SYSTEM = SystemRecord(…)`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from utterface.errors import ConfigError
from utterface.lab.training import loop
from utterface.lab.training.contract import System
from utterface.lab.training.names import did_you_mean, load


@dataclass(frozen=True)
class SystemRecord:
    """A system and what can be done with it. Functions are written `package.module:function`, imported when used.

    Attributes:
        make: recipe → `System`.
        tables: of the recipe that it reads, beside `train`.
        recipe: file in recipes/ that trains it; empty for none.
        bundle: (checkpoint, folder, table [bundle], text of the card or None) → the bundle's folder; empty where
            bundles cannot hold it.
        reader: (weights, recipe, option, name, path) → the representation that its checkpoints are; empty for none.
        training_only: patterns of the weights that its reader does not need.
        study: `utterface bench` command that compares it; empty for none.
    """

    make: str
    tables: tuple[str, ...]
    recipe: str = ""
    bundle: str = ""
    reader: str = ""
    training_only: tuple[str, ...] = ()
    study: str = ""

    def only_trains(self, weight: str) -> bool:
        """Whether a weight of the network serves nothing but training."""
        return any(fnmatch(weight, pattern) for pattern in self.training_only)


_SYSTEMS, _BUNDLES = "utterface.lab.systems", "utterface.lab.bundles"
_SHIPPED = "utterface.lab.representations.shipped"
# `hearing` is the name of the table `mesh_to_speech` in older recipes
_FACES = ("data", "speech", "decoder", "losses", "mesh_to_speech", "hearing", "sampling", "augment", "bundle")
SYSTEMS = {
    "animator": SystemRecord(
        f"{_SYSTEMS}.animator:make",
        ("data", "network", "controls", "augment", "losses", "bundle"),
        "animator.toml",
        bundle=f"{_BUNDLES}.articulators:export",
        study="animator",
    ),
    "tokens_to_faces": SystemRecord(
        f"{_SYSTEMS}.tokens_to_faces:make",
        _FACES,
        "tokens.toml",
        bundle=f"{_BUNDLES}.face:export_face",
        study="tokens",
    ),
    "thunder": SystemRecord(
        f"{_SYSTEMS}.thunder:make",
        _FACES,
        "thunder.toml",
        bundle=f"{_BUNDLES}.face:export_face",
        study="thunder",
    ),
    "audio_text": SystemRecord(
        f"{_SYSTEMS}.audio_text:make",
        ("data", "speech", "text", "decoder", "sampling", "augment"),
        "audio_text.toml",
        study="audio_text",
    ),
    "mesh_to_speech": SystemRecord(
        f"{_SYSTEMS}.mesh_to_speech:make",
        ("data", "speech", "motion", "network", "losses", "bundle"),
        "mesh_to_speech.toml",
        bundle=f"{_BUNDLES}.mesh_to_speech:export_voice",
        study="hearing",
    ),
    "vocoder": SystemRecord(f"{_SYSTEMS}.vocoder:make", ("data", "network", "losses"), "vocoder.toml", study="hearing"),
    "speech_from_text": SystemRecord(
        f"{_SYSTEMS}.speech_from_text:make",
        ("data", "speech", "language", "network", "losses"),
        "speech_from_text.toml",
        study="avtts",
    ),
    "masked": SystemRecord(
        f"{_SYSTEMS}.masked:make",
        ("data", "network", "targets", "augment"),
        "units-1.toml",
        reader=f"{_SHIPPED}:open_masked",
        training_only=("hidden", "leave.*", "clusters"),
        study="representations",
    ),
    "codec": SystemRecord(
        f"{_SYSTEMS}.codec:make",
        ("data", "network", "losses", "augment"),
        "codec.toml",
        reader=f"{_SHIPPED}:open_codec",
        training_only=("taught.*", "quantiser.quantisers.*.use"),
        study="representations",
    ),
    "tokenizer": SystemRecord(
        f"{_SYSTEMS}.tokenizer:make",
        ("data", "network", "augment"),
        "tokenizer.toml",
        reader=f"{_SHIPPED}:open_tokenizer",
        training_only=("frames.*",),
        study="representations",
    ),
    "speaker": SystemRecord(
        f"{_SYSTEMS}.speaker:make",
        ("data", "network"),
        "speaker.toml",
        training_only=("scale", "shift"),
        study="representations",
    ),
    "motion_prior": SystemRecord(
        f"{_SYSTEMS}.motion_prior:make", ("data", "speech", "network", "losses"), "motion_prior.toml", study="lsf"
    ),
    "lsf": SystemRecord(
        f"{_SYSTEMS}.lsf:make",
        ("data", "speech", "conditions", "network", "prior", "losses"),
        "lsf.toml",
        study="lsf",
    ),
    "emotion": SystemRecord(
        f"{_SYSTEMS}.emotion:make",
        ("data", "augment", "network", "bundle"),
        "emotion.toml",
        bundle=f"{_BUNDLES}.emotion:export_emotion",
        study="representations",
    ),
}


def record(name: object) -> SystemRecord:
    """The record of a system.

    Args:
        name: one of `SYSTEMS`, or the dotted name of a module that defines `SYSTEM`.

    Raises:
        ConfigError: no such system.
    """
    if name in SYSTEMS:
        return SYSTEMS[str(name)]
    if not isinstance(name, str) or "." not in name:
        raise ConfigError(f"no system {name!r}{did_you_mean(name, SYSTEMS)}; there are {', '.join(SYSTEMS)}")
    own = load(f"{name}:SYSTEM")
    if not isinstance(own, SystemRecord):
        raise ConfigError(f"{name}.SYSTEM is a {type(own).__name__}; expected a SystemRecord")
    return own


def make_system(recipe: Mapping[str, Any]) -> System:
    """The system that a recipe trains.

    Raises:
        ConfigError: no such system, or a table that it does not read.
    """
    name = recipe.get("system")
    own = record(name)
    known = ("train", *own.tables)
    for table in sorted(set(recipe) - {"system", *known}):
        raise ConfigError(
            f"{name} reads no [{table}] of a recipe{did_you_mean(table, known)}; it reads {', '.join(known)}"
        )
    system: System = load(own.make)(recipe)
    return system


def train(recipe: Mapping[str, Any], report: Callable[[str], None] = print, resume_anyway: bool = False) -> Path:
    """Train the system that a recipe names; see `loop.train`."""
    return loop.train(make_system(recipe), recipe, report, resume_anyway)
