"""`utterface bench`: the benchmarks, one command each."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from utterface.cli.progress import Progress
from utterface.cli.score import open_lips
from utterface.engines import DEFAULT_BUNDLE
from utterface.errors import ConfigError

Flag = Annotated[bool, Parameter(negative="")]
Output = Annotated[Path, Parameter(name=["--output", "-o"])]
Several = Annotated[list[Path] | None, Parameter(consume_multiple=True)]

app = App(name="bench", help="Benchmarks that anyone can rerun.", help_format="plaintext")


@Parameter(name="*")
@dataclass(frozen=True)
class Recordings:
    """Real recordings, by whose phones lips are judged besides.

    Parameters
    ----------
    audio
        Folder of real recordings, by whose phones lips are judged besides.
    text
        Their transcripts, a line a recording: file name, TAB, transcript.
    rig
        Lips that real recordings are judged on: .npz with names and dpairs; the built-in head where none is given.
    strict
        Align as published anchors were aligned: whole files, dictionary words only.
    lexicon
        With --strict: words outside the dictionary, a line each: word TAB ARPAbet phones.
    """

    audio: Path | None = None
    text: Path | None = None
    rig: Path | None = None
    strict: Flag = False
    lexicon: Path | None = None

    def spoken(self) -> Any:
        """As the lab takes them; None where there are none."""
        from utterface.lab.studies.clips import Spoken

        if (self.audio is None) != (self.text is None):
            raise ConfigError("--audio and --text go together: recordings and a table of their transcripts")
        return Spoken(self.audio, self.text, self.strict, self.lexicon) if self.audio and self.text else None


NO_RECORDINGS = Recordings()


@app.command
def animator(
    *,
    audio: Path,
    text: Path,
    output: Output = Path("report"),
    model: str = DEFAULT_BUNDLE,
    rig: Path | None = None,
    strict: Flag = False,
    lexicon: Path | None = None,
    made: Path | None = None,
    seeds: int = 5,
    hours: float = 0.0,
    controls: Flag = False,
) -> int:
    """Judge an engine on real speech, under noise and by language, and measure what it costs.

    utterface bench animator --audio clips/ --text clips/clips.tsv -o report/

    Parameters
    ----------
    audio
        Folder of recordings.
    text
        Their transcripts, a line a recording: file name, TAB, transcript.
    output
        Folder for animator.json and animator.md.
    model
        Engine or model bundle, by name or folder.
    rig
        Lips to measure on: .npz with names and dpairs; the built-in head where none is given.
    strict
        Align as published anchors were aligned: whole files, dictionary words only.
    lexicon
        With --strict: words outside the dictionary, a line each: word TAB ARPAbet phones.
    made
        A corpus of made voices with exact phones, judged by language.
    seeds
        How often each kind of noise is drawn; 0 leaves noise out.
    hours
        Watch the memory over this much streamed sound.
    controls
        Ask for strength and moods too, and see whether lips still close and how much shows.
    """
    from utterface.lab.studies.animator import bench
    from utterface.lab.studies.report import to_markdown, write_report

    with Progress("bench animator") as progress:
        found = bench(
            audio,
            text,
            open_lips(rig),
            model=model,
            strict=strict,
            lexicon=lexicon,
            made=made,
            seeds=seeds,
            hours=hours,
            controls=controls,
            report=progress,
        )
    write_report(found, output)
    print(to_markdown(found))
    return 0


@app.command
def representations(
    *,
    audio: Path,
    text: Path,
    output: Output = Path("report"),
    names: Annotated[list[str] | None, Parameter(consume_multiple=True)] = None,
    into: list[Path] | None = None,
    strict: Flag = False,
    lexicon: Path | None = None,
) -> int:
    """Say what speech representations keep and hold: sound that comes back, phones, voices.

    utterface bench representations --audio clips/ --text clips/clips.tsv -o report/

    Parameters
    ----------
    audio
        Folder of recordings of speakers that none of them heard; who speaks is the first part of a file's name.
    text
        Their transcripts, a line a recording: file name, TAB, transcript.
    output
        Folder for representations.json and representations.md.
    names
        Representations, as docs/research/representations.md lists them; all that ship and MFCC where none is given.
        speaker:CHECKPOINT is a speaker encoder.
    into
        Pages, such as CARD.md, whose tables between the marks of measured ones are replaced; repeatable.
    strict
        Align as published anchors were aligned: whole files, dictionary words only.
    lexicon
        With --strict: words outside the dictionary, a line each: word TAB ARPAbet phones.
    """
    from utterface.lab.studies.report import put_into, write_both
    from utterface.lab.studies.representations import bench, default_names, gather, to_markdown

    with Progress("bench representations") as progress:
        progress("aligning", None)
        found = bench(names or default_names(), gather(audio, text, strict, lexicon), progress)
    write_both("representations", found, to_markdown(found), output)
    for page in into or ():
        put_into(page, to_markdown(found))
    print(to_markdown(found))
    return 0


@app.command
def tokens(
    *,
    size: str = "small",
    output: Output = Path("report"),
    corpora: Several = None,
    representations: Annotated[list[str] | None, Parameter(consume_multiple=True)] = None,
    seeds: int = 0,
    recordings: Recordings = NO_RECORDINGS,
    processes: int = 2,
) -> int:
    """From Tokens to Faces: train and judge every representation with every decoder, and write one report.

    utterface bench tokens --size small -o report/
    utterface bench tokens --size tiny -o /tmp/report --representations mel mfcc-units
    utterface bench tokens -o report/ --corpora corpora/vocaset --audio clips/ --text clips/clips.tsv

    Stop it at any time; the same command goes on where it stopped.

    Parameters
    ----------
    size
        tiny (a test), small (sized for an hour of two CPU cores) or full (one GPU, the paper's sizes).
    output
        Folder for tokens.json, tokens.md, tokens.html and winner.toml; its work/ may be thrown away afterwards.
    corpora
        Folders of corpora to learn from and be judged on; voices are made where none is given.
    representations
        Some of the size's, by key, or others as NAME or KEY=NAME, as docs/research/representations.md lists them.
    seeds
        Runs a cell; 0 is what the size says.
    processes
        Cells at once, a thread each.
    """
    from dataclasses import replace

    from utterface.lab.studies.tokens.benchmark import bench
    from utterface.lab.studies.tokens.grid import size as grid_of
    from utterface.lab.studies.tokens.run import Asked

    grid = grid_of(size)
    asked = Asked(
        replace(grid, seeds=seeds or grid.seeds),
        tuple(corpora or ()),
        tuple(representations or ()),
        recordings.spoken(),
        recordings.rig,
        processes,
    )
    return _run("tokens", output / "tokens.html", lambda progress, tell: bench(asked, output, progress, tell))


@app.command
def thunder(
    *,
    corpora: Annotated[list[Path], Parameter(consume_multiple=True)],
    size: str = "small",
    output: Output = Path("report"),
    listener: Several = None,
    units: str = "",
    seeds: int = 0,
    recordings: Recordings = NO_RECORDINGS,
    processes: int = 2,
) -> int:
    """THUNDER: train listeners and heads, with and without being listened to, and write one report.

    utterface bench thunder --size small --corpora CORPUS … --audio clips/ --text clips/clips.tsv -o report/
    utterface bench thunder --corpora CORPUS --listener mouth.safetensors vocoder.safetensors -o report/

    Stop it at any time; the same command goes on where it stopped, and makes anew only what hangs on what has changed.

    Parameters
    ----------
    corpora
        Folders of corpora with faces: performed ones (utterface corpus perform) or captured ones.
    size
        tiny (a test), small (planned for two hours of two CPU cores) or full (one GPU, the paper's sizes).
    output
        Folder for report.json, report.md, report.html and winner.toml; its work/ may be thrown away afterwards.
    listener
        Checkpoints of mesh_to_speech, by whatever they look at, and of a vocoder, which then need no training.
    units
        What listeners tell, as docs/research/representations.md names it; by default what the size says.
    seeds
        Runs of the rows that claims rest on; 0 is what the size says.
    processes
        Cells at once, a thread each.
    """
    from dataclasses import replace

    from utterface.lab.studies.thunder.benchmark import bench
    from utterface.lab.studies.thunder.grid import size as grid_of
    from utterface.lab.studies.thunder.run import Asked

    grid = grid_of(size)
    grid = replace(grid, seeds=seeds or grid.seeds)
    if units:
        grid = replace(grid, units=units, clusters=0)
    asked = Asked(grid, tuple(corpora), tuple(listener or ()), recordings.spoken(), recordings.rig, processes)
    return _run("thunder", output / "report.html", lambda progress, tell: bench(asked, output, progress, tell))


def _run(name: str, page: Path, bench: Callable[[Progress, Callable[[str], None]], dict[str, Any]]) -> int:
    """Run a grid, tell its verdicts and where its page lies; 1 where something failed."""
    from utterface.lab.studies.verdicts import claims

    with Progress(f"bench {name}") as progress:
        found = bench(progress, lambda line: print(line, file=sys.stderr, flush=True))
    if "claims" in found:
        print(claims(found))
    print(f"wrote {page}")
    return 1 if found["failed"] else 0


@app.command
def hearing(
    listeners: list[Path],
    /,
    *,
    vocoder: Path,
    corpus: list[Path],
    output: Output = Path("report"),
    split: str = "test",
    clips: int = 0,
    words: bool = True,
) -> int:
    """Say how much of what is said can be heard from a face: sounds, units, words.

    utterface bench hearing RUN/mouth.safetensors RUN/weights.safetensors --vocoder RUN/vocoder.safetensors
        --corpus CORPUS -o report/

    Parameters
    ----------
    listeners
        Checkpoints of mesh_to_speech, which look at the mouth, the face or the weights.
    vocoder
        Checkpoint of vocoder.
    corpus
        Folder of clips; may be given several times.
    output
        Folder for hearing.json and hearing.md.
    split
        Of the corpora: speakers that none of them heard.
    clips
        Judge at most so many, evenly taken; 0 is all.
    words
        Let PocketSphinx listen too, which takes longest.
    """
    from utterface.lab.studies.hearing import bench, gather, to_markdown
    from utterface.lab.studies.report import write_both

    with Progress("bench hearing") as progress:
        found = bench(listeners, vocoder, gather(corpus, split, clips), words=words, report=progress)
    write_both("hearing", found, to_markdown(found), output)
    print(to_markdown(found))
    return 0
