"""Runs of the study: mesh-to-speech models, base models, variants, samplers. What is done already is left alone.

A variant depends on its recipe, the clips, and the bytes of the mesh-to-speech model and of the base model: another
weight or model trains its own variants again and no others.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from utterface import rigs
from utterface.engines.bundle import shipped
from utterface.errors import ConfigError, ModelError
from utterface.lab.batches.tracks import Tracks
from utterface.lab.bundles.reading import unbundle
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.measures.catalogue import Sums, select
from utterface.lab.measures.sums import SoundMeasures
from utterface.lab.networks.mesh_to_speech import INPUTS
from utterface.lab.representations import open_representation
from utterface.lab.studies import mesh_to_speech
from utterface.lab.studies.jobs import OnLine, StudyJob, Wave
from utterface.lab.studies.mesh_to_speech import SpokenTarget, TrainedMeshToSpeech, judge_face
from utterface.lab.studies.runs import (
    ARTICULATION,
    MEAN_FACE,
    TRIVIAL,
    Runner,
    Sets,
    VariantRun,
    reference,
    scores_of,
    still,
)
from utterface.lab.studies.sounds import Sound
from utterface.lab.studies.store import Folder, bytes_of, clustered, done, read_json, train_once, write_json
from utterface.lab.studies.study import StudyRequest
from utterface.lab.studies.thunder import recipes
from utterface.lab.studies.thunder.material import ThunderMaterial, gather
from utterface.lab.studies.thunder.options import ThunderOptions
from utterface.lab.studies.thunder.recipes import levels
from utterface.lab.studies.thunder.sizes import DIFFUSION, FACE, MOUTH, VOCODER, Best, ThunderSize, ThunderVariant
from utterface.lab.systems.mesh_to_speech import MeshToSpeechSystem
from utterface.lab.systems.thunder import CHANNELS, Thunder, make
from utterface.lab.training.checkpoints import load_average
from utterface.motion import Motion
from utterface.rigs.lips import LipRig

PERFORMANCES = "other performances"
MESH_TO_SPEECH = "mesh-to-speech"  # job and file of what those models reach
CHOSEN_BY = "l_ccc"
_SHOWN_TAKES = 100_000  # first seed of takes on the page; those that compare samplers begin twice as far


@dataclass(frozen=True)
class ThunderRunner(Runner[ThunderSize, ThunderMaterial, ThunderVariant]):
    """Trains and measures variants and the models in their loss.

    Attributes:
        units: a name for `open_representation`: targets of mesh-to-speech models.
        given: models that need no training: input or `vocoder` → checkpoint.
        options: of the study.
    """

    units: str
    given: Mapping[str, Path] = field(default_factory=dict)
    options: ThunderOptions = field(default_factory=ThunderOptions)
    channels: ClassVar[tuple[str, ...]] = CHANNELS

    @cached_property
    def measures(self) -> dict[str, SoundMeasures]:
        """By set of clips: on the built-in head, of real recordings on the named lips."""
        head = rigs.head()
        lips = LipRig.from_npz(self.rig) if self.rig else None
        by_set = {"valid": (self.material.valid, None), "test": (self.material.test, None),
                  "spoken": (self.material.test, lips)}  # fmt: skip
        return {
            name: SoundMeasures(
                head, self.channels, [(c, self.reference(c)) for s in sounds for c in s.performances], on
            )
            for name, (sounds, on) in by_set.items()
        }

    def reference(self, clip: CorpusClip) -> Motion:
        """Motion of a performance, or articulated phones."""
        return reference(clip, self.channels)

    def model(self, name: str) -> Path:
        """The checkpoint of a mesh-to-speech model by its input, or of the vocoder."""
        return self.given.get(name, self.folder.models / f"{name}.safetensors")

    def base(self, decoder: str, seed: int) -> Path:
        """The checkpoint of a base model."""
        return self.folder.weights(f"base-{decoder}.{seed}")

    def train_model(self, name: str) -> None:
        """Train a mesh-to-speech model or the vocoder."""
        if name not in self.given:
            size, folder = self.size, self.folder
            vocoder = name == VOCODER
            recipe = (
                recipes.vocoder(size, folder) if vocoder else recipes.mesh_to_speech(size, name, self.units, folder)
            )
            train_once(recipe, self.model(name), self.about(recipe))

    def train_base(self, decoder: str, seed: int) -> None:
        """Train a base model, without the loss."""
        recipe = recipes.base(self.size, decoder, seed, self.folder)
        train_once(recipe, self.base(decoder, seed), self.about(recipe))

    def encode(self) -> None:
        """Encode the training clips for the face models."""
        tracks = Tracks(open_representation(self.size.representation), False, self.folder.tracks)
        for clip in self.material.train:
            tracks[clip]

    def encode_targets(self) -> None:
        """Encode the training clips for the mesh-to-speech models."""
        system = MeshToSpeechSystem(recipes.mesh_to_speech(self.size, MOUTH, self.units, self.folder))
        for clip in self.material.train:
            for tracks in (system.units, system.voices):
                tracks[clip]

    def recipe(self, run: VariantRun[ThunderVariant]) -> dict[str, Any]:
        variant = run.variant
        m2s = self.model(variant.input) if variant.input else None
        initial = self.base(variant.decoder, run.seed) if self.size.base_steps else None
        return recipes.variant(self.size, run, m2s, initial, self.folder)

    def make(self, recipe: Mapping[str, Any]) -> Thunder:
        return make(recipe)

    def about(self, recipe: Mapping[str, Any]) -> Any:
        """What weights depend on: paths of checkpoints become their bytes.

        Raises:
            ConfigError: a checkpoint is missing because its own training failed.
        """
        about = super().about(recipe)
        for table, key in (("train", "initial"), ("hearing", "listener")):
            place = about["recipe"].get(table, {}).get(key)
            if place:
                if not Path(place).is_file():
                    raise ConfigError(f"{Path(place).stem} is missing: its training failed")
                about["recipe"][table][key] = bytes_of(Path(place))
        return about

    def measured_on(self) -> Any:
        material, size = self.material, self.size
        sounds = [[[c.id for c in s.performances] for s in part] for part in (material.valid, material.test)]
        m2s = bytes_of(self.model(MOUTH)) if self.model(MOUTH).is_file() else ""
        return [sounds, [clip.id for clip in material.spoken], size.takes, size.shown, size.samples, m2s]

    def measure(self, run: VariantRun[ThunderVariant], system: Thunder) -> Sets:
        material, count = self.material, self.size.takes
        gaps: dict[str, dict[str, np.ndarray]] = {name: {} for name in ("valid", "test", "spoken")}
        sets: dict[str, Mapping[str, Sums]] = {
            name: self._sums(system, name, sounds, count, gaps=gaps[name])
            for name, sounds in (("valid", material.valid), ("test", material.test))
        }
        lips, spoken = self.measures["spoken"], {}
        for number, clip in enumerate(material.spoken):
            takes = self._takes(system, clip, count, number * count)
            spoken[clip.id] = lips.lip_sums(clip, takes)
            gaps["spoken"][clip.id] = lips.gaps_mm(takes)
        sets["spoken"] = spoken
        self.keep_gaps(run.name, gaps)
        if run.seed == 0:
            shown = material.shown(self.size.shown)
            played = {clip.id: self._takes(system, clip, self.size.samples, _SHOWN_TAKES) for clip in shown}
            self.keep_motion(run, {k: np.stack([take.values for take in each]) for k, each in played.items()})
        return sets

    def trivial(self) -> None:
        """Sums without training: the mean face, the other performances of a sound, articulated phones."""
        path = self.folder.figures(TRIVIAL)
        mark = self.mark(TRIVIAL)
        if done(path, mark):
            return
        mean, test, spoken = self.mean_face(), self.measures["test"], self.measures["spoken"]
        sums: dict[str, Any] = {n: {"test": {}, "spoken": {}} for n in (MEAN_FACE, PERFORMANCES, ARTICULATION)}
        for sound in self.material.test:
            clip, motions = sound.clip, [self.reference(c) for c in sound.performances]
            face = still(motions[0], mean)
            sums[MEAN_FACE]["test"][clip.id] = test.sums(clip, [face], motions) | self._m2s_sums(clip, face)
            if len(motions) > 1:
                others = test.sums_of_performances(clip, motions) | self._m2s_sums(clip, motions[0])
                sums[PERFORMANCES]["test"][clip.id] = others
        for clip in self.material.spoken:
            articulated = self.reference(clip)
            sums[MEAN_FACE]["spoken"][clip.id] = spoken.lip_sums(clip, [still(articulated, mean)])
            sums[ARTICULATION]["spoken"][clip.id] = spoken.lip_sums(clip, [articulated])
        write_json(path, {"mark": mark, **sums})

    def sample(self, run: VariantRun[ThunderVariant], sampler: str, steps: int) -> None:
        """Measure takes of a finished run by another sampler or another number of steps."""
        path, weights = self.folder.figures(sampler_name(sampler, steps)), self.folder.weights(run.name)
        sounds = self.material.test[: self.size.sampler_sounds]
        mark = self.mark([run.name, sampler, steps, bytes_of(weights), [s.clip.id for s in sounds], self.size.takes])
        if done(path, mark):
            return
        system = self.open(load_average(weights)[1], weights)
        system.face.sampling = replace(system.face.sampling, sampler=sampler, steps=steps)
        write_json(path, {"mark": mark, "test": self._sums(system, "test", sounds, self.size.takes, 2 * _SHOWN_TAKES)})

    def compare_models(self) -> None:
        """Measure the mesh-to-speech models on test speakers, see `studies.mesh_to_speech`."""
        path = self.folder.figures(MESH_TO_SPEECH)
        names = [name for name in (*INPUTS, VOCODER) if self.model(name).is_file()]
        *inputs, last = names
        if last != VOCODER or not inputs:
            raise ModelError("there is no mesh-to-speech model or no vocoder to measure")
        clips = [sound.clip for sound in self.material.test]
        mark = self.mark([self.size.words, {name: bytes_of(self.model(name)) for name in names}])
        if not done(path, mark):
            paths = [self.model(name) for name in inputs]
            figures = mesh_to_speech.bench(paths, self.model(VOCODER), clips, words=self.size.words)
            write_json(path, {"mark": mark, **figures})

    def _takes(self, system: Thunder, clip: CorpusClip, count: int, first: int) -> list[Motion]:
        """One take of a decoder that does not sample."""
        several = system.network.decoder.schedule is not None
        return system.takes(clip.samples(), range(first, first + count) if several else [first])

    def _sums(
        self,
        system: Thunder,
        name: str,
        sounds: Sequence[Sound],
        count: int,
        first: int = 0,
        gaps: dict[str, np.ndarray] | None = None,
    ) -> dict[str, Sums]:
        """Seeds of takes are numbered through all sounds, the same for every variant; `gaps` receives their lips'."""
        sums = {}
        for number, sound in enumerate(sounds):
            takes = self._takes(system, sound.clip, count, first + number * count)
            performances = [self.reference(c) for c in sound.performances]
            m2s = self._m2s_sums(sound.clip, takes[0]) if name == "test" else {}
            sums[sound.clip.id] = self.measures[name].sums(sound.clip, takes, performances) | m2s
            if gaps is not None:
                gaps[sound.clip.id] = self.measures[name].gaps_mm(takes)
        return sums

    def _m2s_sums(self, clip: CorpusClip, face: Motion) -> Sums:
        """Output of the mouth's model for a face, whatever it was trained with; nothing without that model."""
        if not self.model(MOUTH).is_file():
            return {}
        if clip.id not in self._targets:
            self._targets[clip.id] = self._mouth.read(clip)
        return m2s_sums(self._mouth, self._targets[clip.id], face)

    @cached_property
    def _mouth(self) -> TrainedMeshToSpeech:
        return TrainedMeshToSpeech(self.model(MOUTH))

    @cached_property
    def _targets(self) -> dict[str, SpokenTarget]:
        return {}


