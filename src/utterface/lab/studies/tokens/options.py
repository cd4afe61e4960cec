"""Options of `utterface bench tokens`; imported by the command line without the lab's packages."""

from dataclasses import dataclass
from pathlib import Path

from utterface.rigs import cache


@dataclass(frozen=True)
class TokensOptions:
    """Options of the study.

    Parameters
    ----------
    corpora
        Folders of corpora for training and test; synthetic speech is made where none is given.
    representations
        Some of the size's, by key, or others as NAME or KEY=NAME, as docs/research/representations.md lists them.
    decoders
        Some of the size's: transformer, gru_diffusion, and in some sizes animator.
    """

    corpora: tuple[Path, ...] = ()
    representations: tuple[str, ...] = ()
    decoders: tuple[str, ...] = ()

    def folders(self) -> tuple[Path, ...]:
        """Of the corpora, those of synthetic speech where none was given."""
        return self.corpora or tuple(cache.folder() / "bench" / name for name in ("made", "made_test"))
