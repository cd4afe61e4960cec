"""Runs of the study: a decoder trained on a representation, its motion for the test clips, their sums."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from utterface import rigs, timing
from utterface.errors import ConfigError
from utterface.lab.batches.pairs import Pair, collate
from utterface.lab.measures.sums import ClipMeasures
from utterface.lab.studies import costs
from utterface.lab.studies.clips import FRAME_RATE
from utterface.lab.studies.jobs import OnLine, StudyJob, Wave
from utterface.lab.studies.runs import ARTICULATION, MEAN_FACE, TRIVIAL, Runner, Sets, VariantRun, reference, still
from utterface.lab.studies.store import Folder, done, keep_or_refuse, mark_of, write_json
from utterface.lab.studies.study import StudyRequest
from utterface.lab.studies.tokens import probing
from utterface.lab.studies.tokens.material import TokensMaterial, gather
from utterface.lab.studies.tokens.options import TokensOptions
from utterface.lab.studies.tokens.sizes import Opened, TokensSize, TokensVariant, choose, recipe, runs, with_decoders
from utterface.lab.systems.face import FaceNetwork
from utterface.lab.systems.tokens_to_faces import TokensToFaces, make
from utterface.motion import Motion
from utterface.rigs import cache
from utterface.rigs.lips import LipRig

_TOGETHER = 16  # clips predicted at once
_OTHER_TAKES = 1000  # seed of takes whose diversity is measured


@dataclass(frozen=True)
class TokensRunner(Runner[TokensSize, TokensMaterial, TokensVariant]):
    """Trains and measures decoders on representations.

    Attributes:
        opened: the representations that take part.
        options: of the study.
    """

    opened: tuple[Opened, ...]
    options: TokensOptions = field(default_factory=TokensOptions)

    @cached_property
    def measures(self) -> dict[str, ClipMeasures]:
        """Of test clips on the built-in head; of real recordings on the named lips."""
        head = rigs.head()
        references = [(clip, reference(clip, self.channels)) for clip in self.material.test]
        lips = LipRig.from_npz(self.rig) if self.rig else None
        return {"test": ClipMeasures(head, references), "spoken": ClipMeasures(head, references, lips)}

    def name_of(self, key: str) -> str:
        """A representation's name for `open_representation`."""
        return next(opened.name for opened in self.opened if opened.entry.key == key)

    def recipe(self, run: VariantRun[TokensVariant]) -> dict[str, Any]:
        return recipe(self.size, run, self.name_of(run.variant.representation), self.folder)

    def make(self, recipe: Mapping[str, Any]) -> TokensToFaces:
        return make(recipe)

    def measured_on(self) -> Any:
        clips = [[c.id for c in part] for part in (self.material.train, self.material.test, self.material.spoken)]
        return [clips, self.size.varied, self.size.takes, self.size.shown]

    def prepare(self, opened: Opened) -> None:
        """Encode clips and probe a representation."""
        probing.prepare(opened, self.material, self.folder)

    def measure(self, run: VariantRun[TokensVariant], system: TokensToFaces) -> Sets:
        network = system.network
        test, spoken = self.material.test, self.material.spoken
        motions = predict(system, network, [*test, *spoken], run.seed)
        by_clip = dict(zip([c.id for c in (*test, *spoken)], motions, strict=True))
        sums = self._sums(by_clip)
        self.keep_gaps(run.name, self._gaps(by_clip))
        if network.decoder.schedule is not None:
            for clip in test[: self.size.varied]:
                takes = predict(system, network, [clip] * self.size.takes, _OTHER_TAKES)
                sums["test"][clip.id] |= self.measures["test"].diversity_sums(takes)
        if run.seed == 0:
            self.keep_motion(run, {c.id: by_clip[c.id].values for c in self.material.shown[: self.size.shown]})
        return sums

    def trivial(self) -> Path:
        """The mean face of the training clips and the references themselves: the floor and the ceiling."""
        path = self.folder.figures(TRIVIAL)
        mark = self.mark({"channels": list(self.channels)})
        if done(path, mark):
            return path
        mean = self.mean_face()
        truths = {c.id: reference(c, self.channels) for c in (*self.material.test, *self.material.spoken)}
        faces = {clip_id: still(truth, mean) for clip_id, truth in truths.items()}
        self.keep_gaps(TRIVIAL, self._gaps(truths))
        write_json(path, {"mark": mark, MEAN_FACE: self._sums(faces), ARTICULATION: self._sums(truths)})
        return path

    def _sums(self, motions: Mapping[str, Motion]) -> dict[str, dict[str, dict[str, float]]]:
        test, spoken = self.measures["test"], self.measures["spoken"]
        return {
            "test": {c.id: test.sums(c, motions[c.id], reference(c, self.channels)) for c in self.material.test},
            "spoken": {c.id: spoken.lip_sums(c, motions[c.id]) for c in self.material.spoken},
        }

    def _gaps(self, motions: Mapping[str, Motion]) -> dict[str, dict[str, np.ndarray]]:
        """Set of clips → clip → (T,) lip gap, mm, on the lips that the set is measured on."""
        sets = {"test": self.material.test, "spoken": self.material.spoken}
        return {
            name: {c.id: self.measures[name].lips.gap_mm(motions[c.id]) for c in clips} for name, clips in sets.items()
        }

    def cost(self, variant: TokensVariant) -> None:
        """Measure what a variant costs, unless it is known."""
        recipe = self.recipe(VariantRun(variant, 0))
        path = costs_file(variant, self.folder)
        mark = mark_of([recipe["speech"]["representation"], recipe["decoder"], recipe["sampling"], recipe["speech"]])
        if not done(path, mark):
            write_json(path, {"mark": mark, **costs.measure_apart(recipe)})


