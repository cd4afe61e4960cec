"""`utterface ship`: our own trained representations, packed to come with the package."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from utterface.cli.progress import Progress

if TYPE_CHECKING:
    import numpy as np

ship = App(name="ship", help="Pack our own trained representations so that they come with the package.")


@ship.default
def member(name: str, checkpoint: Path, /, *, folder: Path | None = None) -> int:
    """Pack the averaged weights of a checkpoint as a member of our own, which opens as ours:NAME.

    utterface ship codec runs/codec/best.safetensors

    Parameters
    ----------
    name
        What it will be opened by; CARD.md in the folder must have a section that tells of it.
    checkpoint
        best.safetensors or last.safetensors of a training run of masked, codec, tokenizer or speaker.
    folder
        Of the members; by default the package's own.
    """
    from utterface.lab.ship import ship as pack

    path = pack(name, checkpoint, folder)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")
    return 0


@ship.command
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

    utterface ship codebook units masked@4 --corpus recorded --corpus made_flite

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
    from utterface.lab.ship import ship_codebook

    with Progress(f"ship codebook {name}") as progress:
        path = ship_codebook(name, of, _sounds(corpus, ("train",), clips, progress), size, folder, seed)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")
    return 0


@ship.command
def check(one: str, other: str, /, *, corpus: list[Path], clips: int = 100) -> int:
    """Say how much alike two representations are: the share of equal units, or the error of vectors.

    utterface ship check checkpoint:runs/codec/best.safetensors ours:codec --corpus recorded

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
    from utterface.lab.representations import open_representation
    from utterface.lab.ship import agreement

    with Progress("ship check") as progress:
        sounds = _sounds(corpus, ("valid", "test"), clips, progress)
        found = agreement(open_representation(one), open_representation(other), sounds)
    print("  ".join(f"{key} {value:.6g}" for key, value in found.items()))
    return 0


def _sounds(corpora: Sequence[Path], splits: Sequence[str], count: int, progress: Progress) -> "Iterator[np.ndarray]":
    from utterface.lab.corpora.manifest import read_corpus

    chosen = []
    for folder in corpora:
        clips = [c for c in read_corpus(folder) if c.split in splits]
        chosen += clips[:: max(1, -(-len(clips) * len(corpora) // count))]
    for number, clip in enumerate(chosen):
        progress(clip.id, number / len(chosen))
        yield clip.samples()
