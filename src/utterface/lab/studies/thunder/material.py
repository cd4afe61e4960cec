"""Clips of the study: for training, for choosing and for tests; speakers and performers of one are in no other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from utterface.errors import ConfigError, CorpusError
from utterface.lab.corpora.manifest import CorpusClip, read_corpus
from utterface.lab.studies.clips import Recordings, align, bring, name_in, of_split, source_of, sources_of, to_show
from utterface.lab.studies.report import Source
from utterface.lab.studies.sounds import Sound, flat, keep_apart, of_named, to_test, to_train
from utterface.lab.studies.store import Folder
from utterface.lab.studies.thunder.sizes import ThunderSize


@dataclass(frozen=True)
class ThunderMaterial:
    """The clips of a study.

    Attributes:
        train: training clips.
        valid, test: sounds to choose the weight by and to measure on.
        spoken: real recordings of other people, on which lips alone are measured.
        sources: of the clips.
    """

    train: tuple[CorpusClip, ...]
    valid: tuple[Sound, ...]
    test: tuple[Sound, ...]
    spoken: tuple[CorpusClip, ...]
    sources: tuple[Source, ...]

    def shown(self, count: int) -> tuple[CorpusClip, ...]:
        """Sentences for the page."""
        return to_show(self.spoken, [sound.clip for sound in self.test])[:count]


def gather(
    size: ThunderSize,
    corpora: Sequence[Path],
    recordings: Recordings | None,
    folder: Folder,
    tell: Callable[[str], None] = lambda line: None,
) -> ThunderMaterial:
    """Choose the clips and copy them into the work folder.

    Args:
        size: how many, of which language.
        corpora: performed or captured ones.
        recordings: real recordings to measure on too.
        folder: of the study.
        tell: receives what is done.

    Raises:
        ConfigError: no corpora, or a speaker or performer of one split in another.
        CorpusError: no clips for training, for choosing or for tests, or clips without faces.
    """
    if not corpora:
        raise ConfigError("name corpora with faces: --corpora FOLDER …; utterface corpus perform makes some")
    read = [(path.name, read_corpus(path)) for path in corpora]
    named = ", ".join(map(str, corpora))
    train = to_train(of_split(read, "train", size.language), size.clips, size.train_performances)
    if not train:
        raise CorpusError(f"no training clips in {size.language!r} in {named}")
    valid, test = (
        to_test(of_split(read, split, size.language), most, size.performances, size.longest)
        for split, most in (("valid", size.chosen), ("test", size.judged))
    )
    for split, sounds in (("validation", valid), ("test", test)):
        if not sounds:
            made = "corpus perform --validation 0.1" if split == "validation" else "corpus make --test"
            raise CorpusError(f"no clips of {split} speakers in {named}; utterface {made} makes some")
    parts = {"train": train, "valid": flat(valid), "test": flat(test)}
    shared = {name for name, corpus in read if corpus.about.shared_speakers}
    keep_apart(parts, shared)
    clips = bring([clip for part in parts.values() for clip in part], folder, bool(shared))
    faceless = next((clip.id for clip in clips.values() if clip.motion() is None), None)
    if faceless:
        raise CorpusError(f"clip {faceless} has no face to train on; make some with utterface corpus perform")
    spoken = align(recordings, folder, tell)
    sources = [source for split, part in parts.items() for source in sources_of(part, split)]
    return ThunderMaterial(
        tuple(clips[name_in(n, c)] for n, c in train),
        of_named(valid, clips),
        of_named(test, clips),
        spoken,
        (*sources, *source_of(recordings, spoken)),
    )
