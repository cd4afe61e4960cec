"""The command line: a table of commands, each one short function in a module of its own, imported when it is called.

Messages for people go to standard error or out in one line; `UtterfaceError` and wrong options exit with 2.
"""

import os
import sys
import warnings
from collections.abc import Sequence
from difflib import get_close_matches
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from utterface import __version__
from utterface.cli.lines import printable
from utterface.errors import LAB_PACKAGES, MissingExtra, UtterfaceError, UtterfaceWarning

if TYPE_CHECKING:
    from cyclopts import App, CycloptsError

HELP = """Speech in, a talking 3D face out.

utterface animate line.wav                          a page that plays: line.html
utterface animate line.wav -o face.glb -o face.csv  several formats at once
utterface animate lines/ -o out/ -o .glb            a whole folder
utterface animate line.wav --text "What is said." --emotion joy:0.6 -o face.glb
utterface say "Hello! I am new here." -o hello.html
"""
ANIMATE = """Turn recordings into talking faces.

utterface animate line.wav
utterface animate line.wav -o face.glb -o face.csv --text line.txt --emotion joy
utterface animate lines/ -o out/ -o .glb -o .csv --text transcripts/
utterface animate line.wav --avatar me.glb -o talking.glb
"""
SAY = """Let a face say a text: speech and motion in one go.

utterface say "Hello! I am new here." -o hello.html
utterface say script.txt --voice flite:slt -o talk.glb -o talk.wav
cat lines.txt | utterface say - -o out/ -o .mp4
utterface say --voices
"""
ALIGN = """Find the times of words and phones: TextGrid, TSV, JSON, subtitles.

utterface align line.wav --text "What is said." -o line.TextGrid
utterface align lines/ --text transcripts/ -o out/ -o .tsv
"""
VIEW = """Open a page that plays, made from sound or motion.

utterface view hello.html
utterface view line.wav
utterface view take.csv --audio take.wav
utterface view line.wav --avatar me.glb
"""
INSPECT = """Show what an avatar of yours has and what will be driven.

utterface inspect me.glb
utterface inspect me.vrm --save me.toml
"""
MESH_TO_SPEECH = """Predict the sound of a face: motion in, sound out.

utterface mesh-to-speech face.npz -o voice.wav
utterface mesh-to-speech face.glb -o voice.wav --speaker me.wav
"""

SCORE = """Measure predicted lips on real speech, with 95 % intervals.

Definitions of the measures: docs/reference/conventions.md, "Lip measures".

utterface score face.csv --audio line.wav --text "What is said."
utterface score predictions/ --audio clips/ --text clips.tsv
utterface score ours/ --against theirs/ --audio clips/ --text clips.tsv
"""
SOLVE = """Turn moving vertices into blendshape weights, and back.

utterface solve motion.npy --rig me.glb -o face.csv
utterface solve flame.npz --flame generic_model.pkl --rig shapes.npz -o face.csv
utterface solve face.csv --to vertices -o motion.pc2
"""
SERVE = """Serve faces for voices that come in over WebSockets.

utterface serve
utterface serve --port 9000 --voices 40 --model animator
utterface serve --host 0.0.0.0 --token secret
"""
LIVE = """Show a voice as it speaks: microphone, file or standard input to Unreal, VSeeFace, Warudo.

utterface live --to livelink
utterface live line.wav --to vmc:192.168.0.20 --names arkit
some-voice --raw | utterface live - --sample-rate 24000 --to livelink --to vmc
utterface live --page live.html
utterface live --list-microphones
"""
DOCTOR = """Check the installation: versions, models, what is missing.

utterface doctor
utterface doctor --json
"""
TRAIN = """Train what a recipe describes; after a stop, the same command resumes.

utterface train recipes/animator.toml
utterface train recipes/animator.toml train.steps=100 train.folder=/tmp/try data.batch=8
"""
BUNDLE = """Pack a trained network as a model bundle, to run by --model FOLDER.

utterface bundle runs/animator/best.safetensors recipes/animator.toml -o mine
utterface animate line.wav --model mine/ -o face.html
"""

