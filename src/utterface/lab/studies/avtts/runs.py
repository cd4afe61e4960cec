"""Runs of the study: the training, then every sentence spoken in every way and measured."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from utterface.engines.bundle import shipped
from utterface.errors import ConfigError, CorpusError
from utterface.lab.bundles.reading import weights_of
from utterface.lab.corpora.manifest import CorpusClip, read_corpus
from utterface.lab.corpora.synthetic import make as make_corpus
from utterface.lab.networks.mesh_to_speech import MeshToSpeechConfig, MeshToSpeechNetwork
from utterface.lab.networks.speech_from_text import PAUSE
from utterface.lab.representations.speaker import SpeakerEncoder
from utterface.lab.studies.avtts.options import AvttsOptions
from utterface.lab.studies.avtts.sizes import SENTENCES, AvttsSize
from utterface.lab.studies.avtts.spoken import Resounding, Speaking
from utterface.lab.studies.clips import CLIPS, bring, name_in, of_split, shares, sources_of
from utterface.lab.studies.jobs import OnLine, StudyJob, Wave
from utterface.lab.studies.recipes import training
from utterface.lab.studies.report import Source
from utterface.lab.studies.store import (
    Folder,
    bytes_of,
    done,
    keep_or_refuse,
    mark_of,
    portable,
    read_json,
    train_once,
    write_json,
)
from utterface.lab.studies.study import StudyRequest
from utterface.lab.systems.speech_from_text import TOKENS, SpeechFromTextSystem
from utterface.lab.training.checkpoints import load_average, save_checkpoint
from utterface.rigs import cache
from utterface.speak import find_voice

NAME = "speech_from_text"
_LISTENER = "listener"  # the bundle with the conformer and the vocoder
_VERSION = 1  # of what is measured


@dataclass(frozen=True)
class AvttsMaterial:
    """The clips of a study: those of the training, and where they come from."""

    train: tuple[CorpusClip, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class AvttsRunner:
    """Trains the networks and has sentences spoken; travels to processes."""

    size: AvttsSize
    material: AvttsMaterial
    folder: Folder
    options: AvttsOptions
    missing: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def recipe(self) -> dict[str, Any]:
        """What is trained."""
        size = self.size
        train = training(size, NAME, size.rate, self.folder)
        if size.shipped:
            train["initial"] = str(self.folder.models / "conformer.safetensors")
        return {
            "system": "speech_from_text",
            "train": train,
            "speech": {"representation": TOKENS, "store": str(self.folder.tracks)},
            "data": {"root": str(self.folder.work), "shares": {CLIPS: 1.0}, "batch": size.batch,
                     "seconds": size.seconds, "workers": 0},
            "language": dict(size.language),
            "network": dict(size.network),
        }  # fmt: skip

    @property
    def weights(self) -> Path:
        """The trained networks."""
        return self.folder.weights(NAME)

    def train(self) -> None:
        """Train, or what of it is left to do."""
        if self.size.shipped:
            write_conformer(Path(self.recipe["train"]["initial"]), self.recipe)
        train_once(self.recipe, self.weights, self._about())

    def _about(self) -> Any:
        recipe = portable(self.recipe)
        recipe["train"].pop("initial", None)
        return {"recipe": recipe, "shipped": self.size.shipped, "clips": mark_of([c.id for c in self.material.train])}

    @cached_property
    def speaking(self) -> "Speaking":
        """Every way of speaking, opened in the process that needs it."""
        system = SpeechFromTextSystem(self.recipe)
        average, _, _ = load_average(self.weights)
        system.network.load_state_dict(average)
        own = find_voice(self.size.voice).speaker
        example = next((c for c in self.material.train if c.speaker == own), None)
        if example is None:
            raise CorpusError(f"the training has no clip of {own}, the speaker of {self.size.voice}")
        speaker = system.voices[example].values[0]
        return Speaking(system, speaker, self.sounds, shipped("motion")["tokens"], self.size.temperature)

    @cached_property
    def sounds(self) -> Resounding:
        """The speech engine and other kinds of tokens, opened in the process that needs them."""
        return Resounding(self.size.voice, shipped("voice")[_LISTENER], self.size.kinds)

    def resound(self, number: int) -> None:
        """Measure what depends on no training of a sentence, unless that is done."""
        path, mark = self.file(number, "sounds"), mark_of([_VERSION, self.size.voice, self.size.kinds])
        if not done(path, mark):
            write_json(path, {"mark": mark, "sounds": self.sounds.measure(SENTENCES[number])})

    def sentence(self, number: int) -> None:
        """Have a sentence spoken with tokens, measure that and every face, unless that is done."""
        path, mark = self.file(number, "tokens"), self.mark()
        if not done(path, mark):
            write_json(path, {"mark": mark, **self.speaking.measure(SENTENCES[number])})

    def file(self, number: int, part: str) -> Path:
        """Figures of a sentence: `sounds` or `tokens`."""
        return self.folder.figures(f"{number:02d}.{part}")

    @property
    def sentences(self) -> range:
        """Numbers of the sentences that are spoken."""
        return range(min(self.size.sentences, len(SENTENCES)))

    def mark(self) -> str:
        """Changes whenever figures would."""
        size = self.size
        return mark_of([_VERSION, bytes_of(self.weights), size.voice, size.temperature, PAUSE])

    def trained(self) -> dict[str, Any]:
        """Steps, seconds and losses of the training, parameters."""
        log = read_json(self.weights.with_suffix(".json"))
        weights, _, steps = load_average(self.weights)
        count = dict.fromkeys(("language", "sound"), 0)
        for name, value in weights.items():
            count[name.partition(".")[0]] += value.numel()
        return {"steps": steps, "train_seconds": log["train_seconds"], "losses": log["losses"], "parameters": count}


def write_conformer(path: Path, recipe: Mapping[str, Any]) -> None:
    """The conformer and mel head of the mesh-to-speech network that ships as a checkpoint to begin from."""
    config = MeshToSpeechConfig()
    features = SpeakerEncoder().network.config.features
    donor = MeshToSpeechNetwork(config, 3 * config.vertices, 1, features)
    weights = weights_of(donor, shipped("voice")[_LISTENER], "mesh_to_speech")
    own = {f"sound.{name}": value for name, value in weights.items() if name.startswith(("body.", "mel."))}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_checkpoint(path, dict(recipe), 0, 0.0, own)


def prepare(size: AvttsSize, request: StudyRequest, folder: Folder, tell: OnLine) -> AvttsRunner:
    """Clips of the training.

    Raises:
        ConfigError: the folder holds a study with other settings, or recordings are given.
        CorpusError: no training clips in English.
    """
    options: AvttsOptions = request.options
    if request.recordings:
        raise ConfigError("bench avtts speaks its own sentences: leave out --audio and --text")
    keep_or_refuse(folder.root / "settings.json", {**asdict(size), "corpora": options.corpora})
    read = [(path.name, read_corpus(path)) for path in options.corpora]
    if not read:
        place = cache.folder() / "bench" / "made_speech"
        tell(f"making {size.hours * 60:.0f} minutes of synthetic speech in {place}")
        made = make_corpus(place, ("flite",), size.hours, 0, False, request.processes, tell, "en")
        read = [("made_speech", made)]
    train = shares(of_split(read, "train", "en"), size.clips)
    if not train:
        raise CorpusError("no training clips in English")
    clips = bring(train, folder, any(corpus.about.shared_speakers for _, corpus in read))
    material = AvttsMaterial(tuple(clips[name_in(n, c)] for n, c in train), tuple(sources_of(train, "train")))
    return AvttsRunner(size, material, folder, options)


def jobs(runner: AvttsRunner, failed: Mapping[str, str]) -> Iterator[Wave]:
    """Synthetic speech, the training, then its sentences, one by one since costs are measured."""
    listed = runner.sentences
    yield Wave("sounds", tuple(StudyJob(f"sounds of {n}", AvttsRunner.resound, (n,)) for n in listed), alone=True)
    yield Wave("training", (StudyJob(NAME, AvttsRunner.train),))
    if NAME not in failed:
        yield Wave("speaking", tuple(StudyJob(f"sentence {n}", AvttsRunner.sentence, (n,)) for n in listed), alone=True)
