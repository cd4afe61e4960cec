"""Clips for a benchmark: chosen from corpora, brought together as one, real recordings aligned.

The chosen clips become one corpus in the run's work folder, so that a run depends on nothing that may change meanwhile.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from utterface import score, speech, timing
from utterface.errors import ConfigError
from utterface.files import replacing
from utterface.lab.corpora.manifest import Corpus, CorpusClip, CorpusInfo, CorpusWriter, read_corpus

FRAME_RATE = 30.0  # Hz, of all motion that studies compare
_SHOWN = (2.5, 8.0)  # seconds of a sentence on the page
Named = tuple[str, CorpusClip]  # the corpus a clip comes from, and the clip


@dataclass(frozen=True)
class Spoken:
    """Real recordings to judge lips on, which no corpus holds: see `score.list_clips`.

    Attributes:
        audio, text: recordings and their transcripts.
        strict, lexicon: how they are aligned, see `score.phones_of`.
    """

    audio: Path
    text: Path
    strict: bool = False
    lexicon: Path | None = None

    def __post_init__(self) -> None:
        for path in (self.audio, self.text, self.lexicon):
            if path is not None and not path.exists():
                raise ConfigError(f"there is no {path}; name recordings, a table of their transcripts, a lexicon")


def to_show(spoken: Sequence[CorpusClip], made: Sequence[CorpusClip]) -> tuple[CorpusClip, ...]:
    """Sentences for a page: real recordings first, then one speaker after another, of a length to look at."""
    found: dict[tuple[bool, str], CorpusClip] = {}
    for is_real, clips in ((True, spoken), (False, made)):
        for clip in clips:
            if _SHOWN[0] <= clip.duration <= _SHOWN[1]:
                found.setdefault((is_real, clip.speaker), clip)
    real = [c for (is_real, _), c in found.items() if is_real]
    others = [c for (is_real, _), c in found.items() if not is_real]
    mixed = [c for pair in zip(real, others, strict=False) for c in pair]
    return tuple(dict.fromkeys([*mixed, *others, *real, *made]))


def shares(parts: Sequence[tuple[str, Sequence[CorpusClip]]], most: int) -> list[Named]:
    """At most `most` clips, 0 being all; the smaller a corpus the more of it, evenly taken."""
    left = most or sum(len(clips) for _, clips in parts)
    chosen: list[Named] = []
    ordered = sorted((part for part in parts if part[1]), key=lambda part: len(part[1]))
    for number, (name, clips) in enumerate(ordered):
        count = min(len(clips), left // (len(ordered) - number))
        chosen += [(name, clips[i * len(clips) // count]) for i in range(count)]
        left -= count
    return chosen


def by_speaker(parts: Sequence[tuple[str, Sequence[CorpusClip]]], most: int) -> list[Named]:
    """At most `most` clips, one of every speaker after another's."""
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
    """What a clip of a corpus is called among those of others."""
    return f"{name}.{clip.id}"


def bring(clips: Sequence[Named], place: Path, shared: bool) -> dict[str, CorpusClip]:
    """Clips of many corpora as one, by their new names; those that are there already are left."""
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


def align(spoken: Spoken, place: Path, report: Callable[[str], None]) -> tuple[CorpusClip, ...]:
    """Real recordings as a corpus of clips with aligned phones; what does not align is left out, once.

    Raises:
        ConfigError: nothing aligns, or the place holds others, or these aligned in another way.
    """
    finished = place / "aligned.json"
    asked = json.dumps({k: str(v) for k, v in asdict(spoken).items()})
    begun = place.with_name(f"{place.name}.json")
    for told in (finished, begun):
        if told.is_file() and told.read_text("utf-8") != asked:
            raise ConfigError(f"{place} holds recordings aligned otherwise; choose another output folder")
    if finished.is_file():
        return read_corpus(place).clips
    begun.parent.mkdir(parents=True, exist_ok=True)
    with replacing(begun) as part:
        part.write_text(asked, "utf-8")
    writer = CorpusWriter(place)
    for clip in score.list_clips(spoken.audio, spoken.text):
        if clip.name in writer:
            continue
        report(f"aligning {clip.name}")
        samples = speech.read(clip.audio).samples
        phones = score.phones_of(samples, clip.text, strict=spoken.strict, lexicon=spoken.lexicon)
        if phones is None:
            report(f"left out, its transcript does not align: {clip.name}")
            continue
        duration = timing.seconds(len(samples))
        speaker, source = clip.name.split("-")[0], spoken.audio.name
        about = CorpusClip(clip.name, duration, speaker, text=clip.text, split="test", source=source, labels="aligned")
        ends = [replace(p, end=min(p.end, duration)) for p in phones if p.start < duration]  # frames of 10 ms overhang
        writer.add(about, samples, ends)
    if not len(writer):
        raise ConfigError(f"no recording in {spoken.audio} aligns with its transcript in {spoken.text}")
    with replacing(finished) as part:
        part.write_text(asked, "utf-8")
    return read_corpus(place).clips


def sources_of(clips: Sequence[Named], split: str) -> list[Mapping[str, object]]:
    """A row a corpus: how much it gives, and what its faces are."""
    rows: list[Mapping[str, object]] = []
    for name in dict.fromkeys(name for name, _ in clips):
        mine = [clip for other, clip in clips if other == name]
        captured = sum(clip.motion() is not None for clip in mine)
        rows.append(
            {
                "corpus": name,
                "split": split,
                "clips": len(mine),
                "minutes": sum(c.duration for c in mine) / 60,
                "speakers": len({c.speaker for c in mine}),
                "phones": ", ".join(sorted({c.labels for c in mine})),
                "faces": "captured" if captured == len(mine) else "articulatory" if not captured else "both",
            }
        )
    return rows


def whence(corpus: Corpus) -> str:
    """A corpus and its licences, for the provenance of a bundle."""
    licences = sorted({clip.licence or "licence not told" for clip in corpus if clip.split == "train"})
    return f"{corpus.folder.name}: {'; '.join(licences)}"