# name: (module:function, help; its first line stands in the list of commands)
COMMANDS = {
    "animate": ("utterface.cli.animate:animate", ANIMATE),
    "say": ("utterface.cli.say:say", SAY),
    "align": ("utterface.cli.align:align", ALIGN),
    "view": ("utterface.cli.view:view", VIEW),
    "inspect": ("utterface.cli.inspect:inspect", INSPECT),
    "score": ("utterface.cli.score:score", SCORE),
    "solve": ("utterface.cli.solve:solve", SOLVE),
    "serve": ("utterface.cli.serve:serve", SERVE),
    "live": ("utterface.cli.live:live", LIVE),
    "doctor": ("utterface.cli.doctor:doctor", DOCTOR),
}
# commands of the lab, present where `pip install 'utterface[lab]'` was run
LAB_COMMANDS: dict[str, tuple[str, str]] = {
    "corpus": ("utterface.cli.corpus:corpus", "Corpora to train on: speech with timed phones, synthetic or recorded."),
    "train": ("utterface.cli.train:train", TRAIN),
    "bundle": ("utterface.cli.bundle:bundle", BUNDLE),
    "mesh-to-speech": ("utterface.cli.mesh_to_speech:mesh_to_speech", MESH_TO_SPEECH),
    "bench": ("utterface.cli.bench:app", "Rerun a benchmark and write its report."),
}
# what other tools call an option: the option here
SYNONYMS = {
    **dict.fromkeys(("--fps", "--rate", "--framerate", "--frame_rate", "--fr"), "--frame-rate"),
    **dict.fromkeys(("--format", "--output-format", "--out", "--output_format", "--outfile", "--export"), "--output"),
    **dict.fromkeys(("--transcript", "--transcription", "--dialog", "--dialogFile", "--words"), "--text"),
    **dict.fromkeys(("--lang", "--locale"), "--language"),
    **dict.fromkeys(("--emotions", "--mood"), "--emotion"),
    **dict.fromkeys(("--engine", "--recognizer", "--recogniser", "--backend"), "--model"),
    **dict.fromkeys(("--silent", "-q"), "--quiet"),
}


def build() -> "App":
    """The application with every command in its place; nothing behind a command is imported yet."""
    from cyclopts import App, Parameter
    from rich.console import Console

    from utterface.cli.help import Paragraphs, shown_default

    class _Console(Console):
        def on_broken_pipe(self) -> None:  # Rich's own ends the process with 1
            raise BrokenPipeError

    app = App(
        name="utterface",
        console=_Console(),
        help=HELP,
        help_format="plaintext",
        help_formatter=Paragraphs(),
        default_parameter=Parameter(show_default=shown_default),
        version=__version__,
    )
    for group, table in (("Commands", COMMANDS), ("Research", LAB_COMMANDS)):
        for name, (target, line) in table.items():
            app.command(target, name=name, help=line, group=group)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code: 0 done, 2 a mistake that the message explains."""
    from cyclopts import CycloptsError

    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by the caller; a file opened next would take its place
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 - for the rest of the process
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # what an old code page lacks is no reason to stop
            stream.reconfigure(errors="replace")
    given = sys.argv[1:] if arguments is None else arguments
    words = ["./-" if word == "-" else word for word in given]  # standard input, which looks like an option
    try:
        with warnings.catch_warnings():
            _print_warnings()
            code = build()(words, exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()
    except CycloptsError as error:
        return _refuse(_hint(error) or " ".join(str(error).split()))
    except UtterfaceError as error:
        return _refuse(str(error))
    except ImportError as error:
        return _refuse(str(_missing(error)))
    except KeyboardInterrupt:
        return _refuse("stopped", 130)
    except OSError as error:
        return _failed(error)
    return code if isinstance(code, int) else 0


def _print_warnings() -> None:
    """Ours in one line like errors, each once; those of libraries as Python prints them."""
    usual = warnings.showwarning

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if issubclass(category, UtterfaceWarning):
            print(f"utterface: {message}", file=sys.stderr)
        else:
            usual(message, category, filename, lineno, file, line)

    warnings.showwarning = show


def _failed(error: OSError) -> int:
    """A name that is too long, a disk that is gone; or a reader that has seen enough, as `head` has."""
    if isinstance(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return _refuse(f"{error.filename}: {error.strerror}" if error.filename else str(error))


def _hint(error: "CycloptsError") -> str:
    """The option that is meant by a name from other tools; empty for other errors."""
    from cyclopts import UnknownOptionError

    if not isinstance(error, UnknownOptionError):
        return ""
    given = (error.token.keyword or error.token.value).partition("=")[0]
    options = {name for argument in error.argument_collection for name in argument.names if name.startswith("--")}
    known = {name: name for name in options} | {name: option for name, option in SYNONYMS.items() if option in options}
    near = get_close_matches(given, known, 1, 0.8)
    if given not in known and not near:
        return ""
    meant = known[given if given in known else near[0]]
    example = " (its suffix picks the format: -o face.glb)" if meant == "--output" else ""
    return f"unknown option {given}; did you mean {meant}?{example}"


def _refuse(message: str, code: int = 2) -> int:
    print(f"utterface: {printable(message)}", file=sys.stderr)
    return code


def _missing(error: ImportError) -> MissingExtra:
    """The extra to install where a lab package is absent; any other failed import is our bug and stays one."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ModuleNotFoundError) and (cause.name or "").split(".")[0] in LAB_PACKAGES:
            return MissingExtra(f"this command needs {cause.name}; run: pip install 'utterface[lab]'")
        cause = cause.__cause__
    raise error
