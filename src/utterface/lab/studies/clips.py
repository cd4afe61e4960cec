"""Clips of a study: chosen from corpora, copied into one corpus, real recordings aligned.

The chosen clips become one corpus in the study's work folder, so that nothing that changes meanwhile changes the study.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from utterface import score, speech, timing
from utterface.errors import ConfigError
from utterface.lab.corpora.manifest import Corpus, CorpusClip, CorpusInfo, read_corpus
from utterface.lab.corpora.writer import CorpusWriter
from utterface.lab.studies.report import Source
from utterface.lab.studies.store import Folder, write_text

FRAME_RATE = 30.0  # Hz, of all motion that studies compare
CLIPS, SPOKEN = "clips", "spoken"  # corpora in the work folder
SHORTEST = 1.0  # seconds of a test clip
_SHOWN = (2.5, 8.0)  # seconds of a sentence on the page
Named = tuple[str, CorpusClip]  # the corpus a clip comes from, and the clip
Part = tuple[str, Sequence[CorpusClip]]  # a corpus and clips of it


@dataclass(frozen=True)
class Recordings:
    """Real recordings on which lips are measured too, see `score.list_clips`: a folder and its transcripts."""

    audio: Path
    text: Path

    def __post_init__(self) -> None:
        for path in (self.audio, self.text):
            if not path.exists():
                raise ConfigError(f"there is no {path}; --audio and --text name recordings and their transcripts")


def to_show(spoken: Sequence[CorpusClip], corpus_clips: Sequence[CorpusClip]) -> tuple[CorpusClip, ...]:
    """Sentences for a page: real recordings and corpus clips in turn, speaker by speaker, of a fitting length."""
    first: dict[tuple[bool, str], CorpusClip] = {}
    for is_real, clips in ((True, spoken), (False, corpus_clips)):
        for clip in clips:
            if _SHOWN[0] <= clip.duration <= _SHOWN[1]:
                first.setdefault((is_real, clip.speaker), clip)
    real = [c for (is_real, _), c in first.items() if is_real]
    others = [c for (is_real, _), c in first.items() if not is_real]
    mixed = [c for pair in zip(real, others, strict=False) for c in pair]
    return tuple(dict.fromkeys([*mixed, *others, *real, *corpus_clips]))


def of_split(corpora: Sequence[tuple[str, Corpus]], split: str, language: str) -> list[tuple[str, list[CorpusClip]]]:
    """The clips of a split and a language, by corpus."""
    return [
        (name, [c for c in corpus.split(split) if c.language.split("-")[0] == language]) for name, corpus in corpora
    ]


def of_length(parts: Sequence[Part], longest: float) -> list[tuple[str, list[CorpusClip]]]:
    """Clips of a length to test on."""
    return [(name, [c for c in clips if SHORTEST <= c.duration <= longest]) for name, clips in parts]


def shares(parts: Sequence[Part], most: int) -> list[Named]:
    """At most `most` clips, 0 being all; the smaller a corpus the more of it, evenly taken."""
    left = most or sum(len(clips) for _, clips in parts)
    chosen: list[Named] = []
    ordered = sorted((part for part in parts if part[1]), key=lambda part: len(part[1]))
    for number, (name, clips) in enumerate(ordered):
        count = min(len(clips), left // (len(ordered) - number))
        chosen += [(name, clips[i * len(clips) // count]) for i in range(count)]
        left -= count
    return chosen


def by_speaker(parts: Sequence[Part], most: int) -> list[Named]:
    """At most `most` clips, one of each speaker in turn."""
    queues: dict[tuple[str, str], list[Named]] = {}
    for name, clips in parts:
        for clip in clips:
            queues.setdefault((name, clip.speaker), []).append((name, clip))
    chosen: list[Named] = []
    while len(chosen) < most and any(queues.values()):
        for queue in queues.values():
            if queue and len(chosen) < most:
                chosen.append(queue.pop(0))
    return chosen


def name_in(name: str, clip: CorpusClip) -> str:
    """The id of a corpus's clip in the study's corpus."""
    return f"{name}.{clip.id}"


def bring(clips: Sequence[Named], folder: Folder, shared: bool) -> dict[str, CorpusClip]:
    """Clips of many corpora as one, by their new ids; those that are there already are left.

    Raises:
        ConfigError: the folder holds clips of another run.
    """
    place = folder.work / CLIPS
    writer = CorpusWriter(place, CorpusInfo(shared_speakers=shared))
    for name, clip in clips:
        if name_in(name, clip) not in writer:
            moved = replace(clip, id=name_in(name, clip))
            writer.add(moved, clip.audio, clip.phones(), clip.motion(), clip.template(), clip.identity())
    wanted = {name_in(name, clip) for name, clip in clips}
    extra = [c.id for c in writer if c.id not in wanted]
    if extra:
        raise ConfigError(f"{place} holds clips of another run ({extra[0]} …); choose another output folder")
    return {c.id: c for c in writer}


def align(recordings: Recordings | None, folder: Folder, tell: Callable[[str], None]) -> tuple[CorpusClip, ...]:
    """Real recordings as a corpus of clips with aligned phones, aligned once; those that do not align are left out.

    Raises:
        ConfigError: nothing aligns, or the folder holds other recordings.
    """
    if recordings is None:
        return ()
    place = folder.work / SPOKEN
    finished, begun = place / "aligned.json", folder.work / f"{SPOKEN}.json"
    settings = json.dumps({k: str(v) for k, v in asdict(recordings).items()})
    for path in (finished, begun):
        if path.is_file() and path.read_text("utf-8") != settings:
            raise ConfigError(f"{place} holds other recordings; choose another output folder")
    if finished.is_file():
        return read_corpus(place).clips
    write_text(begun, settings)
    writer = CorpusWriter(place)
    for clip in score.list_clips(recordings.audio, recordings.text):
        if clip.name in writer:
            continue
        tell(f"aligning {clip.name}")
        samples = speech.read(clip.audio).samples
        phones = score.phones_of(samples, clip.text, strict=False)
        if phones is None:
            tell(f"left out, its transcript does not align: {clip.name}")
            continue
        duration = timing.seconds(len(samples))
        speaker, source = clip.name.split("-")[0], recordings.audio.name
        about = CorpusClip(clip.name, duration, speaker, text=clip.text, split="test", source=source, labels="aligned")
        ends = [replace(p, end=min(p.end, duration)) for p in phones if p.start < duration]  # frames of 10 ms overhang
        writer.add(about, samples, ends)
    if not len(writer):
        raise ConfigError(f"no recording in {recordings.audio} aligns with its transcript in {recordings.text}")
    write_text(finished, settings)
    return read_corpus(place).clips


def sources_of(clips: Sequence[Named], split: str) -> list[Source]:
    """What each corpus gives."""
    sources = []
    for name in dict.fromkeys(name for name, _ in clips):
        own = [clip for other, clip in clips if other == name]
        with_motion = sum(clip.motion() is not None for clip in own)
        faces = "captured" if with_motion == len(own) else "captured, articulatory" if with_motion else "articulatory"
        if any(clip.performer for clip in own):
            faces = "performed"
        labels = ", ".join(sorted({c.labels for c in own}))
        minutes, speakers = sum(c.duration for c in own) / 60, len({c.speaker for c in own})
        sources.append(Source(name, split, len(own), minutes, speakers, labels, faces))
    return sources


def source_of(recordings: Recordings | None, clips: Sequence[CorpusClip]) -> list[Source]:
    """What real recordings give."""
    if recordings is None:
        return []
    return [replace(s, faces="–") for s in sources_of([(recordings.audio.name, c) for c in clips], "test, lips only")]


def provenance(corpus: Corpus) -> str:
    """A corpus and its licences, for the provenance of a bundle."""
    licences = sorted({clip.licence or "licence not stated" for clip in corpus if clip.split == "train"})
    return f"{corpus.folder.name}: {'; '.join(licences)}"
