"""Studies: benchmarks of works, each one command; their figures in one file of JSON, tables in Markdown and HTML.

`STUDIES` names those that `utterface bench STUDY` runs; a further one is a folder beside them and a record here.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class StudyEntry:
    """A study as the command line lists it, without the lab's packages.

    Attributes:
        help: its line in the list of commands.
        study: `module:NAME` of a `study.Study`.
        options: `module:NAME` of the dataclass of its own options.
    """

    help: str
    study: str
    options: str = ""

    def open(self) -> Any:
        """The `study.Study`."""
        return _named(self.study)

    def open_options(self) -> type:
        """The dataclass of its own options."""
        options: type = _named(self.options) if self.options else NoOptions
        return options


@dataclass(frozen=True)
class NoOptions:
    """Options of a study that has none of its own."""


STUDIES = {
    "tokens": StudyEntry(
        "From Tokens to Faces: every representation with every decoder, trained and measured alike.",
        "utterface.lab.studies.tokens.study:STUDY",
        "utterface.lab.studies.tokens.options:TokensOptions",
    ),
    "thunder": StudyEntry(
        "THUNDER: faces trained with and without the mesh-to-speech loss.",
        "utterface.lab.studies.thunder.study:STUDY",
        "utterface.lab.studies.thunder.options:ThunderOptions",
    ),
    "audio_text": StudyEntry(
        "Joint Audio-Text: what words add to the sound for the upper face.",
        "utterface.lab.studies.audio_text.study:STUDY",
        "utterface.lab.studies.audio_text.options:AudioTextOptions",
    ),
    "avtts": StudyEntry(
        "Speech and a face from text: shared tokens, a cascade, or the voice's own durations.",
        "utterface.lab.studies.avtts.study:STUDY",
        "utterface.lab.studies.avtts.options:AvttsOptions",
    ),
    "lsf": StudyEntry(
        "LSF-Animation: emotion heard and identity seen, each beside the row that it must beat.",
        "utterface.lab.studies.lsf.study:STUDY",
        "utterface.lab.studies.lsf.options:LsfOptions",
    ),
}


def _named(place: str) -> Any:
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)
