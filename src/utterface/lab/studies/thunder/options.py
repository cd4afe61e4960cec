"""Options of `utterface bench thunder`; imported by the command line without the lab's packages."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ThunderOptions:
    """Options of the study.

    Parameters
    ----------
    corpora
        Folders of corpora with faces: performed ones (utterface corpus perform) or captured ones.
    listener
        Trained mesh_to_speech and vocoder checkpoints to reuse.
    units
        Speech units the mesh-to-speech model predicts (see docs/research/representations.md). Default: set by --size.
    """

    corpora: tuple[Path, ...] = ()
    listener: tuple[Path, ...] = ()
    units: str = ""
