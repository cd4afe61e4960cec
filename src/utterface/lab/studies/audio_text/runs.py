"""Runs of the study: networks trained, their motion for sentences with words unseen in training, their sums."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from utterface import rigs
from utterface.lab.batches.pairs import Pair, collate
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.corpora.performed_text import gestures_in, line_of, make_performed_text, place_of
from utterface.lab.decoders.audio_text import TEXT, AudioTextDecoder
from utterface.lab.measures.action_units import LOWER_UNITS, UPPER_UNITS, event_sums, intensities, unit_sums
from utterface.lab.measures.catalogue import Sums
from utterface.lab.measures.sums import lip_sums
from utterface.lab.studies.audio_text.options import AudioTextOptions
from utterface.lab.studies.audio_text.sizes import (
    CHANNELS,
    CORPUS,
    AudioTextSize,
    AudioTextVariant,
    encoder_of,
    recipe,
    runs,
)
from utterface.lab.studies.clips import FRAME_RATE, sources_of
from utterface.lab.studies.jobs import OnLine, StudyJob, Wave
from utterface.lab.studies.report import Source
from utterface.lab.studies.runs import MEAN_FACE, TRIVIAL, Runner, Sets, VariantRun, reference, still
from utterface.lab.studies.store import Folder, done, keep_or_refuse, write_json
from utterface.lab.studies.study import StudyRequest
from utterface.lab.systems.audio_text import AudioText, make
from utterface.lab.texts import TextTracks, open_text_encoder
from utterface.life import gesture_face
from utterface.motion import Motion, rest
from utterface.rigs.lips import LipRig

ANOTHER_TAKE = "another take"
OTHER = "other text"  # the set in which each sentence is read with another one's words
_VARIANCE_CLIPS = 60


@dataclass(frozen=True)
class AudioTextMaterial:
    """The clips of a study.

    Attributes:
        train: to train on.
        test: first takes of the test sentences.
        second: second takes of the same.
        sources: of the clips.
    """

    train: tuple[CorpusClip, ...]
    test: tuple[CorpusClip, ...]
    second: tuple[CorpusClip, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class AudioTextRunner(Runner[AudioTextSize, AudioTextMaterial, AudioTextVariant]):
    """Trains and measures variants.

    Attributes:
        corpus: its folder.
        options: of the study.
    """

    corpus: Path
    options: AudioTextOptions = field(default_factory=AudioTextOptions)
    channels = CHANNELS

    @cached_property
    def lips(self) -> LipRig:
        """Of the built-in head."""
        return LipRig.from_rig(rigs.head())

    def recipe(self, run: VariantRun[AudioTextVariant]) -> dict[str, Any]:
        contextual = self.options.text_encoder
        return recipe(self.size, run, contextual, self.corpus.name, str(self.corpus.parent), self.folder)

    def make(self, recipe: Mapping[str, Any]) -> AudioText:
        return make(recipe)

    def measured_on(self) -> Any:
        return [clip.id for clip in self.material.test]

    def encode(self, encoder: str) -> None:
        """Encode every sentence once, before runs share the folder."""
        texts = TextTracks(open_text_encoder(encoder), FRAME_RATE, self.folder.work / "texts")
        for clip in (*self.material.train, *self.material.test):
            texts.track(clip)

    def measure(self, run: VariantRun[AudioTextVariant], system: AudioText) -> Sets:
        test = self.material.test
        sets: dict[str, dict[str, Sums]] = {"test": {}}
        for clip in test:
            predicted = system.face.predict_clip(system.network, clip, run.seed)
            sets["test"][clip.id] = self.sums(clip, predicted)
        if system.texts is not None and run.variant.text == "contextual":
            sets[OTHER] = {}
            for i, clip in enumerate(test):
                text = system.texts.track(clip, test[(i + len(test) // 2) % len(test)])
                track = system.face.tracks[clip]
                predicted = system.face.animate(system.network, track, clip.duration, run.seed, {TEXT: text})
                sets[OTHER][clip.id] = self.sums(clip, predicted)
        if run.variant.fusion == "tensor":
            sets["correlations"] = self._correlations(system)
        return sets

    def sums(self, clip: CorpusClip, predicted: Motion, truth: Motion | None = None) -> Sums:
        """Of one prediction; words of two senses are counted apart."""
        seed, split, number, _ = place_of(clip)
        prefix = "pair" if line_of(seed, split, number).pair else "event"
        sums = {f"{name}_{kind}": 0.0 for name in ("pair", "event") for kind in ("met", "seen", "wanted")}
        sums |= unit_sums(predicted, truth or reference(clip, self.channels))
        sums |= event_sums(predicted, gestures_in(clip), prefix)
        return sums | lip_sums(self.lips, clip, predicted)

    @torch.no_grad()
    def _correlations(self, system: AudioText) -> dict[str, Sums]:
        """Encoder → action unit → mean |r| of its features with the unit over all test frames."""
        decoder = system.network.decoder
        assert isinstance(decoder, AudioTextDecoder)
        encoded: dict[str, list[np.ndarray]] = {"audio": [], "text": []}
        truths = []
        for clip in self.material.test:
            truth = reference(clip, self.channels)
            pair = Pair(system.face.tracks[clip], truth.values, FRAME_RATE, conditions=system.face.conditions_of(clip))
            for name, features in zip(encoded, decoder.encoded(system.network.inputs(collate([pair], decoder.moments))),
                                      strict=True):  # fmt: skip
                assert features is not None
                encoded[name].append(features[0].numpy())
            truths.append(intensities(truth, UPPER_UNITS | LOWER_UNITS))
        target = np.concatenate(truths)
        names = [str(unit) for unit in UPPER_UNITS | LOWER_UNITS]
        return {
            name: dict(zip(names, _mean_correlation(np.concatenate(rows), target), strict=True))
            for name, rows in encoded.items()
        }

    def trivial(self) -> Path:
        """The mean face, the floor of another take, and the share of the upper face that gestures own."""
        path = self.folder.figures(TRIVIAL)
        mark = self.mark({"channels": list(self.channels)})
        if done(path, mark):
            return path
        mean = self.mean_face()
        truths = {clip.id: reference(clip, self.channels) for clip in self.material.test}
        faces = {c.id: self.sums(c, still(truths[c.id], mean)) for c in self.material.test}
        takes = zip(self.material.test, self.material.second, strict=True)
        again = {first.id: self.sums(first, reference(second, self.channels)) for first, second in takes}
        share = self._planted(truths)
        write_json(path, {"mark": mark, "planted": share, MEAN_FACE: {"test": faces}, ANOTHER_TAKE: {"test": again}})
        return path

    def _planted(self, truths: Mapping[str, Motion]) -> float:
        """Variance of the upper units that gestures alone make, of all that they have."""
        alone, whole = [], []
        for clip in self.material.test[:_VARIANCE_CLIPS]:
            blank = rest(len(truths[clip.id]), FRAME_RATE)
            face = blank.with_values(gesture_face(blank, gestures_in(clip)))
            alone.append(intensities(face, UPPER_UNITS))
            whole.append(intensities(truths[clip.id], UPPER_UNITS))
        return float(np.concatenate(alone).var(0).sum() / np.concatenate(whole).var(0).sum())


def _mean_correlation(features: np.ndarray, target: np.ndarray) -> list[float]:
    """(T, D) and (T, U) → U means over the features of |r|; 0 where a unit never moves."""
    f, t = (x - x.mean(0) for x in (features.astype(np.float64), target))
    scale = np.outer(np.sqrt((f**2).sum(0)), np.sqrt((t**2).sum(0)))
    r = np.divide(f.T @ t, scale, out=np.zeros_like(scale), where=scale > 1e-9)
    return [float(v) for v in np.abs(r).mean(0)]


def prepare(size: AudioTextSize, request: StudyRequest, folder: Folder, tell: OnLine) -> AudioTextRunner:
    """Make the corpus, unless one is given.

    Raises:
        ConfigError: the folder holds a study with other settings, no voice is installed, or no encoder of that name.
    """
    options: AudioTextOptions = request.options
    open_text_encoder(options.text_encoder)
    settings = {**asdict(replace(size, seeds=0)), "text_encoder": options.text_encoder}
    keep_or_refuse(folder.root / "settings.json", settings)
    place = options.corpus or folder.work / CORPUS
    corpus = make_performed_text(place, size.sentences, report=tell)
    own = [clip for clip in corpus if place_of(clip)[2] < size.sentences.get(clip.split, 0)]
    train = tuple(clip for clip in own if clip.split == "train")
    test = {place_of(c)[2]: c for c in own if c.split == "test" and place_of(c)[3] == 0}
    second = {place_of(c)[2]: c for c in own if c.split == "test" and place_of(c)[3] == 1}
    both = sorted(set(test) & set(second))
    tested, again = tuple(test[n] for n in both), tuple(second[n] for n in both)
    named = [(CORPUS, clip) for clip in train], [(CORPUS, clip) for clip in tested]
    sources = (*sources_of(named[0], "train"), *sources_of(named[1], "test"))
    return AudioTextRunner(
        size, AudioTextMaterial(train, tested, again, sources), folder, request.rig, {}, place, options
    )


def jobs(runner: AudioTextRunner, failed: Mapping[str, str]) -> Iterator[Wave]:
    """Encoding of sentences, then training."""
    named = (encoder_of(runner.size, v, runner.options.text_encoder) for v in runner.size.variants)
    encoders = dict.fromkeys(name for name in named if name)
    yield Wave("encoding", tuple(StudyJob(name, AudioTextRunner.encode, (name,)) for name in encoders))
    training = [StudyJob(run.name, AudioTextRunner.run, (run,)) for run in runs(runner.size)]
    yield Wave("training", (StudyJob(TRIVIAL, AudioTextRunner.trivial), *training))
