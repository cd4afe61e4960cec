"""Sounds of a study whose corpora hold several faces for one recording.

A *sound* is one recording with every face that was made to it. A prediction for it is compared with all of them, and
intervals resample sounds: faces to the same sound are no independent clips.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from utterface.errors import ConfigError
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.studies.clips import Named, Part, by_speaker, name_in, of_length, shares

NamedSounds = list[list[Named]]  # of each sound its performances


@dataclass(frozen=True)
class Sound:
    """One recording: the clips of all its performances; the first stands for it."""

    performances: tuple[CorpusClip, ...]

    @property
    def clip(self) -> CorpusClip:
        return self.performances[0]


def to_train(parts: Sequence[Part], most: int, performances: int) -> list[Named]:
    """Clips of as many sounds of one corpus as of another as far as it has them, with some of their performances.

    Args:
        parts: clips by corpus.
        most: clips; 0 is all.
        performances: of a sound.
    """
    sounds = _by_sound(parts)
    chosen = shares(_firsts(sounds), most and max(1, most // performances))
    return [clip for one in chosen for clip in sounds[one][:performances]]


def to_test(parts: Sequence[Part], most: int, performances: int, longest: float) -> NamedSounds:
    """At most `most` sounds of at most `longest` seconds, one speaker after another, with a few performances each."""
    sounds = _by_sound(of_length(parts, longest))
    return [sounds[one][:performances] for one in by_speaker(_firsts(sounds), most)]


def of_named(sounds: NamedSounds, clips: Mapping[str, CorpusClip]) -> tuple[Sound, ...]:
    """Sounds by the clips of the study's corpus."""
    return tuple(Sound(tuple(clips[name_in(name, clip)] for name, clip in sound)) for sound in sounds)


def flat(sounds: Iterable[Sequence[Named]]) -> list[Named]:
    """All performances."""
    return [clip for sound in sounds for clip in sound]


def keep_apart(parts: Mapping[str, Sequence[Named]], shared: Collection[str]) -> None:
    """Refuse speakers and performers of one split in another, but in corpora that share them by their published split.

    Args:
        parts: split → clips.
        shared: names of those corpora.

    Raises:
        ConfigError: one is in two splits.
    """
    owner: dict[tuple[str, str], str] = {}
    for split, clips in parts.items():
        for name, clip in clips:
            if name in shared:
                continue
            for role, person in {("speaker", clip.speaker), ("performer", clip.performer)}:
                if person and owner.setdefault((role, person), split) != split:
                    raise ConfigError(
                        f"{role} {person} of {name} is in {owner[role, person]} and in {split}; speakers and "
                        "performers must be in one split only"
                    )


def _by_sound(parts: Sequence[Part]) -> dict[Named, list[Named]]:
    """The first clip of every sound → all that have it."""
    same: dict[str, list[Named]] = {}
    for name, clips in parts:
        for clip in clips:
            same.setdefault(hashlib.sha256(clip.audio.read_bytes()).hexdigest(), []).append((name, clip))
    return {clips[0]: clips for clips in same.values()}


def _firsts(sounds: Iterable[Named]) -> list[Part]:
    """First clips, by corpus."""
    queued: dict[str, list[CorpusClip]] = {}
    for name, clip in sounds:
        queued.setdefault(name, []).append(clip)
    return list(queued.items())