def m2s_sums(trained: TrainedMeshToSpeech, target: SpokenTarget, face: Motion) -> Sums:
    """What a face adds to the mesh-to-speech measures; the sound may last a little longer than the face moves."""
    motion = face.select(trained.model.channels)[: len(target.motion)]
    whole = np.pad(motion, ((0, len(target.motion) - len(motion)), (0, 0)), "edge")
    return {f"m2s_{name}": value for name, value in judge_face(trained, target, whole).items()}


def sampler_name(sampler: str, steps: int) -> str:
    """Of a sampler's figures."""
    return f"sampler.{sampler}-{steps}"


def prepare(size: ThunderSize, request: StudyRequest, folder: Folder, tell: OnLine) -> ThunderRunner:
    """Clips, units, models that are given or shipped."""
    options: ThunderOptions = request.options
    if options.units:
        size = replace(size, units=options.units, clusters=0)
    material = gather(size, options.corpora, request.recordings, folder, tell)
    units = open_units(size, material, folder)
    given = open_shipped(size, units, folder) | read_models(options.listener)
    return ThunderRunner(size, material, folder, request.rig, {}, units, given, options)


def jobs(runner: ThunderRunner, failed: Mapping[str, str]) -> Iterator[Wave]:
    """Models and base models, the sweep, then what depends on the best of it.

    Raises:
        ConfigError: no variant of the sweep could be trained.
    """
    size = runner.size
    speech = StudyJob("speech of face models", ThunderRunner.encode)
    yield Wave("encoding", (speech, StudyJob("targets of mesh-to-speech models", ThunderRunner.encode_targets)))
    first = [StudyJob(f"mesh-to-speech model of {name}", ThunderRunner.train_model, (name,)) for name in INPUTS]
    first.append(StudyJob(VOCODER, ThunderRunner.train_model, (VOCODER,)))
    if size.base_steps:
        bases = [(DIFFUSION, seed) for seed in range(size.seeds)] + [(d, 0) for d in size.decoders if d != DIFFUSION]
        first += [StudyJob(runner.base(*base).stem, ThunderRunner.train_base, base) for base in bases]
    yield Wave("models", (*first, StudyJob(TRIVIAL, ThunderRunner.trivial)))
    seeds = [VariantRun(size.plain(), seed) for seed in range(size.seeds)]
    sweep = [VariantRun(v, 0) for v in size.sweep() if v.input]
    others = [VariantRun(size.plain(decoder), 0) for decoder in size.decoders if decoder != DIFFUSION]
    yield Wave("sweep", _training([*sweep, *seeds, *others]))
    best = best_of(runner, failed)
    finished = {*sweep, *seeds, *others}
    samplers = [
        StudyJob(sampler_name(*each), ThunderRunner.sample, (seeds[0], *each)) for each in reversed(samplers_of(size))
    ]
    rest = _training([run for run in size.runs(best) if run not in finished])
    yield Wave("variants like the best", (*rest, *samplers, StudyJob(MESH_TO_SPEECH, ThunderRunner.compare_models)))


