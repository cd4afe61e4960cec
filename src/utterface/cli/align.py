"""`utterface align`: times of words and phones, as TextGrid, TSV or JSON."""

import sys
from pathlib import Path
from typing import Annotated, Literal

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
from utterface.recognise import Recogniser, recognise
from utterface.recognise.phones import PhoneRecogniser, is_installed
from utterface.recognise.sphinx import SphinxRecogniser
from utterface.recognise.whisper.networks import has_words
from utterface.recognise.words import WordRecogniser
from utterface.text import Transcript, is_english
from utterface.text.languages import code_of

Flag = Annotated[bool, Parameter(negative="")]


def align(
    inputs: list[Path],
    /,
    *,
    output: Annotated[list[str] | None, Parameter(name=["--output", "-o"], negative="")] = None,
    text: str | None = None,
    language: str = "en",
    listen: Literal["words", "phones"] | None = None,
    words_model: str | None = None,
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
        like the recordings, or a table: name, TAB, transcript. Without it, --listen says how to recognise it.
    language
        Language spoken, as a code or name; other languages than English need the extra utterface[languages].
    listen
        What is recognised where there is no transcript: words and phones (needs the extra utterface[words]; the default
        where it is installed and the language is English), or phones alone, in any language.
    words_model
        Model that recognises words, as of utterface animate.
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
    bare = any(job.text is None for job in jobs)
    recogniser = open_recogniser(listen, words_model, language) if bare else None
    return 2 if [job for job in jobs if not _run(job, language, recogniser, allow_truncated, quiet)] else 0


def open_recogniser(listen: str | None, words_model: str | None, language: str) -> Recogniser:
    """The recogniser of recordings without a transcript; PocketSphinx where the package has none of phones."""
    if words_model or listen == "words" or (listen is None and is_english(language) and has_words()):
        return WordRecogniser(words_model)
    return PhoneRecogniser() if listen or is_installed() else SphinxRecogniser()


def _run(job: Job, language: str, recogniser: Recogniser | None, allow_truncated: bool, quiet: bool) -> bool:
    """Align and write one recording; False where that failed."""
    try:
        with Progress(job.sound.name, not quiet) as progress:
            progress("aligning", None)
            transcript = job.transcript(language)
            given = transcript or recogniser
            assert given is not None
            alignment = align_file(job.sound, given, language, allow_truncated)
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


def align_file(path: Path, given: Transcript | Recogniser, language: str, allow_truncated: bool) -> Alignment:
    """A recording aligned to its transcript, or as a recogniser has it."""
    samples = np.concatenate([aligning.to_pcm(block) for block in speech.blocks(path, allow_truncated=allow_truncated)])
    if isinstance(given, Transcript):
        return aligning.align(samples, given.text, given.language)
    return recognise(samples, language, given)
