"""One thing at a time: an ear, a head, a row judged, a rung of the ladder. Whatever is there already is left alone.

cells/NAME.json     what each sound adds to each measure, how long training took
cells/NAME.npz      motion of the shown sentences, first seed only: clip id → (S, T, C) at 30 a second
ears/NAME           listeners and vocoder; work/weights holds the heads, so that judging anew needs no training anew

What a row hangs on is its own recipe, the clips, and the bytes of the listener and of the head that it began from:
another weight or listener makes its own rows anew and no others.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from utterface import rigs
from utterface.errors import ConfigError, ModelError
from utterface.files import replacing
from utterface.lab.batches.pairs import target
from utterface.lab.batches.tracks import Tracks
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.networks.mesh_to_speech import INPUTS
from utterface.lab.representations import open_representation
from utterface.lab.studies import hearing
from utterface.lab.studies.clips import FRAME_RATE
from utterface.lab.studies.figures import Sums
from utterface.lab.studies.hearing import Ear, Said
from utterface.lab.studies.kept import bytes_of, done, mark_of, portable, train_once, write_json
from utterface.lab.studies.thunder import recipes
from utterface.lab.studies.thunder.grid import MOUTH, VOCODER, Cell, Folder, Grid
from utterface.lab.studies.thunder.material import Material, Sound, reference
from utterface.lab.studies.thunder.measures import Judge, heard_of, lips_of, others_of, sums_of
from utterface.lab.systems.mesh_to_speech import MeshToSpeechSystem
from utterface.lab.systems.thunder import CHANNELS, Thunder, make
from utterface.lab.training.checkpoints import load_average
from utterface.motion import Motion
from utterface.rigs.lips import LipRig

_VERSION = 2  # of what is measured; figures of another version are measured anew
_PAGE = 100_000  # seeds of takes that are shown begin here, those of a rung of the ladder twice as far
TRIVIAL = ("mean face", "other performances", "articulation")
HEARING = "hearing"


@dataclass(frozen=True)
class Runner:
    """Trains and judges, all on the same clips.

    Args:
        grid, material, folder: of the run.
        units: a name that `open_representation` takes, what listeners tell.
        rig: lips that real recordings are judged on; None is the built-in head.
        given: ears that were brought along: name → checkpoint.
    """

    grid: Grid
    material: Material
    folder: Folder
    units: str
    rig: Path | None = None
    given: Mapping[str, Path] = field(default_factory=dict)

    @cached_property
    def judges(self) -> dict[str, Judge]:
        """By set of sounds: the built-in head, and for real recordings the lips that were named."""
        head, material = rigs.head(), self.material
        own = LipRig.from_rig(head)
        lips = LipRig.from_npz(self.rig) if self.rig else own
        return {
            "valid": Judge(head, own, material.valid),
            "test": Judge(head, own, material.test),
            "spoken": Judge(head, lips, material.test),
        }

    def ear(self, name: str) -> Path:
        """The checkpoint of a listener or of the vocoder, where it is or will be."""
        return self.given.get(name, self.folder.ears / f"{name}.safetensors")

    def train_ear(self, name: str) -> Path:
        """A listener by what it looks at, or the vocoder."""
        if name in self.given:
            return self.given[name]
        grid, folder = self.grid, self.folder
        made = recipes.vocoder(grid, folder) if name == VOCODER else recipes.listener(grid, name, self.units, folder)
        train_once(made, self.ear(name), self._about(made), _quiet)
        return self.ear(name)

    def train_before(self, decoder: str, seed: int) -> Path:
        """The head that the rows of a decoder and seed begin from."""
        asked = recipes.before(self.grid, decoder, seed, self.folder)
        path = self.before(decoder, seed)
        train_once(asked, path, self._about(asked), _quiet)
        return path

    def before(self, decoder: str, seed: int) -> Path:
        return self.folder.weights / f"before-{decoder}.{seed}.safetensors"

    def encode(self, what: str) -> None:
        """What `heads` or `ears` hear of the clips to learn from, so that no two trainings encode the same."""
        store = self.folder.work / "tracks"
        if what == "heads":
            tracks = [Tracks(open_representation(self.grid.representation), False, store)]
        else:
            system = MeshToSpeechSystem(recipes.listener(self.grid, MOUTH, self.units, self.folder))
            tracks = [system.units, system.voices]
        for clip in self.material.train:
            for each in tracks:
                each[clip]

    def run(self, cell: Cell) -> Path:
        """Train and judge a row with a seed, or what of it is left to do; the path of its figures."""
        row, path = cell.row, self.folder.cells / f"{cell.name}.json"
        ear = self.ear(row.listener) if row.listener else None
        initial = self.before(row.decoder, cell.seed) if self.grid.before else None
        asked = recipes.head(self.grid, cell, ear, initial, self.folder)
        about = self._about(asked)
        mark = self._mark(about)
        if done(path, mark):
            return path
        kept = self.folder.weights / f"{cell.name}.safetensors"
        trained = train_once(asked, kept, about, _quiet)
        system = self._system(asked, kept)
        begin = time.perf_counter()
        told: dict[str, Any] = {
            "mark": mark, "row": vars(row), "seed": cell.seed,
            "parameters": sum(p.numel() for p in system.network.parameters()), **trained,
        }  # fmt: skip
        sets = {"valid": self.material.valid, "test": self.material.test}
        told |= {name: self._judged(system, name, sounds, self.grid.takes) for name, sounds in sets.items()}
        told["spoken"] = self._lips(system)
        told["judge_seconds"] = time.perf_counter() - begin
        if cell.seed == 0:
            self._keep_motion(cell, system)
        write_json(path, told)
        return path

    def trivial(self) -> Path:
        """What nobody trained: the mean face, the other performances of a sound, what its phones ask of the mouth."""
        path = self.folder.cells / "trivial.json"
        mark = self._mark("trivial")
        if done(path, mark):
            return path
        mean = np.concatenate([target(c, CHANNELS, FRAME_RATE) for c in self.material.train]).mean(0, dtype=np.float64)
        judge, spoken = self.judges["test"], self.judges["spoken"]
        told: dict[str, Any] = {"mark": mark, **{name: {"test": {}, "spoken": {}} for name in TRIVIAL}}
        for sound in self.material.test:
            key, first = sound.clip.id, sound.references[0]
            still = _still(first, mean)
            told[TRIVIAL[0]]["test"][key] = sums_of(judge, sound, [still]) | self._heard(sound.clip, still)
            if len(sound.performances) > 1:
                told[TRIVIAL[1]]["test"][key] = others_of(judge, sound) | self._heard(sound.clip, first)
        for clip in self.material.spoken:
            asked = reference(clip)
            told[TRIVIAL[0]]["spoken"][clip.id] = lips_of(spoken, clip, [_still(asked, mean)])
            told[TRIVIAL[2]]["spoken"][clip.id] = lips_of(spoken, clip, [asked])
        write_json(path, told)
        return path

    def climb(self, cell: Cell, sampler: str, steps: int) -> Path:
        """A rung of the ladder: the takes of a finished row by another sampler or another number of steps."""
        path = self.folder.cells / f"steps.{sampler}-{steps}.json"
        kept = self.folder.weights / f"{cell.name}.safetensors"
        sounds = self.material.test[: self.grid.climbed]
        mark = self._mark([cell.name, sampler, steps, bytes_of(kept), [s.clip.id for s in sounds]])
        if done(path, mark):
            return path
        system = self._system(load_average(kept)[1], kept)
        system.face.sampling = replace(system.face.sampling, sampler=sampler, steps=steps)
        begin = time.perf_counter()
        sums = self._judged(system, "test", sounds, 1, 2 * _PAGE)
        seconds = time.perf_counter() - begin
        write_json(path, {"mark": mark, "sampler": sampler, "steps": steps, "seconds": seconds, "test": sums})
        return path

    def judge_ears(self) -> Path:
        """How much listeners hear on test speakers, see `bench.hearing`."""
        path = self.folder.cells / f"{HEARING}.json"
        names = [name for name in (*INPUTS, VOCODER) if self.ear(name).is_file()]
        *listeners, last = names
        if last != VOCODER or not listeners:
            raise ModelError("there is no listener or no vocoder to judge")
        clips = [sound.clip for sound in self.material.test]
        mark = self._mark([HEARING, self.grid.words, {name: bytes_of(self.ear(name)) for name in names}])
        if not done(path, mark):
            paths = [self.ear(name) for name in listeners]
            found = hearing.bench(paths, self.ear(VOCODER), clips, words=self.grid.words)
            write_json(path, {"mark": mark, **found})
        return path

    def _system(self, asked: Mapping[str, Any], kept: Path) -> Thunder:
        system = make(asked)
        weights, _, _ = load_average(kept)
        system.network.load_state_dict(weights)
        system.network.eval().to("cuda" if torch.cuda.is_available() else "cpu")
        return system

    def _takes(self, system: Thunder, clip: CorpusClip, count: int, first: int) -> list[Motion]:
        """As many as differ: of what does not sample, one."""
        several = system.network.decoder.schedule is not None
        return system.takes(clip.samples(), range(first, first + count) if several else [first])

    def _judged(
        self, system: Thunder, name: str, sounds: Sequence[Sound], count: int, first: int = 0
    ) -> dict[str, Sums]:
        """Seeds of takes are numbered through all sounds, the same for every row; the first take is listened to."""
        found = {}
        for number, sound in enumerate(sounds):
            takes = self._takes(system, sound.clip, count, first + number * count)
            heard = self._heard(sound.clip, takes[0]) if name == "test" else {}
            found[sound.clip.id] = sums_of(self.judges[name], sound, takes) | heard
        return found

    def _heard(self, clip: CorpusClip, face: Motion) -> Sums:
        """What the mouth's listener makes of a face, whoever listened while it learned; nothing without a listener."""
        if not self.ear(MOUTH).is_file():
            return {}
        if clip.id not in self._said:
            self._said[clip.id] = self._listener.read(clip)
        return heard_of(self._listener, self._said[clip.id], face)

    @cached_property
    def _listener(self) -> Ear:
        return Ear(self.ear(MOUTH))

    @cached_property
    def _said(self) -> dict[str, Said]:
        return {}

    def _lips(self, system: Thunder) -> dict[str, Sums]:
        """On real recordings."""
        judge, count = self.judges["spoken"], self.grid.takes
        return {
            clip.id: lips_of(judge, clip, self._takes(system, clip, count, number * count))
            for number, clip in enumerate(self.material.spoken)
        }

    def _keep_motion(self, cell: Cell, system: Thunder) -> None:
        rows: dict[str, Any] = {
            clip.id: np.stack([take.values for take in self._takes(system, clip, self.grid.samples, _PAGE)])
            for clip in self.material.shown(self.grid.shown)
        }
        with replacing(self.folder.cells / f"{cell.name}.npz") as part:
            np.savez_compressed(part, **rows)

    def _about(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """What weights hang on: places become the bytes that lie there.

        Raises:
            ConfigError: a checkpoint to begin from or to listen is not there, because its own training failed.
        """
        told = portable(asked)
        for table, key in (("train", "initial"), ("hearing", "listener")):
            place = told.get(table, {}).get(key)
            if place:
                if not Path(place).is_file():
                    raise ConfigError(f"{Path(place).stem} is not there, its training failed")
                told[table][key] = bytes_of(Path(place))
        return {"recipe": told, "clips": mark_of([clip.id for clip in self.material.train])}

    def _mark(self, about: Any) -> str:
        """Changes whenever figures would."""
        material, grid = self.material, self.grid
        sounds = [[[c.id for c in s.performances] for s in part] for part in (material.valid, material.test)]
        spoken = [clip.id for clip in material.spoken]
        rig = bytes_of(self.rig) if self.rig else ""
        ear = bytes_of(self.ear(MOUTH)) if self.ear(MOUTH).is_file() else ""
        return mark_of([_VERSION, about, sounds, spoken, rig, grid.takes, grid.shown, grid.samples, ear])


def _still(like: Motion, mean: np.ndarray) -> Motion:
    return Motion(np.tile(mean.astype(np.float32), (len(like), 1)), like.channels, like.frame_rate)


def _quiet(line: str) -> None:
    """Nobody reads the losses of many trainings at once; they are kept."""