def _training(runs: Sequence[VariantRun[ThunderVariant]]) -> tuple[StudyJob, ...]:
    return tuple(StudyJob(run.name, ThunderRunner.run, (run,)) for run in runs)


def samplers_of(size: ThunderSize) -> list[tuple[str, int]]:
    """Samplers whose steps are not more than there are noise levels."""
    return [(sampler, steps) for sampler, steps in size.samplers if steps <= levels(size)]


def best_of(runner: ThunderRunner, failed: Mapping[str, str]) -> Best:
    """Variants of the sweep with the highest L-CCC on validation speakers, who are in no test.

    Raises:
        ConfigError: none of the sweep was trained.
    """
    runs = [VariantRun(v, 0) for v in runner.size.sweep() if v.input and VariantRun(v, 0).name not in failed]
    if not runs:
        raise ConfigError("no variant of the sweep to choose from: " + "; ".join(failed.values()))
    figures = {run: read_json(runner.folder.figures(run.name)) for run in runs}
    scores = scores_of("valid", figures, {}, select([CHOSEN_BY]))

    def highest(variants: Sequence[ThunderVariant]) -> ThunderVariant:
        return max(variants, key=lambda v: np.nan_to_num(scores.value(v, CHOSEN_BY), nan=-1.0))

    variants = [run.variant for run in runs]
    return Best(highest(variants), highest([v for v in variants if v.beside != FACE] or variants))


