"""`utterface corpus`: speech with timed phones to learn from."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

Flag = Annotated[bool, Parameter(negative="")]

corpus = App(name="corpus", help="Corpora to learn from: speech with timed phones, synthetic or recorded.")
corpus.command("utterface.cli.encode:encode", name="encode", help="Encode every clip through a representation.")


@corpus.command
def make(
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    engines: str = "flite,festival,espeak",
    hours: float = 8.0,
    seed: int = 0,
    test: Flag = False,
    processes: int = 2,
    quiet: Flag = False,
) -> int:
    """Make hours of speech with exact phone times from the free engines that are installed.

    utterface corpus make --hours 8 -o made
    utterface corpus make --engines flite --hours 2.8 -o made_flite

    Stop it at any time; the same command resumes.

    Parameters
    ----------
    output
        Folder of the corpus.
    engines
        Some of flite, festival, espeak and openjtalk (which only tests), parted by commas; one that is not
        installed is skipped and reported.
    hours
        Hours of sound, shared among the engines.
    seed
        The same seed makes the same clips.
    test
        Use the voices and languages that are left out of training.
    processes
        Number of processes.
    quiet
        Print nothing but errors.
    """
    from utterface.lab.corpora.synthetic import make as make_corpus

    made = make_corpus(output, _names(engines), hours, seed, test, processes, _silent if quiet else _report)
    _report(f"{output}: {len(made)} clips, {made.hours:.2f} hours, {len(made.speakers)} speakers")
    return 0


@corpus.command
def nonspeech(
    *, output: Annotated[Path, Parameter(name=["--output", "-o"])], minutes: float = 20.0, seed: int = 0
) -> int:
    """Make sound without speech, the mouth at rest: noise, music, breath, laughter, hum, clicks, silence.

    utterface corpus nonspeech --minutes 20 -o nonspeech

    Parameters
    ----------
    output
        Folder of the corpus.
    minutes
        Minutes of sound.
    seed
        The same seed makes the same clips.
    """
    from utterface.lab.corpora.synthetic import make_nonspeech

    made = make_nonspeech(output, minutes, seed)
    _report(f"{output}: {len(made)} clips, {made.hours * 60:.1f} minutes")
    return 0


@corpus.command
def align(
    folder: Path,
    /,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    text: Path | None = None,
    language: str = "en-us",
    speaker: str | None = None,
    source: str = "",
    licence: str = "",
    guessed: Flag = False,
    split: str | None = None,
    processes: int = 2,
) -> int:
    """Turn recordings into a corpus: transcripts aligned, and stretches kept that the phone recogniser confirms.

    utterface corpus align recordings/ -o recorded
    utterface corpus align recordings/ --text table.tsv --licence CC0 -o recorded
    utterface corpus align recordings/ --text table.tsv --split test -o judged

    Stop it at any time; the same command resumes.

    Parameters
    ----------
    folder
        Recordings, each with its transcript beside it (NAME.txt); without one phones are recognised.
    output
        Folder of the corpus.
    text
        All transcripts in one table instead: file name, TAB or |, transcript.
    language
        Language spoken.
    speaker
        Who speaks; by default the first part of each file's name.
    source
        Where the recordings come from.
    licence
        Licence of the recordings.
    guessed
        The transcripts are guesses; more agreement is needed.
    split
        Split of all of them, such as test; by default speakers are split among three.
    processes
        Number of processes.
    """
    from utterface.lab.corpora.recorded import add_recordings, list_recordings

    recordings = list_recordings(folder, text, speaker)
    labels = "pseudo" if guessed else None
    made = add_recordings(recordings, output, language, source, licence, labels, split, _report, processes)
    _report(f"{output}: {len(made)} clips, {made.hours * 60:.1f} minutes, {len(made.speakers)} speakers")
    return 0


@corpus.command(name="import")
def import_(
    name: str,
    folder: Path,
    /,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    split: str = "",
    listen: Flag = False,
) -> int:
    """Convert a captured corpus: vocaset, biwi, 3dmead, beat, beat2, beat2-arkit, emodb.

    utterface corpus import vocaset VOCASET/ -o vocaset
    utterface corpus import 3dmead MEAD/ --listen -o mead

    Parameters
    ----------
    name
        Which corpus: vocaset, biwi, 3dmead, beat, beat2, beat2-arkit or emodb.
    folder
        As its makers or its published preprocessing left it; docs/reference/corpora.md draws each.
    output
        Folder of our corpus.
    split
        A published split by name, or ours; the one most papers use where none is given.
    listen
        Where the corpus has no phones, align its words, or recognise some.
    """
    from utterface.lab.corpora.captured import import_captured

    made = import_captured(name, folder, output, split, listen, _report)
    _report(f"{output}: {len(made)} clips, {made.hours * 60:.1f} minutes, {len(made.speakers)} speakers")
    return 0


@corpus.command
def perform(
    folder: Path,
    /,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    takes: int = 4,
    cast: int = 48,
    seed: int = 0,
    validation: float = 0.0,
    identities: str = "",
) -> int:
    """Have every clip of a corpus performed by several people: the same voice, other brows, gaze, head and mood.

    utterface corpus perform recorded -o performed_recorded

    Stop it at any time; the same command resumes.

    Parameters
    ----------
    folder
        Corpus whose clips have phones.
    output
        Folder of the new corpus; it shares the sound by hard links where it lies on the same disk.
    takes
        Takes of every clip, each by another performer.
    cast
        Number of performers that train; validation and test have others, a sixth as many each.
    seed
        The same seed makes the same takes.
    validation
        Share of the training speakers that validate instead, one at least; synthetic speech has none that do.
    identities
        Neutral faces that say how a performer moves: geometric (lips that stand apart close by more) or planted (style
        follows from the face by a drawn matrix); a clip's emotion goes with its voice then. Default: none.
    """
    from utterface.lab.corpora.performed import perform as perform_corpus

    made = perform_corpus(folder, output, takes, cast, seed, _report, validation=validation, identities=identities)
    performers = len({clip.performer for clip in made})
    _report(f"{output}: {len(made)} clips, {made.hours:.2f} hours, {performers} performers")
    return 0


@corpus.command
def perform_text(
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    train: int = 4000,
    valid: int = 100,
    test: int = 500,
    seed: int = 0,
) -> int:
    """Make sentences whose words move the upper face: spoken by voices, performed by the rules of --expression words.

    utterface corpus perform-text -o performed_text

    A third of each class of words is said by test sentences alone. Stop it at any time; the same command resumes.

    Parameters
    ----------
    output
        Folder of the new corpus.
    train
        Training sentences.
    valid
        Validation sentences, by the voices of training.
    test
        Test sentences, by other voices, two takes each.
    seed
        The same seed makes the same sentences and takes.
    """
    from utterface.lab.corpora.performed_text import make_performed_text

    made = make_performed_text(output, {"train": train, "valid": valid, "test": test}, seed, _report)
    _report(f"{output}: {len(made)} clips, {made.hours:.2f} hours")
    return 0


@corpus.command
def show(folder: Path, /) -> int:
    """Show what a corpus holds: clips, hours, speakers, languages, labels.

    utterface corpus show recorded

    Parameters
    ----------
    folder
        The corpus.
    """
    from utterface.lab.corpora.manifest import read_corpus

    clips = read_corpus(folder)
    print(f"{len(clips)} clips, {clips.hours:.2f} hours, {len(clips.speakers)} speakers")
    for part in ("split", "labels", "language", "licence"):
        seconds: dict[str, float] = {}
        for clip in clips:
            seconds[getattr(clip, part)] = seconds.get(getattr(clip, part), 0.0) + clip.duration
        longest = sorted(seconds.items(), key=lambda item: -item[1])
        print(f"{part}: " + ", ".join(f"{name or '?'} {total / 60:.1f} min" for name, total in longest))
    return 0


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _report(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _silent(line: str) -> None:
    pass
