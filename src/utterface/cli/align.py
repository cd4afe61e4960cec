"""`utterface align`: times of words and phones, as TextGrid, TSV or JSON."""

import sys
from pathlib import Path
from typing import Annotated

import numpy as np
from cyclopts import Parameter

from utterface import align as aligning
from utterface import speech
from utterface.align import Alignment
from utterface.cli.jobs import Job, passed_over, plan
from utterface.cli.lines import printable
from utterface.cli.progress import Progress
from utterface.cli.summary import about
from utterface.errors import UtterfaceError
from utterface.files import check_place
from utterface.formats.spans import SUFFIXES, check_format, write_spans
from utterface.recognise import recognise
from utterface.recognise.phones import is_installed
from utterface.text import Transcript
from utterface.text.languages import code_of

Flag = Annotated[bool, Parameter(negative="")]


def align(
    inputs: list[Path],
    /,
    *,
    output: Annotated[list[str] | None, Parameter(name=["--output", "-o"], negative="")] = None,
    text: str | None = None,
    language: str = "en",
    allow_truncated: Flag = False,
    recursive: Flag = False,
    quiet: Flag = False,
) -> int:
    """Find the times of words and phones.

    Parameters
    ----------
    inputs
        Recordings, or folders of them.
    output
        File to write: .TextGrid (Praat), .tsv, .json, .srt or .vtt. May be given several times. For a batch: a folder,
        and formats as bare suffixes (-o out/ -o .tsv); .TextGrid where none is named. Default for one recording: a
        .TextGrid of its name in the current folder.
    text
        What is said, or a file with it (plain text, SRT, WebVTT); for a batch a folder of such files, named
        like the recordings, or a table: name, TAB, transcript. Without it they are recognised.
    language
        Language spoken, as a code or name; other languages than English need the extra utterface[languages].
    allow_truncated
        Align what is there of a recording that is cut short.
    recursive
        Read folders inside folders too; they are mirrored below the output folder.
    quiet
        Print nothing but errors.
    """
    language = code_of(language)
    jobs = plan(inputs, output or [], text, SUFFIXES, alone=".TextGrid", batch=".TextGrid", recursive=recursive)
    for note in passed_over(inputs) if not (quiet or recursive) else ():
        print(f"utterface: {printable(note)}", file=sys.stderr)
    for job in jobs:
        for file in job.files:
            check_format(file)
            check_place(file)
    return 2 if [job for job in jobs if not _run(job, language, allow_truncated, quiet)] else 0


def _run(job: Job, language: str, allow_truncated: bool, quiet: bool) -> bool:
    """Align and write one recording; False where that failed."""
    try:
        with Progress(job.sound.name, not quiet) as progress:
            progress("aligning", None)
            transcript = job.transcript(language)
            alignment = align_file(job.sound, transcript, language, allow_truncated)
            for file in job.files:
                write_spans(alignment, file, transcript.text if transcript else "")
    except UtterfaceError as error:
        print(f"utterface: {about(job.sound, str(error))}", file=sys.stderr)
        return False
    if not quiet:
        fit = "" if alignment.confidence is None else f", confidence {alignment.confidence:.2f}"
        counts = f"{len(alignment.words)} words, {len(alignment.phones)} phones"
        print(f"{printable(job.sound.name)}: {alignment.duration:.2f} s, {counts}{fit}")
        print("\n".join(f"wrote {printable(file)}" for file in job.files))
        for line in aligning.remarks(alignment, transcript.text, language) if transcript is not None else ():
            print(f"utterface: {about(job.sound, line)}", file=sys.stderr)
    return True


def align_file(path: Path, transcript: Transcript | None, language: str, allow_truncated: bool = False) -> Alignment:
    """A recording aligned to its transcript, or its recognised phones where there is none."""
    samples = np.concatenate([aligning.to_pcm(block) for block in speech.blocks(path, allow_truncated=allow_truncated)])
    if transcript is None:
        return recognise(samples, language, "phones" if is_installed() else "sphinx")
    return aligning.align(samples, transcript.text, transcript.language)