def costs_file(variant: TokensVariant, folder: Folder) -> Path:
    """Costs of a variant."""
    return folder.runs / f"{variant.name}.costs.json"


def prepare(size: TokensSize, request: StudyRequest, folder: Folder, tell: OnLine) -> TokensRunner:
    """Clips, and the representations that are installed.

    Raises:
        ConfigError: the folder holds a study with other settings, or no representation is installed.
    """
    options: TokensOptions = request.options
    entries = choose(size, options.representations) if options.representations else size.representations
    settings = asdict(replace(size, seeds=0, representations=(), decoders={}))  # more of those may be added
    size = with_decoders(size, options.decoders)
    keep_or_refuse(folder.root / "settings.json", {**settings, "corpora": options.corpora})
    voices = cache.folder() / "bench"
    material = gather(size, options.corpora, request.recordings, folder, voices, request.processes, tell)
    opened, missing = probing.available(entries, material, folder, tell)
    if not opened:
        raise ConfigError("none of the representations is installed: " + "; ".join(missing.values()))
    return TokensRunner(size, material, folder, request.rig, missing, tuple(opened), options)


def jobs(runner: TokensRunner, failed: Mapping[str, str]) -> Iterator[Wave]:
    """Encoding and probes, then training, then costs."""
    yield Wave("encoding", tuple(StudyJob(o.entry.key, TokensRunner.prepare, (o,)) for o in runner.opened))
    listed = runs(runner.size, keys(runner, failed))
    training = [StudyJob(run.name, TokensRunner.run, (run,)) for run in listed]
    yield Wave("training", (StudyJob(TRIVIAL, TokensRunner.trivial), *training))
    variants = dict.fromkeys(run.variant for run in listed)
    yield Wave("costs", tuple(StudyJob(f"costs of {v.name}", TokensRunner.cost, (v,)) for v in variants), alone=True)


def keys(runner: TokensRunner, failed: Mapping[str, str]) -> list[str]:
    """Representations that were encoded."""
    return [o.entry.key for o in runner.opened if o.entry.key not in failed]


def predict(system: TokensToFaces, network: FaceNetwork, clips: Sequence[Any], seed: int) -> list[Motion]:
    """Motion for whole clips, many at once; the noise that sampling starts from is drawn by (seed, number of the clip).

    A clip starts from the same noise whatever clips are batched with it; samplers that add noise at every step (DDPM)
    draw that for all clips of a batch at once.

    Args:
        system: whose representation and sampler are used.
        network: trained, at rest.
        clips: in any order.
        seed: of the samples.
    """
    motions: dict[int, Motion] = {}
    face, channels = system.face, system.face.data.channels
    order = sorted(range(len(clips)), key=lambda i: clips[i].duration)
    for first in range(0, len(order), _TOGETHER):
        numbers = order[first : first + _TOGETHER]
        counts = [timing.frame_count(clips[i].duration, FRAME_RATE) for i in numbers]
        blank = [np.zeros((count, len(channels)), np.float32) for count in counts]
        pairs = [Pair(face.tracks[clips[i]], rows, FRAME_RATE) for i, rows in zip(numbers, blank, strict=True)]
        batch = collate(pairs, network.decoder.moments)
        start = torch.zeros_like(batch.motion)
        for row, (number, count) in enumerate(zip(numbers, counts, strict=True)):
            drawn = np.random.default_rng([seed, number]).standard_normal((count, len(channels)), np.float32)
            start[row, :count] = torch.from_numpy(drawn)
        values = face.sample(network, batch, start, torch.Generator().manual_seed(seed)).numpy()
        for row, (number, count) in enumerate(zip(numbers, counts, strict=True)):
            motions[number] = Motion(values[row, :count], channels, FRAME_RATE)
    return [motions[i] for i in range(len(clips))]
