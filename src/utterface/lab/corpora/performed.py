"""A corpus performed: every clip moved by several people, so that the same voice goes with many faces.

Lips follow the phones, with several strengths; brows, lids, gaze, head and mood do not follow from the voice. That is
what a stochastic model has to learn from, and what a deterministic one averages away.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from utterface import speech
from utterface.errors import ConfigError, CorpusError
from utterface.lab.corpora.identities import KINDS, closed_by, with_identity
from utterface.lab.corpora.manifest import SPLITS, Corpus, CorpusClip, CorpusInfo, read_corpus
from utterface.lab.corpora.performers import WITH_VOICE, Performance, Performer, act
from utterface.lab.corpora.writer import CorpusWriter

CAST = 48  # performers that train; validation and test have a sixth of that each
_LEAST = 4


def perform(
    source: str | os.PathLike[str],
    output: str | os.PathLike[str],
    takes: int = 4,
    cast: int = CAST,
    seed: int = 0,
    report: Callable[[str], None] = lambda line: None,
    frame_rate: float = 30.0,
    validation: float = 0.0,
    identities: str = "",
) -> Corpus:
    """Perform every clip that has phones; a stopped corpus resumes.

    Takes of a clip are by different performers as far as there are enough, and share its sound on disk where the file
    system has hard links. Speakers keep their split, performers belong to one.

    Args:
        source: folder of a corpus with phones.
        output: folder of the new one.
        takes: of every clip.
        cast: performers that train.
        seed: of everything drawn; a clip's takes are functions of the seed and the clip's id.
        report: called with a line every hundred clips and where clips are passed over.
        frame_rate: of the motion, Hz.
        validation: share of the training speakers that validate, one at least, where the source has none that do.
        identities: `geometric` or `planted`: performers have neutral faces that say how they move, see `identities`,
            and a clip's emotion goes with the energy of its voice; empty for neither.

    Raises:
        ConfigError: no takes, no cast, a share that is none, or no such identities. CorpusError: no corpus,
            or no clip has phones.
    """
    if takes < 1 or cast < 1:
        raise ConfigError(f"a performance needs at least one take and one performer, got {takes} and {cast}")
    if not 0 <= validation < 1:
        raise ConfigError(f"validation must be a share from 0 to below 1, got {validation:g}")
    if identities not in ("", *KINDS):
        raise ConfigError(f"no identities {identities!r}; there are {', '.join(KINDS)}")
    corpus = read_corpus(source)
    spoken = [clip for clip in corpus if clip.labels != "none"]
    if not spoken:
        raise CorpusError(
            f"{corpus.folder} holds no clip with phones, so nothing tells the lips; import it with phones"
        )
    if len(spoken) < len(corpus):
        report(f"{len(corpus) - len(spoken)} clips without phones are passed over")
    held_out = _validators(spoken, validation)
    stage = {split: _cast(seed, split, cast) for split in SPLITS}
    writer = CorpusWriter(output, CorpusInfo(shared_speakers=corpus.about.shared_speakers))
    for number, clip in enumerate(spoken, 1):
        placed = replace(clip, split="valid") if clip.speaker in held_out else clip
        _perform(placed, stage[placed.split], takes, seed, writer, frame_rate, identities)
        if number % 100 == 0:
            report(f"{number} of {len(spoken)} clips")
    return read_corpus(output)


def _validators(clips: Sequence[CorpusClip], share: float) -> set[str]:
    """Training speakers that validate, by a hash of their names; none where others do already.

    Raises:
        CorpusError: one training speaker alone.
    """
    if not share or any(clip.split == "valid" for clip in clips):
        return set()
    speakers = sorted(
        {c.speaker for c in clips if c.split == "train"}, key=lambda s: hashlib.sha256(s.encode()).digest()
    )
    if len(speakers) < 2:
        raise CorpusError(f"validation takes a speaker of its own, and {len(speakers)} train; give more speakers")
    return set(speakers[: max(1, round(share * len(speakers)))])


def _cast(seed: int, split: str, cast: int) -> list[Performer]:
    count = cast if split == "train" else max(_LEAST, cast // 6)
    return [Performer.drawn(seed, split, number) for number in range(count)]


def _perform(
    clip: CorpusClip,
    performers: list[Performer],
    takes: int,
    seed: int,
    writer: CorpusWriter,
    frame_rate: float,
    identities: str,
) -> None:
    """All takes of one clip that are not there yet."""
    names = [f"{clip.id}-take{k}" for k in range(takes)]
    if all(name in writer for name in names):
        return
    voice, phones, words = speech.prosody(clip.samples()), clip.phones(), clip.words()
    own = int.from_bytes(hashlib.sha256(clip.id.encode()).digest()[:8], "big")
    order = np.random.default_rng([seed, own]).permutation(len(performers))
    for k, name in enumerate(names):
        if name in writer:
            continue
        performer = performers[order[k % len(order)]]
        rng, identity = np.random.default_rng([seed, own, k]), None
        if identities:
            performer, identity = with_identity(performer, identities, seed)
        take = Performance.drawn(performer, rng, clip.emotion, clip.intensity)
        if identities:
            take = replace(take, how=WITH_VOICE, intensity=take.intensity * rng.uniform(0.6, 1.0))
        motion = act(performer, take, phones, voice, clip.duration, frame_rate)
        motion = closed_by(identity, motion) if identity and identities == "geometric" else motion
        mood = "" if take.emotion == "neutral" else take.emotion
        performed = replace(clip, id=name, performer=performer.name, emotion=mood, intensity=take.intensity)
        vector = None if identity is None else identity.vector
        writer.add(performed, clip.audio, phones, motion, identity=vector, words=words)
