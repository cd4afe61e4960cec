"""`utterface live`: a voice as it is spoken, to programs that show faces."""

import sys
import time
import webbrowser
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from cyclopts import Parameter

from utterface import speech
from utterface.cli.animate import Flag, read_emotions
from utterface.cli.lines import printable
from utterface.cli.received import STDIN
from utterface.errors import AudioError, ConfigError
from utterface.files import replacing
from utterface.live import LiveSettings, LiveVoice, sources
from utterface.live.udp import Sender
from utterface.motion import Motion

_MICROPHONE_RATE = 48_000


@Parameter(name="*")
@dataclass(frozen=True)
class TargetOptions:
    """Where frames go.

    Parameters
    ----------
    to
        Where frames go: livelink (Unreal's Live Link Face, UDP 11111) or vmc (VSeeFace, Warudo, VMagicMirror, UDP
        39539), perhaps with :HOST or :HOST:PORT. May be given several times.
    names
        Names that vmc sends: vrm0 or vrm1 (five vowels and lids), or arkit (52, for models with Perfect Sync).
    subject
        Name that Unreal shows.
    """

    to: Annotated[tuple[str, ...], Parameter(negative="")] = ()
    names: Literal["vrm0", "vrm1", "arkit"] = "vrm0"
    subject: str = "utterface"

    @contextmanager
    def opened(self) -> Iterator[list[Sender]]:
        """A sender a target, closed at the end."""
        with ExitStack() as stack:
            yield [stack.enter_context(closing(Sender(target, self.subject, self.names))) for target in self.to]


@Parameter(name="*")
@dataclass(frozen=True)
class SourceOptions:
    """Sound as it comes.

    Parameters
    ----------
    microphone
        Part of the name of a microphone.
    list_microphones
        Print the names of microphones and stop.
    sample_rate
        Hz of raw PCM; 16000.
    encoding
        Of raw PCM, little-endian: s16 or f32.
    """

    microphone: str | None = None
    list_microphones: Flag = False
    sample_rate: float | None = None
    encoding: Literal["s16", "f32"] = "s16"


TARGETS, _SOURCE = TargetOptions(), SourceOptions()


def live(
    source: Path | None = None,
    /,
    *,
    targets: TargetOptions = TARGETS,
    sound: SourceOptions = _SOURCE,
    model: str = "phones-live",
    frame_rate: float = 60.0,
    strength: float = 1.0,
    emotion: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    life: str = "usual",
    seed: int | None = None,
    page: Path | None = None,
    quiet: Flag = False,
) -> None:
    """Show a voice as it speaks.

    Parameters
    ----------
    source
        A recording, sent at the speed at which it was spoken, or - for raw mono PCM on standard input; the microphone
        where nothing is given.
    model
        Live engine: phones-live, or animator.
    frame_rate
        Frames a second.
    strength
        How much the lips articulate, 0 to 2.
    emotion
        NAME or NAME:0..1. May be given several times. auto follows the voice, some two seconds behind it.
    life
        usual, calm, lively, none, or parts, as of animate.
    seed
        Of blinks, gaze and head motion; from the sound by default.
    page
        Write a web page that does it all by itself, with the microphone of the browser, open it, and stop.
    quiet
        Print nothing but errors.
    """
    if sound.list_microphones:
        found = sources.microphones()
        print("\n".join(printable(name) for name in found) or "no microphone was found")
        return
    if page is not None:
        _write_page(page, quiet)
        return
    if not targets.to:
        raise ConfigError("live needs a target; write --to livelink, --to vmc, or both")
    rate = _rate(source, sound.sample_rate)
    alive: bool | str = {"usual": True, "none": False}.get(life, life)
    settings = LiveSettings(model, rate, frame_rate, strength, read_emotions(emotion), alive, seed)
    with targets.opened() as senders:
        voice = LiveVoice(settings)
        with _opened(source, sound.microphone, rate, sound.encoding) as chunks:
            if not quiet:
                ahead = f"{voice.about.look_ahead:.2f} s behind the sound"
                print(f"to {', '.join(targets.to)}, {ahead}; stop with Ctrl-C", file=sys.stderr, flush=True)
            try:
                count, late = _run(voice, chunks, senders)
            except KeyboardInterrupt:
                for sender in senders:
                    sender.send(voice.interrupt())
                return
    if not quiet:
        print(f"{count} frames, {late:.3f} s behind at most beside the look-ahead", file=sys.stderr)


def _write_page(path: Path, quiet: bool) -> None:
    from utterface import rigs
    from utterface.pages import live as live_page

    if path.suffix.lower() not in (".html", ".htm"):
        raise ConfigError(f"the page is an .html file, got {printable(path.name)}; write --page live.html")
    with replacing(path) as part:
        live_page.write(part, rigs.head())
    if not quiet:
        print(printable(str(path)), file=sys.stderr)
        webbrowser.open(path.absolute().as_uri())


def _rate(source: Path | None, sample_rate: float | None) -> float:
    if source == STDIN:
        return sample_rate or float(speech.SAMPLE_RATE)
    if sample_rate is not None:
        raise ConfigError("--sample-rate is for raw PCM on standard input; files and microphones state their own")
    return float(_MICROPHONE_RATE if source is None else speech.SAMPLE_RATE)


def _opened(
    source: Path | None, microphone: str | None, rate: float, encoding: str
) -> AbstractContextManager[Iterable[np.ndarray]]:
    """A context of chunks."""
    if source is None:
        return sources.microphone(microphone, int(rate))
    if microphone is not None:
        raise ConfigError("a microphone and a recording were given; leave one out")
    if source == STDIN:
        return nullcontext(sources.from_stream(sys.stdin.buffer, rate, encoding))
    if not source.is_file():
        raise AudioError(f"{printable(str(source))} is not a file; leave the name out for the microphone")
    speech.duration(source)
    return nullcontext(sources.from_file(source))


def _run(voice: LiveVoice, chunks: Iterable[np.ndarray], senders: list[Sender]) -> tuple[int, float]:
    """(frames sent, seconds by which the latest was later than its sound and the look-ahead)."""
    count, late, begun = 0, 0.0, None
    ahead = voice.about.look_ahead or 0.0

    def send(motion: Motion) -> None:
        nonlocal count, late
        if not len(motion):
            return
        for sender in senders:
            sender.send(motion)
        count += len(motion)
        if begun is not None:
            late = max(late, time.monotonic() - begun - motion.times[-1] - ahead)

    for chunk in chunks:
        if begun is None:
            begun = time.monotonic() - len(chunk) / voice.settings.sample_rate
        send(voice.push(chunk))
    send(voice.flush())
    return count, late
