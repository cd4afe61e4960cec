"""Which clips are learned from and judged on: splits by speaker, the same for every cell.

The chosen clips become one corpus in the run's work folder, so that a run depends on nothing that may change meanwhile.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from utterface import score, speech, timing
from utterface.errors import ConfigError, CorpusError
from utterface.export.atomic import replacing
from utterface.lab.bench.tokens.grid import CLIPS, SPOKEN, Folder, Grid
from utterface.lab.corpora.made import make
from utterface.lab.corpora.manifest import About, Clip, Corpus, CorpusWriter, read_corpus

_SHORTEST = 1.0  # seconds of a test clip
_SHOWN = (2.5, 8.0)  # seconds of a sentence on the page


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


@dataclass(frozen=True)
class Material:
    """The clips of a run, of no speaker in two of the sets but `probed`, which holds `test`.

    Attributes:
        train, test: to learn from and to judge on.
        probed: of the same speakers as `test`, more of them.
        spoken: real recordings of other people, judged by their lips alone.
        sources: what came from where, a row a corpus and split.
    """

    train: tuple[Clip, ...]
    test: tuple[Clip, ...]
    probed: tuple[Clip, ...]
    spoken: tuple[Clip, ...]
    sources: tuple[Mapping[str, object], ...]

    @property
    def shown(self) -> tuple[Clip, ...]:
        """Sentences for the page: real recordings first, then one speaker after another, of a length to look at."""
        fitting = [c for c in (*self.spoken, *self.test) if _SHOWN[0] <= c.duration <= _SHOWN[1]]
        found: dict[tuple[bool, str], Clip] = {}
        for clip in fitting:
            found.setdefault((clip in self.spoken, clip.speaker), clip)
        real = [c for (is_real, _), c in found.items() if is_real]
        made = [c for (is_real, _), c in found.items() if not is_real]
        mixed = [c for pair in zip(real, made, strict=False) for c in pair]
        return tuple(dict.fromkeys([*mixed, *made, *real, *self.test]))


def gather(
    grid: Grid,
    corpora: Sequence[Path],
    spoken: Spoken | None,
    folder: Folder,
    voices: Path,
    processes: int = 1,
    report: Callable[[str], None] = lambda line: None,
) -> Material:
    """Choose the clips and bring them together in the work folder.

    Args:
        grid: how many, of which language.
        corpora: their folders; where none is named, voices are made to learn from and to judge on. Where those named
            hold fewer test clips than wanted, voices that nobody trained on are made to judge on.
        spoken: real recordings to judge on besides.
        folder: of the run.
        voices: folder in which made voices are kept for other runs.
        processes: that speak at once.
        report: told what is done.

    Raises:
        CorpusError: nothing to learn from.
    """
    read = [(path.name, read_corpus(path)) for path in corpora]
    if not read:
        read = [("made", _voices(grid, voices / "made", grid.hours, False, processes, report))]
    testable = _of(read, grid, "test")
    if sum(len(clips) for _, clips in testable) < grid.judged:
        read.append(("made_test", _voices(grid, voices / "made_test", grid.test_hours, True, processes, report)))
        testable = _of(read, grid, "test")
    learnable = _of(read, grid, "train")
    train = _shares(learnable, grid.clips)
    if not train:
        raise CorpusError(f"no clips in {grid.language!r} to learn from in {', '.join(str(c) for c in corpora)}")
    suited = [(n, [c for c in clips if _SHORTEST <= c.duration <= grid.longest]) for n, clips in testable]
    probed = _by_speaker(suited, grid.probed)
    test = _by_speaker(suited, grid.judged)
    shared = any(corpus.about.shared_speakers for _, corpus in read)
    kept = _bring([*train, *dict.fromkeys([*test, *probed])], folder.work / CLIPS, shared)
    sources = _sources(train, "train") + _sources(test, "test")
    real = _align(spoken, folder.work / SPOKEN, report) if spoken else ()
    if spoken:
        sources += _sources([(spoken.audio.name, c) for c in real], "test, lips only")
    return Material(
        tuple(kept[_id(n, c)] for n, c in train),
        tuple(kept[_id(n, c)] for n, c in test),
        tuple(kept[_id(n, c)] for n, c in dict.fromkeys([*test, *probed])),
        tuple(real),
        tuple(sources),
    )


Named = tuple[str, Clip]  # the corpus a clip comes from, and the clip


def _voices(grid: Grid, place: Path, hours: float, test: bool, processes: int, report: Callable[[str], None]) -> Corpus:
    report(f"making {hours * 60:.0f} minutes of {'test ' if test else ''}voices in {place}")
    return make(place, grid.engines, hours, 0, test, processes, report, grid.language)


def _of(read: Sequence[tuple[str, Corpus]], grid: Grid, split: str) -> list[tuple[str, list[Clip]]]:
    """The clips of a split and the grid's language, a corpus each."""
    return [
        (name, [c for c in corpus.split(split) if c.language.split("-")[0] == grid.language]) for name, corpus in read
    ]


def _shares(parts: Sequence[tuple[str, Sequence[Clip]]], most: int) -> list[Named]:
    """At most `most` clips, 0 being all; the smaller a corpus the more of it, evenly taken."""
    left = most or sum(len(clips) for _, clips in parts)
    chosen: list[Named] = []
    ordered = sorted((part for part in parts if part[1]), key=lambda part: len(part[1]))
    for number, (name, clips) in enumerate(ordered):
        count = min(len(clips), left // (len(ordered) - number))
        chosen += [(name, clips[i * len(clips) // count]) for i in range(count)]
        left -= count
    return chosen


def _by_speaker(parts: Sequence[tuple[str, Sequence[Clip]]], most: int) -> list[Named]:
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


def _id(name: str, clip: Clip) -> str:
    return f"{name}.{clip.id}"


def _bring(clips: Sequence[Named], place: Path, shared: bool) -> dict[str, Clip]:
    """Clips of many corpora as one, by their new names; those that are there already are left."""
    writer = CorpusWriter(place, About(shared_speakers=shared))
    for name, clip in clips:
        if _id(name, clip) not in writer:
            split = "train" if clip.split == "train" else "test"
            moved = replace(clip, id=_id(name, clip), split=split)
            writer.add(moved, clip.audio, clip.phones(), clip.motion(), clip.template(), clip.identity())
    wanted = {_id(name, clip) for name, clip in clips}
    extra = [c.id for c in writer if c.id not in wanted]
    if extra:
        raise ConfigError(f"{place} holds clips of another run ({extra[0]} …); choose another output folder")
    return {c.id: c for c in writer}


def _align(spoken: Spoken, place: Path, report: Callable[[str], None]) -> tuple[Clip, ...]:
    """Real recordings as a corpus of clips with aligned phones; what does not align is left out, once."""
    finished = place / "aligned.json"
    asked = json.dumps({k: str(v) for k, v in asdict(spoken).items()})
    if finished.is_file() and finished.read_text("utf-8") == asked:
        return read_corpus(place).clips
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
        about = Clip(clip.name, duration, speaker, text=clip.text, split="test", source=source, labels="aligned")
        ends = [replace(p, end=min(p.end, duration)) for p in phones if p.start < duration]  # frames of 10 ms overhang
        writer.add(about, samples, ends)
    if not len(writer):
        raise ConfigError(f"no recording in {spoken.audio} aligns with its transcript in {spoken.text}")
    with replacing(finished) as part:
        part.write_text(asked, "utf-8")
    return read_corpus(place).clips


def _sources(clips: Sequence[Named], split: str) -> list[Mapping[str, object]]:
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
