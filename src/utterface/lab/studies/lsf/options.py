"""Options of `utterface bench lsf`; imported by the command line without the lab's packages."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class LsfOptions:
    """Options of the study.

    Parameters
    ----------
    corpora
        Folders of corpora with faces that show the voice's emotion and have identities: corpus perform --identities, or
        captured ones as 3dmead.
    emotion
        Representation of the emotion stream: ours:emotion, or a hub: or folder: name of emotion2vec.
    """

    corpora: tuple[Path, ...] = ()
    emotion: str = "ours:emotion"
