"""`utterface bench`: the benchmarks, one command each."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from utterface.cli.help import shown_default
from utterface.cli.progress import Progress
from utterface.cli.score import open_lips
from utterface.engines import DEFAULT_BUNDLE
from utterface.errors import ConfigError

Flag = Annotated[bool, Parameter(negative="")]
Output = Annotated[Path, Parameter(name=["--output", "-o"])]

app = App(
    name="bench",
    help="Benchmarks that anyone can rerun.",
    help_format="plaintext",
    default_parameter=Parameter(consume_multiple=True, negative_iterable="", show_default=shown_default),
)


@Parameter(name="*")
@dataclass(frozen=True)
class RecordingOptions:
    """Real recordings to measure on.

    Parameters
    ----------
    audio
        Folder of real recordings of speakers outside all training; the speaker is the first part of a file's name.
    text
        Their transcripts, a line a recording: file name, TAB, transcript.
    """

    audio: Path | None = None
    text: Path | None = None

    def paths(self) -> Any:
        """As studies take them; None where there are none."""
        from utterface.lab.studies.clips import Recordings

        if (self.audio is None) != (self.text is None):
            raise ConfigError("--audio and --text go together: recordings and a table of their transcripts")
        return Recordings(self.audio, self.text) if self.audio and self.text else None

    def required(self) -> tuple[Path, Path]:
        """Folder and transcripts.

        Raises:
            ConfigError: one of them is not given.
        """
        if self.audio is None or self.text is None:
            raise ConfigError("--audio and --text are required: recordings and a table of their transcripts")
        return self.audio, self.text


@Parameter(name="*")
@dataclass(frozen=True)
class LipOptions(RecordingOptions):
    """Real recordings on which lip closures are scored.

    Parameters
    ----------
    rig
        Lips to measure on: .npz with names and dpairs. Default: the built-in head.
    """

    rig: Path | None = None


NO_RECORDINGS = LipOptions()


@app.command
def animator(
    *,
    output: Output = Path("report"),
    recordings: LipOptions = NO_RECORDINGS,
    model: str = DEFAULT_BUNDLE,
    made: Path | None = None,
    seeds: int = 5,
    hours: float = 0.0,
    controls: Flag = False,
) -> int:
    """Measure an engine on real speech, in noise and by language, and its cost.

    utterface bench animator --audio clips/ --text clips/clips.tsv -o report/

    Parameters
    ----------
    output
        Folder for animator.json and animator.md.
    model
        Engine or model bundle, by name or folder.
    made
        A corpus of synthetic speech with exact phones, measured by language.
    seeds
        How often each kind of noise is drawn; 0 leaves noise out.
    hours
        Hours of streamed sound over which memory is measured.
    controls
        Also measure lip closures and how much shows at other strengths and with emotions.
    """
    from utterface.lab.studies.animator import bench, to_markdown
    from utterface.lab.studies.markdown import write_both

    audio, text = recordings.required()
    with Progress("bench animator") as progress:
        figures = bench(
            audio,
            text,
            open_lips(recordings.rig),
            model=model,
            made=made,
            seeds=seeds,
            hours=hours,
            controls=controls,
            report=progress,
        )
    write_both("animator", figures, to_markdown(figures), output)
    print(to_markdown(figures))
    return 0


@app.command
def representations(
    *,
    output: Output = Path("report"),
    recordings: RecordingOptions = NO_RECORDINGS,
    names: tuple[str, ...] = (),
    into: tuple[Path, ...] = (),
) -> int:
    """Measure what speech representations keep of sound, phones and voices.

    utterface bench representations --audio clips/ --text clips/clips.tsv -o report/

    Parameters
    ----------
    output
        Folder for representations.json and representations.md.
    names
        Representations, as docs/research/representations.md lists them. Default: all that ship, and MFCC.
        speaker:CHECKPOINT is a speaker encoder.
    into
        Pages, such as CARD.md, whose tables between the marks of measured ones are replaced; repeatable.
    """
    from utterface.lab.studies.markdown import put_into, write_both
    from utterface.lab.studies.representations import bench, default_names, gather, to_markdown

    audio, text = recordings.required()
    with Progress("bench representations") as progress:
        progress("aligning", None)
        figures = bench(list(names) or default_names(), gather(audio, text), progress)
    write_both("representations", figures, to_markdown(figures), output)
    for page in into:
        put_into(page, to_markdown(figures))
    print(to_markdown(figures))
    return 0


@app.command
def hearing(
    models: list[Path],
    /,
    *,
    vocoder: Path,
    corpus: list[Path],
    output: Output = Path("report"),
    split: str = "test",
    clips: int = 0,
    words: bool = True,
) -> int:
    """Measure how well speech comes back from faces: sound, units, words.

    utterface bench hearing RUN/mouth.safetensors RUN/weights.safetensors --vocoder RUN/vocoder.safetensors
        --corpus CORPUS -o report/

    Parameters
    ----------
    models
        Checkpoints of mesh_to_speech: of the mouth, the face or the weights.
    vocoder
        Checkpoint of vocoder.
    corpus
        Folder of clips; may be given several times.
    output
        Folder for hearing.json and hearing.md.
    split
        Of the corpora: speakers outside all training.
    clips
        Clips at most, evenly taken; 0 is all.
    words
        Count words with PocketSphinx too, which takes longest.
    """
    from utterface.lab.studies.markdown import write_both
    from utterface.lab.studies.mesh_to_speech import bench, gather, to_markdown

    with Progress("bench hearing") as progress:
        figures = bench(models, vocoder, gather(corpus, split, clips), words=words, report=progress)
    write_both("hearing", figures, to_markdown(figures), output)
    print(to_markdown(figures))
    return 0


def _add_studies() -> None:
    """A command a study, opened when it is called."""
    from utterface.lab.studies import STUDIES

    for name, entry in STUDIES.items():
        app.command(f"utterface.cli.studies:{name}", name=name, help=entry.help)


_add_studies()
