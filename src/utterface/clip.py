"""One take: motion, its sound, words and phones, and the engine that made it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from utterface import speech, timing
from utterface.motion import Motion
from utterface.phones import Span, inventory

if TYPE_CHECKING:
    from utterface.avatars.avatar import Avatar
    from utterface.rigs import Rig
    from utterface.video.encode import Look

LONGEST_CLOSURE = 0.35  # seconds; lips closed for longer rest
NEAR = 0.02  # seconds that a closure may miss its phone by


@dataclass(frozen=True)
class Clip:
    """What `animate` returns: motion on the clock of its sound, and its origin.

    Attributes:
        motion: the face over time; frame 0 shows the first sample.
        duration: length of the sound, seconds.
        text: the transcript, or the words of the recogniser.
        words: timed words, where the engine knows them.
        phones: timed phones, where the engine knows them.
        engine: which engine made the motion.
        recogniser: name of what recognised words or phones; empty where nothing did.
        sources: which recogniser gave the phones where, where several recognise: its name, start, end.
        audio: where the sound is: a file, or (N,) float32 samples at 16 kHz; None for motion without sound.
        emotions: name → intensity 0…1, as requested.
        emotions_heard: name → mean probability in the voice, the likeliest first, where emotion `auto` was requested.
        seed: of the life layer and of engines that sample.
        confidence: 0…1, how well the transcript fits the sound; None where the engine does not know.
        unspoken: start and end in seconds of each stretch of speech without words in the transcript.
        offset: seconds that the motion was moved later than the sound, on purpose.
        warnings: what went well and may not be what was meant, a line each; files do not keep them.
    """

    motion: Motion
    duration: float
    text: str = ""
    words: tuple[Span, ...] = ()
    phones: tuple[Span, ...] = ()
    engine: str = ""
    recogniser: str = ""
    sources: tuple[Span, ...] = ()
    audio: Path | np.ndarray | None = None
    emotions: Mapping[str, float] = field(default_factory=dict)
    emotions_heard: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    confidence: float | None = None
    unspoken: tuple[tuple[float, float], ...] = ()
    offset: float = 0.0
    warnings: tuple[str, ...] = ()

    @classmethod
    def from_motion(cls, motion: Motion, audio: str | PathLike[str] | np.ndarray | None = None) -> "Clip":
        """A clip around motion that came from elsewhere (a capture, a file), with its sound if there is one."""
        clip = cls(motion, duration=motion.start + motion.duration)
        return clip if audio is None else clip.with_audio(audio)

    def with_audio(self, audio: str | PathLike[str] | np.ndarray) -> "Clip":
        """The same motion with a sound, as long as the sound.

        Raises:
            AudioError: a file that cannot be read, samples as `speech.samples_of` refuses them.
        """
        if isinstance(audio, np.ndarray):
            audio = speech.samples_of(audio)
            return replace(self, audio=audio, duration=timing.seconds(len(audio)))
        return replace(self, audio=Path(audio), duration=speech.duration(Path(audio)))

    @property
    def name(self) -> str:
        """Short name for titles: the sound file's stem, bytes that are not UTF-8 as \\xNN; or `clip`."""
        stem = self.audio.stem if isinstance(self.audio, Path) else "clip"
        return stem.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")

    def closures(self) -> tuple[int, int]:
        """Closures for a sound, and the number of sounds that need one.

        With phones: the bilabials /p b m/ during which the lips are closed (± 20 ms), of all there are. Without: short
        closures, of an unknown number, 0.
        """
        closed = [(start - self.offset, end - self.offset) for start, end in self.motion.closures()]
        known = inventory()
        needed = [p for p in self.phones if p.label in known and known[p.label].is_bilabial]
        if not self.phones:
            return sum(end - start < LONGEST_CLOSURE for start, end in closed), 0
        starts = np.array([start for start, _ in closed])
        made = 0
        for phone in needed:
            at = int(np.searchsorted(starts, phone.end + NEAR, "right")) - 1  # the last closure that began by then
            made += at >= 0 and closed[at][1] >= phone.start - NEAR
        return made, len(needed)

    def save(
        self,
        *paths: str | PathLike[str],
        rig: "Rig | None" = None,
        avatar: "Avatar | None" = None,
        look: "Look | None" = None,
        progress: Callable[[str, float | None], None] | None = None,
    ) -> "Clip":
        """Write the clip, one file a path, in the format that the suffix names, or that stands before the path.

        Every path is checked before the first file is written, and each file is written whole or not at all.

        Args:
            paths: `face.html`, `face.glb` …, or `NAME:file` (`audio2face:face.json`), see `formats.FORMATS`.
            rig: the face in formats that show one; the built-in head where it is None.
            avatar: a face of the user's own (`avatars.avatar.Avatar.read`), in formats that hold one.
            look: size and background of videos.
            progress: told what is being written and how far it is, 0…1.

        Returns:
            The clip itself, so that calls chain.

        Raises:
            OutputError: a suffix or name without a format, or a place that cannot be written.
        """
        # By name: writers stand a floor above; they know clips, clips do not know them.
        import_module("utterface.formats").save(self, *paths, rig=rig, avatar=avatar, look=look, progress=progress)
        return self