def open_shipped(size: ThunderSize, units: str, folder: Folder) -> dict[str, Path]:
    """The shipped mesh-to-speech bundle as checkpoints: its vocoder, and the model that others begin from.

    Args:
        size: which bundle; none where it names none.
        units: targets of the models.
        folder: of the study.
    """
    if not size.shipped:
        return {}
    vocoder = folder.models / f"{VOCODER}.safetensors"
    wanted = {
        recipes.shipped(folder): recipes.mesh_to_speech(size, MOUTH, units, folder),
        vocoder: recipes.vocoder(size, folder),
    }
    for path, recipe in wanted.items():
        if not path.is_file():  # written again its bytes, on which marks depend, would differ
            path.parent.mkdir(parents=True, exist_ok=True)
            unbundle(shipped("voice")[size.shipped], recipe, path)
    return {VOCODER: vocoder}


def read_models(paths: Sequence[Path]) -> dict[str, Path]:
    """Checkpoints that are given: by the input of a mesh-to-speech model, and the vocoder.

    Raises:
        ConfigError: something else, or two of a kind. ModelError: no checkpoint.
    """
    models: dict[str, Path] = {}
    for path in paths:
        _, recipe, _ = load_average(path)
        system = recipe.get("system")
        if system not in ("mesh_to_speech", VOCODER):
            raise ConfigError(f"{path} holds a {system}; --listener takes checkpoints of mesh_to_speech and of vocoder")
        name = VOCODER if system == VOCODER else recipe.get("network", {}).get("input", MOUTH)
        if name in models:
            raise ConfigError(f"{models[name]} and {path} are both of {name}; give one of a kind")
        models[name] = path.resolve()
    return models


def open_units(size: ThunderSize, material: ThunderMaterial, folder: Folder) -> str:
    """A name for `open_representation` of the units; clustered in the study where the size says so.

    Raises:
        UtterfaceError: they are not installed.
    """
    if size.clusters:
        return clustered(size.units, size.clusters, material.train, folder.models / "units.safetensors")
    open_representation(size.units)
    return size.units
