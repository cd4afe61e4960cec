"""Options of `utterface bench avtts`; imported by the command line without the lab's packages."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class AvttsOptions:
    """Options of the study.

    Parameters
    ----------
    corpora
        Folders of synthetic speech for training; speech of Flite is made where none is given.
    faces
        Figures of `utterface bench tokens` (tokens.json): faces of token kinds, plotted against their sound.
    """

    corpora: tuple[Path, ...] = ()
    faces: Path | None = None
