"""Runs of the study: priors first, second stages on the chosen one, what is measured on clips of unseen people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from utterface import rigs
from utterface.errors import ConfigError, CorpusError
from utterface.lab.batches.pairs import target
from utterface.lab.corpora.manifest import CorpusClip, read_corpus
from utterface.lab.measures.catalogue import Sums
from utterface.lab.measures.sums import ClipMeasures
from utterface.lab.studies.clips import bring, name_in, shares, sources_of
from utterface.lab.studies.jobs import OnLine, StudyJob, Wave
from utterface.lab.studies.lsf.options import LsfOptions
from utterface.lab.studies.lsf.sizes import LsfSettings, LsfSize, LsfVariant, PriorVariant, prior_recipe, recipe
from utterface.lab.studies.report import Source
from utterface.lab.studies.runs import Runner, Sets, VariantRun
from utterface.lab.studies.store import Folder, done, keep_or_refuse, read_json, train_once, write_json
from utterface.lab.studies.study import StudyRequest
from utterface.lab.systems import lsf, motion_prior
from utterface.lab.systems.lsf import LsfSystem
from utterface.lab.systems.motion_prior import MotionPriorSystem
from utterface.lab.training.checkpoints import load_average
from utterface.metrics import captures
from utterface.motion import Motion

TEST, MEAN, SHUFFLED = "test", "mean identity", "shuffled identity"
PERFORMED = "performed"  # the references themselves
_SHIFT = 0.5  # seconds
_EDGE = 5  # frames at a crop's edges that are not compared
_TRAITS = {"strength": "jawOpen", "brows": "browInnerUp"}  # what shows a performer's style, by its deviation over time
_LEAST = 0.01  # deviation that is none
_OTHER_TAKES = 1000  # seeds of takes


@dataclass(frozen=True)
class LsfMaterial:
    """Clips of the study; test clips are of speakers, performers and sentences that nothing trains on."""

    train: tuple[CorpusClip, ...]
    test: tuple[CorpusClip, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class LsfRunner(Runner[LsfSize, LsfMaterial, LsfVariant]):
    """Trains and measures priors and second stages."""

    options: LsfOptions = field(default_factory=LsfOptions)

    @cached_property
    def settings(self) -> LsfSettings:
        shape = self.material.train[0].identity()
        return LsfSettings(self.folder, self.channels, self.options.emotion, 16 if shape is None else len(shape))

    @cached_property
    def references(self) -> dict[str, Motion]:
        """Motion of test clips."""
        return {c.id: self.reference(c) for c in self.material.test}

    def reference(self, clip: CorpusClip) -> Motion:
        rate = self.size.frame_rate
        return Motion(target(clip, self.channels, rate), self.channels, rate)

    @cached_property
    def measures(self) -> ClipMeasures:
        return ClipMeasures(rigs.head(), [(c, self.references[c.id]) for c in self.material.test])

    @cached_property
    def emotions(self) -> "EmotionFaces":
        return EmotionFaces.of([(c.emotion or "neutral", self.reference(c)) for c in self.material.train])

    def recipe(self, run: VariantRun[LsfVariant]) -> dict[str, Any]:
        return recipe(self.size, run, self.settings, self.folder.weights(self.size.chosen.name))

    def make(self, recipe: Mapping[str, Any]) -> LsfSystem:
        return lsf.make(recipe)

    def measured_on(self) -> Any:
        return [[c.id for c in self.material.test], self.size.takes, 3]

    def prior(self, variant: PriorVariant) -> Path:
        """Train and measure a prior."""
        path, own = self.folder.figures(variant.name), prior_recipe(self.size, variant, self.settings)
        about = self.about(own)
        mark = self.mark(about)
        trained = train_once(own, self.folder.weights(variant.name), about)
        if done(path, mark):
            return path
        system: MotionPriorSystem = motion_prior.make(own)
        system.network.load_state_dict(load_average(self.folder.weights(variant.name))[0])
        system.network.eval()
        used, sums = set(), {}
        for clip in self.material.test:
            reference = self.references[clip.id]
            rebuilt, units = system.rebuilt(system.network, reference)
            used |= set(units.tolist())
            sums[clip.id] = self.sums(clip, rebuilt) | self._shift(system, reference, rebuilt)
        share = len(used) / system.network.config.codes
        parameters = sum(p.numel() for p in system.network.parameters())
        write_json(path, {"mark": mark, "codes": share, "parameters": parameters, **trained, TEST: sums})
        return path

    def _shift(self, system: MotionPriorSystem, reference: Motion, rebuilt: Motion) -> Sums:
        """How much the same frames change when the clip begins half a second later."""
        skip = round(_SHIFT * reference.frame_rate)
        if len(reference) < skip + 3 * _EDGE:
            return {"shifted": 0.0, "shift_frames": 0.0}
        later, _ = system.rebuilt(system.network, reference.with_values(reference.values[skip:]))
        apart = np.abs(later.values - rebuilt.values[skip:])[_EDGE:-_EDGE]
        return {"shifted": float(apart.mean(1).sum()), "shift_frames": float(len(apart))}

    def measure(self, run: VariantRun[LsfVariant], system: LsfSystem) -> Sets:
        test, network = self.material.test, system.network
        sets: dict[str, dict[str, Sums]] = {TEST: {}, MEAN: {}, SHUFFLED: {}}
        shapes = {c.performer: c.identity() for c in test if c.identity() is not None}
        names = sorted(shapes)
        middle = np.mean(list(system.performers.values()), 0)
        for clip in test:
            reference = self.references[clip.id]
            sums = self.sums(clip, system.animate(network, clip))
            takes = [system.animate(network, clip, _OTHER_TAKES + k) for k in range(self.size.takes)]
            sets[TEST][clip.id] = sums | self._sampled(takes, reference)
            if run.variant.name == self.size.variants[0].name and clip.performer in shapes:
                other = shapes[names[(names.index(clip.performer) + 1) % len(names)]]
                sets[MEAN][clip.id] = self.sums(clip, system.animate(network, clip, shape=middle))
                sets[SHUFFLED][clip.id] = self.sums(clip, system.animate(network, clip, shape=other))
        return sets

    def _sampled(self, takes: Sequence[Motion], reference: Motion) -> Sums:
        mesh, count = self.measures.mesh, len(reference)
        drawn = np.stack([mesh.offsets(take.values[:count]) for take in takes])
        truth = mesh.offsets(reference.values)
        return {
            "mee": captures.mean_estimate_error(drawn, truth, mesh.lips) ** 0.5,
            "ce": captures.coverage_error(drawn, truth, mesh.lips) ** 0.5,
            "apart": captures.pairwise_diversity(drawn),
            "varied": 1.0,
        }

    def sums(self, clip: CorpusClip, predicted: Motion) -> Sums:
        """Everything about one motion of a test clip."""
        reference = self.references[clip.id]
        right = self.emotions.nearest(predicted) == (clip.emotion or "neutral")
        sums = {**self.measures.sums(clip, predicted, reference), "emotion_right": float(right)}
        for trait, channel in _TRAITS.items():
            here, there = (np.log(m.select((channel,)).std() + _LEAST) for m in (predicted, reference))
            sums[f"{trait}_error"] = float((here - there) ** 2)
        held = np.abs(predicted.values.mean(0) - reference.values.mean(0))
        return sums | {"held_error": float(held.mean())}

    def performed(self) -> Path:
        """The references, measured as if they had been predicted: the ceiling."""
        path, mark = self.folder.figures(PERFORMED), self.mark({"channels": list(self.channels)})
        if not done(path, mark):
            sums = {c.id: self.sums(c, self.references[c.id]) for c in self.material.test}
            write_json(path, {"mark": mark, TEST: sums})
        return path


@dataclass(frozen=True)
class EmotionFaces:
    """The mean face of each emotion in training, and the nearest one to a motion's.

    Attributes:
        names: E.
        centres: (E, C) mean weights.
        deviation: (C,) within an emotion.
    """

    names: tuple[str, ...]
    centres: np.ndarray
    deviation: np.ndarray

    @classmethod
    def of(cls, faces: Sequence[tuple[str, Motion]]) -> "EmotionFaces":
        """From emotions and motions of training clips."""
        means = np.stack([motion.values.mean(0) for _, motion in faces])
        emotions = np.array([name for name, _ in faces])
        names = tuple(sorted(set(emotions)))
        centres = np.stack([means[emotions == name].mean(0) for name in names])
        within = means - centres[[names.index(name) for name in emotions]]
        return cls(names, centres, within.std(0) + _LEAST)

    def nearest(self, motion: Motion) -> str:
        apart = (motion.values.mean(0) - self.centres) / self.deviation
        return self.names[int((apart**2).sum(1).argmin())]


def prepare(size: LsfSize, request: StudyRequest, folder: Folder, tell: OnLine) -> LsfRunner:
    """The clips: train speakers to train on, all others to measure on.

    Raises:
        ConfigError: no corpora, or the folder holds a study with other settings. CorpusError: no clips with faces.
    """
    options: LsfOptions = request.options
    if not options.corpora:
        raise ConfigError(
            "bench lsf needs --corpora: utterface corpus import emodb FOLDER --split lsf --listen -o emodb, then "
            "utterface corpus perform emodb --takes 2 --identities planted -o performed_emodb"
        )
    settings = asdict(replace(size, seeds=0, variants=(), priors=()))
    keep_or_refuse(folder.root / "settings.json", {**settings, "corpora": options.corpora, "emotion": options.emotion})
    read = [(path.name, read_corpus(path)) for path in options.corpora]
    moving = [(name, [c for c in corpus if c.motion() is not None]) for name, corpus in read]
    train = shares([(n, [c for c in clips if c.split == "train"]) for n, clips in moving], size.clips)
    test = shares([(n, [c for c in clips if c.split != "train"]) for n, clips in moving], size.judged)
    if not train or not test:
        raise CorpusError("the corpora hold no clips with faces to train on, or none of other speakers to measure on")
    clips = bring([*train, *test], folder, any(corpus.about.shared_speakers for _, corpus in read))
    learned, measured = (tuple(clips[name_in(n, c)] for n, c in part) for part in (train, test))
    sources = (*sources_of(train, "train"), *sources_of(test, "test"))
    return LsfRunner(size, LsfMaterial(learned, measured, sources), folder, request.rig, {}, options)


def runs(size: LsfSize) -> list[VariantRun[LsfVariant]]:
    """All second stages, the first seed first."""
    return [VariantRun(variant, seed) for seed in range(size.seeds) for variant in size.variants]


def jobs(runner: LsfRunner, failed: Mapping[str, str]) -> Iterator[Wave]:
    """The chosen prior, what rests on it, then the other priors."""
    priors = {variant: StudyJob(variant.name, LsfRunner.prior, (variant,)) for variant in runner.size.priors}
    yield Wave("prior", (StudyJob(PERFORMED, LsfRunner.performed), priors.pop(runner.size.chosen)))
    yield Wave("training", tuple(StudyJob(run.name, LsfRunner.run, (run,)) for run in runs(runner.size)))
    yield Wave("other priors", tuple(priors.values()))


def figures_of(runner: LsfRunner, name: str, failed: Mapping[str, str]) -> dict[str, Any] | None:
    """Figures of a run, None where there are none."""
    path = runner.folder.figures(name)
    return read_json(path) if name not in failed and path.is_file() else None
