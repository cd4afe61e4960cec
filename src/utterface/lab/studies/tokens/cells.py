"""One cell of the grid: a decoder trained on a representation, its motion for the test clips, what that is worth.

cells/NAME.json   what each clip adds to each measure, how long it took
cells/NAME.npz    motion of the shown sentences, first seed only: clip id → (T, C) at 30 a second
work/weights/     the averaged weights, so that judging anew needs no training anew
"""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from utterface import rigs, timing
from utterface.files import replacing
from utterface.lab.batches.pairs import Pair, collate, target
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.studies.clips import FRAME_RATE
from utterface.lab.studies.kept import bytes_of, done, mark_of, portable, train_once, write_json
from utterface.lab.studies.tokens.grid import Cell, Folder, Grid, recipe
from utterface.lab.studies.tokens.material import Material
from utterface.lab.studies.tokens.measures import Judge, Sums, diversity_sums, judge_for, sums_of
from utterface.lab.systems.face import FaceNetwork
from utterface.lab.systems.tokens_to_faces import TokensToFaces, make
from utterface.lab.training.checkpoints import load_average
from utterface.motion import ARKIT, Motion
from utterface.rigs.lips import LipRig

CHANNELS = ARKIT[:-1]
_TOGETHER = 16  # clips predicted at once
_OTHER_TAKES = 1000  # seed of takes whose diversity is measured
_VERSION = 1  # of what is measured; figures of another version are measured anew


class Cells:
    """Trains and judges cells, all on the same clips.

    Args:
        grid, material, folder: of the run.
        rig: lips that real recordings are judged on; None is the built-in head.
    """

    def __init__(self, grid: Grid, material: Material, folder: Folder, rig: Path | None) -> None:
        self.grid, self.material, self.folder, self.rig = grid, material, folder, rig

    @cached_property
    def references(self) -> list[Motion]:
        """Of the test clips."""
        return [reference(clip) for clip in self.material.test]

    @cached_property
    def judge(self) -> Judge:
        """Of test clips: the built-in head."""
        head = rigs.head()
        return judge_for(head, LipRig.from_rig(head), self.material.test, self.references)

    @cached_property
    def spoken_judge(self) -> Judge:
        """Of real recordings: lips on the rig that was named."""
        head = rigs.head()
        lips = LipRig.from_npz(self.rig) if self.rig else LipRig.from_rig(head)
        return judge_for(head, lips, self.material.test, self.references)

    def run(self, cell: Cell, representation: str, report: Callable[[str], None] = lambda line: None) -> Path:
        """Train and judge a cell, or what of it is left to do; the path of its figures.

        Args:
            cell: which.
            representation: a name that `open_representation` takes.
            report: told the losses.
        """
        path = self.folder.cells / f"{cell.name}.json"
        asked = recipe(self.grid, cell, representation, self.folder)
        mark = self._mark(asked)
        if done(path, mark):
            return path
        kept = self.folder.work / "weights" / f"{cell.name}.safetensors"
        trained = train_once(asked, kept, portable(asked), report)
        system = make(asked)
        weights, _, _ = load_average(kept)
        system.network.load_state_dict(weights)
        network = system.network.eval().to("cuda" if torch.cuda.is_available() else "cpu")
        begin = time.perf_counter()
        test, spoken = self.material.test, self.material.spoken
        said = predict(system, network, [*test, *spoken], cell.seed)
        predicted = time.perf_counter() - begin
        sums = {c.id: sums_of(self.judge, c, m, r) for c, m, r in zip(test, said, self.references, strict=False)}
        for clip_id, more in self._varied(system, network).items():
            sums[clip_id] |= more
        heard = {c.id: sums_of(self.spoken_judge, c, m, None) for c, m in zip(spoken, said[len(test) :], strict=True)}
        if cell.seed == 0:
            self._keep_motion(cell, dict(zip([c.id for c in (*test, *spoken)], said, strict=True)))
        told = {
            "mark": mark, "representation": cell.representation, "decoder": cell.decoder, "seed": cell.seed,
            "parameters": sum(p.numel() for p in network.parameters()), **trained,
            "predict_seconds": predicted, "judge_seconds": time.perf_counter() - begin - predicted,
            "test": sums, "spoken": heard,
        }  # fmt: skip
        write_json(path, told)
        return path

    def trivial(self) -> Path:
        """What the mean face of the training clips and the references themselves score: the floor and the ceiling."""
        path = self.folder.cells / "trivial.json"
        mark = self._mark({"channels": list(CHANNELS)})
        if done(path, mark):
            return path
        mean = np.concatenate([target(c, CHANNELS, FRAME_RATE) for c in self.material.train]).mean(0, dtype=np.float64)
        told: dict[str, Any] = {"mark": mark}
        test, spoken = self.material.test, self.material.spoken
        for name in ("mean", "reference"):
            rows = []
            for clip, truth in zip(test, self.references, strict=True):
                motion = truth if name == "reference" else _still(truth, mean)
                rows.append((clip.id, sums_of(self.judge, clip, motion, truth)))
            heard = []
            for clip in spoken:
                truth = reference(clip)
                motion = truth if name == "reference" else _still(truth, mean)
                heard.append((clip.id, sums_of(self.spoken_judge, clip, motion, None)))
            told[name] = {"test": dict(rows), "spoken": dict(heard)}
        write_json(path, told)
        return path

    def _varied(self, system: TokensToFaces, network: FaceNetwork) -> dict[str, Sums]:
        """Diversity of a decoder that samples."""
        if network.decoder.schedule is None:
            return {}
        found = {}
        for clip in self.material.test[: self.grid.varied]:
            takes = predict(system, network, [clip] * self.grid.takes, _OTHER_TAKES)
            found[clip.id] = diversity_sums(self.judge, takes)
        return found

    def _keep_motion(self, cell: Cell, said: Mapping[str, Motion]) -> None:
        rows: dict[str, Any] = {c.id: said[c.id].values for c in self.material.shown[: self.grid.shown]}
        with replacing(self.folder.cells / f"{cell.name}.npz") as part:
            np.savez_compressed(part, **rows)

    def _mark(self, asked: Mapping[str, Any]) -> str:
        """Changes whenever the figures would."""
        clips = [[c.id for c in part] for part in (self.material.train, self.material.test, self.material.spoken)]
        grid = (self.grid.varied, self.grid.takes, self.grid.shown)
        rig = bytes_of(self.rig) if self.rig else ""
        return mark_of([_VERSION, portable(asked), clips, rig, grid])


def reference(clip: CorpusClip) -> Motion:
    """The captured motion, or what the clip's phones ask of the mouth."""
    return Motion(target(clip, CHANNELS, FRAME_RATE), CHANNELS, FRAME_RATE)


def predict(system: TokensToFaces, network: FaceNetwork, clips: Sequence[CorpusClip], seed: int) -> list[Motion]:
    """Motion for whole clips, many at once; what sampling begins from is drawn by (seed, number of the clip).

    Whatever stands beside a clip, it begins from the same noise; samplers that add some at every step (DDPM) draw that
    for all clips of a batch at once.

    Args:
        system: whose representation and sampler are used.
        network: trained, at rest.
        clips: in any order.
        seed: of what is sampled.
    """
    found: dict[int, Motion] = {}
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
            found[number] = Motion(values[row, :count], channels, FRAME_RATE)
    return [found[i] for i in range(len(clips))]


def _still(like: Motion, mean: np.ndarray) -> Motion:
    return like.with_values(np.broadcast_to(mean.astype(np.float32), like.values.shape))
