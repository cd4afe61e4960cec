"""`utterface align`: when each word and phone is said, as TextGrid, TSV or JSON."""

import sys
from pathlib import Path
from typing import Annotated

import numpy as np
from cyclopts import Parameter

from utterface import align as aligning
from utterface import speech
from utterface.align import Alignment
from utterface.cli.jobs import Job, plan
from utterface.cli.progress import Progress
from utterface.cli.summary import about
from utterface.errors import UtterfaceError
from utterface.files import check_place
from utterface.formats.spans import SPAN_FORMATS, check_format, write_spans
from utterface.recognise import recognise
from utterface.recognise.phones import is_installed
from utterface.text.languages import code_of

Flag = Annotated[bool, Parameter(negative="")]


def align(
    inputs: list[Path],
    /,
    *,
    output: Annotated[list[Path], Parameter(name=["--output", "-o"], negative="")],
    text: str | None = None,
    language: str = "en",
    allow_truncated: Flag = False,
    quiet: Flag = False,
) -> int:
    """Find when each word and phone is said.

    Parameters
    ----------
    inputs
        Recordings, or folders of them.
    output
        File to write: .TextGrid (Praat), .tsv or .json. May be given several times. For a batch: a folder, and formats
        as bare suffixes (-o out/ -o .tsv); .TextGrid where none is named.
    text
        What is said, or a file with it (plain text, SRT, WebVTT); for a batch a folder of such files, named
        like the recordings, or a table: name, TAB, transcript. Without it they are recognised.
    language
        Language spoken, as a code or name; other languages than English need the extra utterface[languages].
    allow_truncated
        Align what is there of a recording that is cut short.
    quiet
        Print nothing but errors.
    """
    language = code_of(language)
    jobs = plan(inputs, output, text, SPAN_FORMATS, ".TextGrid")
    for job in jobs:
        for file in job.files:
            check_format(file)
            check_place(file)
    return 2 if [job for job in jobs if not _run(job, language, allow_truncated, quiet)] else 0


def _run(job: Job, language: str, allow_truncated: bool, quiet: bool) -> bool:
    """Align and write one recording; whether that went well."""
    try:
        with Progress(job.sound.name, not quiet) as progress:
            progress("finding the sounds", None)
            found = align_file(job.sound, job.transcript(), language, allow_truncated)
            for file in job.files:
                write_spans(found, file)
    except UtterfaceError as error:
        print(f"utterface: {about(job.sound, str(error))}", file=sys.stderr)
        return False
    if not quiet:
        sure = "" if found.confidence is None else f", confidence {found.confidence:.2f}"
        counts = f"{len(found.words)} words, {len(found.phones)} phones"
        print(f"{job.sound.name}: {found.duration:.2f} s, {counts}{sure}")
        print("\n".join(f"wrote {file}" for file in job.files))
        for line in aligning.remarks(found, job.transcript() or "", language) if job.text is not None else ():
            print(f"utterface: {about(job.sound, line)}", file=sys.stderr)
    return True


def align_file(path: Path, text: str | None, language: str, allow_truncated: bool = False) -> Alignment:
    """A recording aligned to its transcript, or its recognised phones where there is none."""
    samples = np.concatenate([aligning.to_pcm(block) for block in speech.blocks(path, allow_truncated=allow_truncated)])
    if text is None:
        return recognise(samples, language, "phones" if is_installed() else "sphinx")
    return aligning.align(samples, text, language)
