"""Clips of the study: splits by speaker, the same for every run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from utterface.errors import CorpusError
from utterface.lab.corpora.manifest import Corpus, CorpusClip, read_corpus
from utterface.lab.corpora.synthetic import make
from utterface.lab.studies.clips import (
    Recordings,
    align,
    bring,
    name_in,
    of_split,
    shares,
    source_of,
    sources_of,
    to_show,
)
from utterface.lab.studies.report import Source
from utterface.lab.studies.sounds import flat, to_test
from utterface.lab.studies.store import Folder
from utterface.lab.studies.tokens.sizes import TokensSize


@dataclass(frozen=True)
class TokensMaterial:
    """The clips of a study; a speaker is in one set only, but `probed` holds `test`.

    Attributes:
        train, test: to train and to measure on; of a sound with several performances one is in `test`.
        probed: of the same speakers as `test`, more of them.
        spoken: real recordings of other people, on which lips alone are measured.
        sources: of the clips.
    """

    train: tuple[CorpusClip, ...]
    test: tuple[CorpusClip, ...]
    probed: tuple[CorpusClip, ...]
    spoken: tuple[CorpusClip, ...]
    sources: tuple[Source, ...]

    @property
    def shown(self) -> tuple[CorpusClip, ...]:
        """Sentences for the page."""
        return to_show(self.spoken, self.test)


def gather(
    size: TokensSize,
    corpora: Sequence[Path],
    recordings: Recordings | None,
    folder: Folder,
    voices: Path,
    processes: int = 1,
    tell: Callable[[str], None] = lambda line: None,
) -> TokensMaterial:
    """Choose the clips and copy them into the work folder.

    Args:
        size: how many, of which language.
        corpora: their folders; without any, synthetic speech is made for training and test. Where they hold fewer test
            clips than wanted, more is made by voices that no training clip has.
        recordings: real recordings to measure on too.
        folder: of the study.
        voices: folder in which synthetic speech is kept for other studies.
        processes: of speech synthesis at once.
        tell: receives what is done.

    Raises:
        CorpusError: no training clips.
    """
    read = [(path.name, read_corpus(path)) for path in corpora]
    if not read:
        read = [("made", _synthetic(size, voices / "made", size.hours, False, processes, tell))]
    testable = of_split(read, "test", size.language)
    if sum(len(clips) for _, clips in testable) < size.judged:
        read.append(("made_test", _synthetic(size, voices / "made_test", size.test_hours, True, processes, tell)))
        testable = of_split(read, "test", size.language)
    train = shares(of_split(read, "train", size.language), size.clips)
    if not train:
        raise CorpusError(f"no training clips in {size.language!r} in {', '.join(str(c) for c in corpora)}")
    test, probed = (flat(to_test(testable, most, 1, size.longest)) for most in (size.judged, size.probed))
    probed = list(dict.fromkeys([*test, *probed]))
    clips = bring([*train, *probed], folder, any(corpus.about.shared_speakers for _, corpus in read))
    spoken = align(recordings, folder, tell)
    sources = [*sources_of(train, "train"), *sources_of(test, "test"), *source_of(recordings, spoken)]
    trained, tested, all_tested = (tuple(clips[name_in(n, c)] for n, c in part) for part in (train, test, probed))
    return TokensMaterial(trained, tested, all_tested, spoken, tuple(sources))


def _synthetic(
    size: TokensSize, place: Path, hours: float, test: bool, processes: int, tell: Callable[[str], None]
) -> Corpus:
    tell(f"making {hours * 60:.0f} minutes of synthetic {'test ' if test else ''}speech in {place}")
    return make(place, size.engines, hours, 0, test, processes, tell, size.language)
