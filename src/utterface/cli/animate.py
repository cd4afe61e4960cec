"""`utterface animate`: recordings → talking faces, one or a batch."""

import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from utterface.cli.avatars import read_avatar, with_avatar
from utterface.cli.jobs import Job, passed_over, plan
from utterface.cli.lines import printable
from utterface.cli.progress import Progress
from utterface.cli.received import STDIN, received
from utterface.cli.summary import Result, about, facts, for_machines, for_people
from utterface.errors import ConfigError, UtterfaceError
from utterface.files import temporary_folder
from utterface.formats import check, choices, described, find

if TYPE_CHECKING:
    from utterface.avatars.avatar import Avatar
    from utterface.clip import Clip
    from utterface.engines import Engine
    from utterface.rigs.human.identity import Identity
    from utterface.video.encode import Look

Flag = Annotated[bool, Parameter(negative="")]
OUTPUT_HELP = (
    f"File to write; its suffix picks the format, or a name before it (-o csv:take.txt): {described()}. May be given "
    "several times. For a batch: a folder, and formats as bare suffixes (-o out/ -o .glb); .csv where none is named. "
    "Default for one recording: a page of its name in the current folder, e.g. line.html."
)


def animate(
    inputs: list[Path],
    /,
    *,
    output: Annotated[list[str] | None, Parameter(name=["--output", "-o"], negative="", help=OUTPUT_HELP)] = None,
    text: str | None = None,
    language: str = "en",
    frame_rate: float = 60.0,
    emotion: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    life: str = "on",
    expression: str = "off",
    mouth_only: Flag = False,
    strength: float = 1.0,
    offset_ms: float = 0.0,
    seed: int | None = None,
    samples: int = 1,
    face: str | None = None,
    hair: str | None = None,
    detail: Literal["high", "low"] = "high",
    model: str | None = None,
    listen: Literal["phones", "words", "animator"] | None = None,
    words_model: str | None = None,
    text_must_fit: Flag = False,
    allow_truncated: Flag = False,
    raw: str | None = None,
    avatar: Path | None = None,
    avatar_settings: Path | None = None,
    as_float: Annotated[bool, Parameter(name="--float", negative="")] = False,
    plain: Flag = False,
    add_shapes: Flag = False,
    size: str | None = None,
    background: str | None = None,
    renderer: str = "auto",
    recursive: Flag = False,
    quiet: Flag = False,
    json: Flag = False,
) -> int:
    """Turn recordings into talking faces.

    Parameters
    ----------
    inputs
        Recordings (WAV, FLAC, Ogg Vorbis, Opus, MP3; with the extra utterface[media] also MP4 and WebM), or folders of
        them; - is standard input.
    text
        What is said, or a file with it (plain text, SRT, WebVTT, ASS, LRC, SSML); for a batch a folder of such files,
        named like the recordings, or a table: name, TAB, transcript. Without it, --listen says how to recognise it.
    language
        Language spoken, as a code or name: en, de, es-MX, pt_BR, zh, German.
    frame_rate
        Frames a second: 24, 25, 30, 60 …
    emotion
        joy, anger, sadness, fear, disgust, surprise, contempt or neutral, with an intensity 0..1 after a colon
        (joy:0.6). May be given several times. auto, perhaps auto:0.6, shows what the voice sounds like, and nothing
        where that is unsure.
    life
        Blinks, gaze and all else that moves beside the mouth: on, off, calm, lively, or some parts of it
        (blink,gaze,brows,head,cheeks,breath,sides,emotion; lively,blink,head). Parts that the model moves, as thunder
        does, are left to it.
    expression
        words: brows, lids, cheeks, gaze and head follow what is said (a shake for "never", brows up for a question);
        words:0.5 half as much; or off. Words come from --text or the recogniser.
    mouth_only
        Move jaw, mouth and tongue only.
    strength
        How much the lips articulate; 1 is as measured.
    offset_ms
        Move the face against the sound; positive is later.
    seed
        Random seed of blinks, gaze and models that sample; the same seed gives the same take. Default: from the sound.
    samples
        Number of takes of a model that samples, with seeds from --seed on: face.1.html, face.2.html …
    face
        Face in files that show one: one of the people (mira, david, amara, kofi, yuki, ravi, elena, hans), or a .toml
        file, see docs/reference/faces.md.
    hair
        Hair in place of the face's own: none, stubble, cropped, short, bob, bun, curls.
    detail
        Vertices of the face: high, or low for games (6,000 and 3,000 of hair, 2.5 MB of .glb at most for ten seconds).
    model
        Engine to use: aligned (needs --text), phones, words, recogniser, or a model bundle by name or folder.
    listen
        What recognises speech where there is no transcript, or one that does not fit: phones (any language; the
        default), words (captions, and lips that follow them, at ten times the cost; extra utterface[words]) or
        animator (a network of ours alone, which knows no phones).
    words_model
        Model that recognises words: a folder with Whisper as faster-whisper or as ONNX, or a name that onnx-asr
        fetches from the hub, as nemo-parakeet-tdt-0.6b-v3. Default: Whisper tiny.en, English alone.
    text_must_fit
        Refuse a transcript that does not fit the sound; else the engine recognises speech then, with a warning.
    allow_truncated
        Animate what is there of a recording that is cut short.
    raw
        Inputs are raw samples: KIND@RATE, as in s16le@24000 (u8, s16le, s16be, s32le, s32be, f32le, f32be), with x2 for
        two channels.
    avatar
        Your own face, a .glb, .gltf or .vrm file: -o talking.glb is the same file, talking. See inspect.
    avatar_settings
        TOML file with its shapes, bones and gains, as inspect --save writes it.
    as_float
        Write the weights of an avatar as 32-bit floats, not as 16-bit fractions.
    add_shapes
        Give an avatar the shapes that it lacks, from the built-in head: by the bones of its face, its own vowels and
        blinks, or [landmarks] of --avatar-settings.
    plain
        Write the avatar's file without compression by meshopt or Draco, for Blender.
    size
        Pixels of a video, 720 or 1280x720. Default: 720.
    background
        Colour behind a video's face, #rrggbb, or transparent (.webm).
    renderer
        What draws a video: gl (OpenGL), numpy (the processor), or auto: OpenGL where there is a graphics processor.
    recursive
        Read folders inside folders too; they are mirrored below the output folder.
    quiet
        Print nothing but errors.
    json
        Print the summary as JSON.
    """
    from utterface.engines import find_engine
    from utterface.engines.animate import check_options
    from utterface.rigs.human.identity import identity_of
    from utterface.text.languages import code_of
    from utterface.video.encode import Look

    options: dict[str, Any] = {
        "frame_rate": frame_rate,
        "emotions": read_emotions(emotion),
        "life": life,
        "expression": expression,
        "strength": strength,
        "offset_ms": offset_ms,
    }
    check_options(**options)
    options |= {"language": code_of(language), "mouth_only": mouth_only}
    shown = (identity_of(face, hair), detail) if face or hair or detail != "high" else None
    options |= {"text_must_fit": text_must_fit, "allow_truncated": allow_truncated}
    if model and listen:
        raise ConfigError("--model says what recognises speech, too; leave --listen out")
    listen = listen or ("words" if words_model else "phones")
    if words_model and "words" not in (model, listen):
        raise ConfigError("--words-model is for --listen words; leave one of them out")
    options |= {"model": model, "listen": listen, "words_model": words_model}
    _check_samples(samples, find_engine(model, text is not None, listen))
    talkative = not (quiet or json)
    own = read_avatar(avatar, avatar_settings, as_float=as_float, plain=plain, add_shapes=add_shapes)
    with temporary_folder() if raw or STDIN in inputs else nullcontext(Path()) as folder:
        sounds = received(inputs, raw, folder)
        look = Look.of(size, background, renderer)
        plans = plan(sounds, output or [], text, choices(), alone=".html", batch=".csv", recursive=recursive)
        jobs = with_avatar([take for job in plans for take in job.takes(samples)], own, talkative)
        check(*(file for job in jobs for file in job.files), avatar=own)
        for note in passed_over(inputs) if talkative and not recursive else ():
            print(f"utterface: {printable(note)}", file=sys.stderr)
        results = []
        for job in jobs:
            results.append(_run(job, {**options, "seed": seed}, look, talkative, own, shown))
    failed = [result.sound.name for result in results if result.error]
    if json:
        print(for_machines(results))
    elif failed and len(results) > 1:
        made = len(results) - len(failed)
        print(f"utterface: {made} of {len(results)} made; not {printable(', '.join(failed))}", file=sys.stderr)
    return 2 if failed else 0


