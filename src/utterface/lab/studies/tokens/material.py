"""Which clips are learned from and judged on: splits by speaker, the same for every cell.

The chosen clips become one corpus in the run's work folder, so that a run depends on nothing that may change meanwhile.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from utterface.errors import CorpusError
from utterface.lab.corpora.manifest import Corpus, CorpusClip, read_corpus
from utterface.lab.corpora.synthetic import make
from utterface.lab.studies.clips import Spoken, align, bring, by_speaker, name_in, shares, sources_of, to_show
from utterface.lab.studies.tokens.grid import CLIPS, SPOKEN, Folder, Grid

_SHORTEST = 1.0  # seconds of a test clip


@dataclass(frozen=True)
class Material:
    """The clips of a run, of no speaker in two of the sets but `probed`, which holds `test`.

    Attributes:
        train, test: to learn from and to judge on.
        probed: of the same speakers as `test`, more of them.
        spoken: real recordings of other people, judged by their lips alone.
        sources: what came from where, a row a corpus and split.
    """

    train: tuple[CorpusClip, ...]
    test: tuple[CorpusClip, ...]
    probed: tuple[CorpusClip, ...]
    spoken: tuple[CorpusClip, ...]
    sources: tuple[Mapping[str, object], ...]

    @property
    def shown(self) -> tuple[CorpusClip, ...]:
        """Sentences for the page."""
        return to_show(self.spoken, self.test)


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
    train = shares(learnable, grid.clips)
    if not train:
        raise CorpusError(f"no clips in {grid.language!r} to learn from in {', '.join(str(c) for c in corpora)}")
    suited = [(n, [c for c in clips if _SHORTEST <= c.duration <= grid.longest]) for n, clips in testable]
    probed = by_speaker(suited, grid.probed)
    test = by_speaker(suited, grid.judged)
    shared = any(corpus.about.shared_speakers for _, corpus in read)
    kept = bring([*train, *dict.fromkeys([*test, *probed])], folder.work / CLIPS, shared)
    sources = sources_of(train, "train") + sources_of(test, "test")
    real = align(spoken, folder.work / SPOKEN, report) if spoken else ()
    if spoken:
        sources += sources_of([(spoken.audio.name, c) for c in real], "test, lips only")
    return Material(
        tuple(kept[name_in(n, c)] for n, c in train),
        tuple(kept[name_in(n, c)] for n, c in test),
        tuple(kept[name_in(n, c)] for n, c in dict.fromkeys([*test, *probed])),
        tuple(real),
        tuple(sources),
    )


def _voices(grid: Grid, place: Path, hours: float, test: bool, processes: int, report: Callable[[str], None]) -> Corpus:
    report(f"making {hours * 60:.0f} minutes of {'test ' if test else ''}voices in {place}")
    return make(place, grid.engines, hours, 0, test, processes, report, grid.language)


def _of(read: Sequence[tuple[str, Corpus]], grid: Grid, split: str) -> list[tuple[str, list[CorpusClip]]]:
    """The clips of a split and the grid's language, a corpus each."""
    return [
        (name, [c for c in corpus.split(split) if c.language.split("-")[0] == grid.language]) for name, corpus in read
    ]
