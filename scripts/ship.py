"""A checkpoint → a member of our own that ships with the package, and codebooks for such members.

    python scripts/ship.py masked RUN/best.safetensors
    python scripts/ship.py codebook units masked@4 --corpus CORPUS
    python scripts/ship.py check ours:units checkpoint:RUN/best.safetensors@4#UNITS.codebook.safetensors --corpus CORPUS

A member is one file of at most 5 MB: the averaged weights that encoding and decoding need, as half floats or, where
those are too many, some as bytes with scales. Of each, CARD.md beside the files tells what it was made of.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from cyclopts import App
from safetensors.torch import save
from torch import Tensor

from utterface.cli.progress import Progress
from utterface.errors import ConfigError, ModelError, UtterfaceError
from utterface.files import replacing
from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.representations import Representation, fit_codebook, open_representation
from utterface.lab.representations.shipped import CODEBOOK, WEIGHTS, member_folder, open_shipped
from utterface.lab.systems.registry import SYSTEMS, record
from utterface.lab.training.checkpoints import load_average
from utterface.lab.training.packing import pack
from utterface.lab.training.recipe import without_places

MOST_BYTES = 5_000_000
MOST_WEIGHTS = 5_000_000
_HEADER = 50_000  # bytes that are left for the names of the weights and the recipe
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def ship(name: str, checkpoint: str | Path, folder: Path | None = None) -> Path:
    """The averaged weights of a checkpoint as a member of our own.

    Args:
        name: what it will be opened by.
        checkpoint: file of `utterface train`.
        folder: where members lie; by default the package's own.

    Returns:
        The file.

    Raises:
        ModelError: no checkpoint, of a system that does not ship, or larger than a member may be.
        ConfigError: a malformed name, or one of which CARD.md says nothing.
    """
    folder = _checked(name, folder)
    weights, recipe, step = load_average(checkpoint)
    system = recipe.get("system", "")
    own = record(system)
    if not own.training_only:
        shippable = ", ".join(key for key, other in SYSTEMS.items() if other.training_only)
        raise ModelError(f"{checkpoint} holds the system {system!r}; expected {shippable}")
    kept = {k: v for k, v in weights.items() if not own.only_trains(k)}
    count = sum(v.numel() for v in kept.values())
    if count > MOST_WEIGHTS:
        raise ModelError(
            f"{checkpoint} has {count:,} weights; a member has at most {MOST_WEIGHTS:,}: train a smaller one"
        )
    about = {"recipe": json.dumps(without_places(recipe), default=str, ensure_ascii=False), "step": str(step)}
    data = _packed(kept, about)
    if len(data) > MOST_BYTES:
        raise ModelError(
            f"{checkpoint} takes {len(data):,} bytes; a member takes at most {MOST_BYTES:,}: train a smaller one"
        )
    path = folder / f"{name}{WEIGHTS}"
    with replacing(path) as part:
        part.write_bytes(data)
    return path


def ship_codebook(
    name: str, of: str, sounds: Iterable[np.ndarray], size: int, folder: Path | None = None, seed: int = 0
) -> Path:
    """A k-means codebook for a member that ships.

    Args:
        name: what the units will be opened by.
        of: the member, as `masked@4`.
        sounds: clips, (N,) samples each.
        size: clusters.
        folder: where members lie; by default the package's own.
        seed: of the first centres.

    Raises:
        ConfigError: a malformed name, one of which CARD.md says nothing, or a member that has units already.
        ModelError: no such member.
    """
    folder = _checked(name, folder)
    member = open_shipped(of, folder)
    if member.about.codebooks:
        raise ConfigError(f"ours:{of} has units already; a codebook is for a continuous one")
    path = folder / f"{name}{CODEBOOK}"
    codebook = fit_codebook(member, sounds, size, seed)
    with replacing(path) as part:
        codebook.save(part, of)
    return path


def agreement(one: Representation, other: Representation, sounds: Iterable[np.ndarray]) -> dict[str, float]:
    """How much alike two representations are, frame by frame.

    Returns:
        `frames` compared; of those with units `units`, the share of frames with the same in every codebook, and
        `codes`, the share of all single units; of continuous ones `error`, the root of the mean squared difference of
        vectors over that of the first's.

    Raises:
        ConfigError: they have other rates, features or codebooks, or there is nothing to compare on.
    """
    ours, theirs = one.about, other.about
    for what in ("frame_rate", "dimension", "codebooks"):
        found, came = getattr(ours, what), getattr(theirs, what)
        if found != came:
            raise ConfigError(f"{ours.name} and {theirs.name} cannot be compared: {what} {found} against {came}")
    frames = same = codes = difference = power = 0.0
    for samples in sounds:
        units, others = one.units(samples), other.units(samples)
        if units is None or others is None:
            units, others = one.encode(samples), other.encode(samples)
            difference += float(np.square(units.values - others.values).sum())
            power += float(np.square(units.values).sum())
        else:
            equal = (units.values == others.values).reshape(len(units), -1)
            same += float(equal.all(1).sum())
            codes += float(equal.mean(1).sum())
        frames += len(units)
    if not frames:
        raise ConfigError("no clips to compare on")
    if not ours.codebooks:
        return {"frames": frames, "error": (difference / power) ** 0.5}
    return {"frames": frames, "units": same / frames, "codes": codes / frames}


def _packed(weights: Mapping[str, Tensor], about: Mapping[str, str]) -> bytes:
    """The file as bytes."""
    packed, scales = pack(weights, MOST_BYTES - _HEADER)
    tensors = {f"average/{k}": v.contiguous() for k, v in packed.items()} | {f"scale/{k}": v for k, v in scales.items()}
    data: bytes = save(tensors, dict(about))
    return data


def _checked(name: str, folder: Path | None) -> Path:
    """The folder of the members, once the name is well formed and the card tells of it."""
    folder = folder or member_folder()
    if not _NAME.fullmatch(name):
        raise ConfigError(f"a member is called by small letters, digits and hyphens, got {name!r}")
    card = folder / "CARD.md"
    told = card.read_text("utf-8") if card.is_file() else ""
    if not re.search(rf"^## .*`{name}`", told, re.MULTILINE):
        raise ConfigError(f"{card} has no section ## `{name}`; a member tells what it was made of, so write it first")
    return folder


app = App(name="ship", help="Pack our own trained representations so that they come with the package.")


@app.default
def member(name: str, checkpoint: Path, /, *, folder: Path | None = None) -> int:
    """Pack the averaged weights of a checkpoint as a member of our own, which opens as ours:NAME.

    python scripts/ship.py codec runs/codec/best.safetensors

    Parameters
    ----------
    name
        What it will be opened by; CARD.md in the folder must have a section that tells of it.
    checkpoint
        best.safetensors or last.safetensors of a training run of masked, codec, tokenizer or speaker.
    folder
        Of the members; by default the package's own.
    """
    path = ship(name, checkpoint, folder)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")
    return 0


@app.command
def codebook(
    name: str,
    of: str,
    /,
    *,
    corpus: list[Path],
    size: int = 200,
    clips: int = 800,
    seed: int = 0,
    folder: Path | None = None,
) -> int:
    """Cluster a member's frames by k-means; its units then open as ours:NAME.

    python scripts/ship.py codebook units masked@4 --corpus recorded --corpus made_flite

    Parameters
    ----------
    name
        What the units will be opened by; CARD.md in the folder must have a section that tells of them.
    of
        The member, with its layer: masked@4.
    corpus
        Folder of a corpus whose training clips are clustered; repeatable.
    size
        Clusters.
    clips
        How many of the clips are read, evenly taken from each corpus.
    seed
        Of the first centres.
    folder
        Of the members; by default the package's own.
    """
    with Progress(f"ship codebook {name}") as progress:
        path = ship_codebook(name, of, _sounds(corpus, ("train",), clips, progress), size, folder, seed)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")
    return 0


@app.command
def check(one: str, other: str, /, *, corpus: list[Path], clips: int = 100) -> int:
    """Say how much alike two representations are: the share of equal units, or the error of vectors.

    python scripts/ship.py check checkpoint:runs/codec/best.safetensors ours:codec --corpus recorded

    Parameters
    ----------
    one
        A representation by name.
    other
        Another.
    corpus
        Folder of a corpus whose held-out clips are compared; repeatable.
    clips
        How many of them, evenly taken from each corpus.
    """
    with Progress("ship check") as progress:
        sounds = _sounds(corpus, ("valid", "test"), clips, progress)
        found = agreement(open_representation(one), open_representation(other), sounds)
    print("  ".join(f"{key} {value:.6g}" for key, value in found.items()))
    return 0


def _sounds(corpora: Sequence[Path], splits: Sequence[str], count: int, progress: Progress) -> Iterator[np.ndarray]:
    chosen = []
    for folder in corpora:
        clips = [c for c in read_corpus(folder) if c.split in splits]
        chosen += clips[:: max(1, -(-len(clips) * len(corpora) // count))]
    for number, clip in enumerate(chosen):
        progress(clip.id, number / len(chosen))
        yield clip.samples()


if __name__ == "__main__":
    try:
        sys.exit(app(result_action="return_value"))
    except UtterfaceError as error:
        sys.exit(f"ship: {error}")