def _check_samples(count: int, engine: "Engine") -> None:
    """ConfigError for no take, and for several takes of an engine that does not sample."""
    if count < 1:
        raise ConfigError(f"--samples must be 1 or more, got {count}")
    if not engine.sampled and count > 1:
        same = f"the model {engine.name} does not sample: it gives the same take each time"
        raise ConfigError(f"{same}; leave --samples out")


def _run(
    job: Job,
    options: dict,
    look: "Look",
    talkative: bool,
    avatar: "Avatar | None" = None,
    shown: "tuple[Identity, str] | None" = None,
) -> Result:
    """Animate and save one take of a recording; an error is printed, and the other jobs go on."""
    from utterface import rigs, speech
    from utterface.engines.animate import animate as moved
    from utterface.engines.animate import sound_seed

    begun = time.perf_counter()
    with Progress(job.sound.name, talkative) as progress:
        try:
            length = speech.duration(job.sound, allow_truncated=options["allow_truncated"])
            check(*job.files, duration=length, avatar=avatar)
            if job.take:
                options["seed"] = job.take + (sound_seed(job.sound) if options["seed"] is None else options["seed"])
            words = job.text if isinstance(job.text, Path) else job.transcript(options["language"])
            clip = moved(job.sound, words, progress=progress, **options)
            progress("writing", None)
            kinds, files = zip(*(find(file) for file in job.files), strict=True)
            seen = shown if any(kind.shows_rig for kind in kinds) else None
            rig = seen and rigs.head(seen[0], detail=seen[1])
            clip.save(*job.files, rig=rig, avatar=avatar, look=look, progress=progress)
            result = Result(job.sound, files, facts(clip, time.perf_counter() - begun))
        except UtterfaceError as error:
            result = Result(job.sound, error=str(error))
    if result.error or talkative:
        print(for_people(result), file=sys.stderr if result.error else sys.stdout)
    for warning in _warnings(job, clip) if talkative and result.error is None else ():
        print(f"utterface: {about(job.sound, warning)}", file=sys.stderr)
    return result


def _warnings(job: Job, clip: "Clip") -> list[str]:
    """What went well and may not be what was meant."""
    if job.text is not None and not clip.phones and not clip.warnings:
        return [f"{clip.engine} recognises speech by itself, so --text moved nothing (--model aligned uses it)"]
    return list(clip.warnings)


def read_emotions(given: Sequence[str]) -> dict[str, float]:
    """`joy:0.6` → {"joy": 0.6}; a name alone is full intensity. ConfigError for anything else."""
    from utterface.articulation import EMOTIONS
    from utterface.engines.emotion import AUTO

    emotions = {}
    for item in given:
        name, _, amount = item.partition(":")
        try:
            emotions[name] = float(amount) if amount else 1.0
        except ValueError:
            raise ConfigError(f"--emotion takes NAME or NAME:0..1, got {item!r}") from None
        if name not in (*EMOTIONS, AUTO):
            message = f"no emotion is called {name!r}; there are {', '.join(EMOTIONS)} and {AUTO}"
            raise ConfigError(f"{message} (write --emotion joy:0.5, once for each)")
    return emotions
