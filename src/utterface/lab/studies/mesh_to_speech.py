"""How well speech comes back from faces by mesh-to-speech models, on speakers that none of them was trained on.

utterface bench hearing RUN/mouth.safetensors RUN/weights.safetensors --vocoder RUN/vocoder.safetensors --corpus CORPUS

The recording itself and its true log-mel through the vocoder are the ceiling, the face of another clip is the floor.
THUNDER's table 3 compares expression weights, the whole face and the mouth as inputs in the same way. Faces with one
known fault each (`misspoken`) show which faults a model notices, and so which its loss can correct.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from utterface import speech, timing
from utterface.errors import ConfigError
from utterface.lab.batches.crops import Crop
from utterface.lab.corpora.manifest import CorpusClip, read_corpus
from utterface.lab.measures.catalogue import speech_loss
from utterface.lab.measures.edits import edit_distance
from utterface.lab.measures.fidelity import fidelity
from utterface.lab.measures.misspoken import MISSPOKEN
from utterface.lab.networks.mesh_to_speech import MeshToSpeechModel, gain
from utterface.lab.networks.vocoder import Vocoder
from utterface.lab.studies.jobs import OnProgress
from utterface.lab.studies.markdown import number, of_table, span
from utterface.lab.studies.tables import Cell, Table
from utterface.lab.systems.mesh_to_speech import MeshToSpeechSystem
from utterface.lab.training.checkpoints import load_average
from utterface.metrics.intervals import bootstrap
from utterface.recognise import recognise
from utterface.text import is_english, to_words

RECORDING, CEILING, FLOOR = "the recording itself", "its true log-mel", "another's face"
_GRID = 0.2  # seconds in which frames of motion, units and mel come out whole
SHOWN = {  # how the table calls it, with the way it should go
    "loss": "10 · L1 + CE ↓", "mel_distance": "log-mel error, nats ↓", "unit_accuracy": "units right ↑",
    "stoi": "STOI ↑", "estoi": "ESTOI ↑", "pesq_wb": "PESQ-WB ↑", "word_error_rate": "word error rate ↓",
}  # fmt: skip


@dataclass(frozen=True)
class SpokenTarget:
    """Speech of a clip as targets of a model, and the motion of its face.

    Attributes:
        clip: where it is from.
        samples: (N,) at the loudness of all, padded to whole frames.
        motion: (T, C) at 30 frames a second.
        mel: (2U, 80) log-mel. units: (U,).
        speaker: (S,) embedding of the voice.
    """

    clip: CorpusClip
    samples: np.ndarray
    motion: np.ndarray
    mel: np.ndarray
    units: np.ndarray
    speaker: np.ndarray


class TrainedMeshToSpeech:
    """A checkpoint of a mesh-to-speech model, and how clips are read for it."""

    def __init__(self, path: str | Path) -> None:
        self.model = MeshToSpeechModel(path)
        self.system = MeshToSpeechSystem(load_average(path)[1])

    @property
    def name(self) -> str:
        """Its input."""
        return self.model.network.config.input

    def read(self, clip: CorpusClip) -> SpokenTarget:
        """A whole clip; articulated phones where it has no motion."""
        samples = clip.samples()
        samples = gain(samples) * np.pad(samples, (0, -len(samples) % timing.sample_count(_GRID)))
        batch = self.system.arrays(Crop(clip, 0.0, samples))
        return SpokenTarget(clip, samples, batch["motion"], speech.log_mel(samples), batch["units"], batch["speaker"])

    def predict(self, target: SpokenTarget, motion: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(2U, 80) log-mel and (U, K) logits of units of a face, in the voice of the target."""
        return self.model.whole(motion, target.speaker)


def judge_sound(target: SpokenTarget, sound: np.ndarray, words: bool = True) -> dict[str, float]:
    """One clip's sound beside its target: `fidelity`, and where there is a transcript `errors` of `words`."""
    figures = {k: v for k, v in fidelity(target.samples, sound).items() if k != "mel_error"}
    return figures | (count_words(target.clip, sound) if words else {})


def count_words(clip: CorpusClip, sound: np.ndarray) -> dict[str, float]:
    """How many `words` the transcript has, and the `errors` of PocketSphinx; English only."""
    wanted = to_words(clip.text) if is_english(clip.language) else []
    if not wanted:
        return {"errors": 0, "words": 0}
    recognised = [span.label for span in recognise(sound).words]
    number_of = {word: i for i, word in enumerate({*recognised, *wanted})}
    errors = edit_distance([number_of[w] for w in recognised], [number_of[w] for w in wanted])
    return {"errors": errors, "words": len(wanted)}


def judge_face(
    trained: TrainedMeshToSpeech,
    target: SpokenTarget,
    motion: np.ndarray,
    vocoder: Vocoder | None = None,
    words: bool = True,
) -> dict[str, float]:
    """Output for one face beside its target; (T, C) `motion` of the clip or a prediction.

    Without a vocoder the sound is not measured.
    """
    mel, logits = trained.predict(target, motion)
    return {
        "distance": float(np.abs(mel - target.mel).mean(1).sum()),
        "mel_frames": len(mel),
        "right": int((logits.argmax(1) == target.units).sum()),
        "surprise": float(F.cross_entropy(torch.from_numpy(logits), torch.from_numpy(target.units), reduction="sum")),
        "frames": len(logits),
        **(judge_sound(target, vocoder(mel), words) if vocoder else {}),
    }


def summarise(clips: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The figures of the table over clips: distances and units by frame, words by word, the rest by clip."""
    figures = {}
    for name, wrong, of in (("mel_distance", "distance", "mel_frames"), ("unit_accuracy", "right", "frames"),
                            ("word_error_rate", "errors", "words")):  # fmt: skip
        total = sum(clip.get(of, 0) for clip in clips)
        if total:
            figures[name] = float(sum(clip.get(wrong, 0) for clip in clips) / total)
    if any(clip.get("frames") for clip in clips):
        sums = {name: sum(c[name] for c in clips) for name in ("distance", "mel_frames", "surprise", "frames")}
        figures["loss"] = float(speech_loss(**sums))
    for name in ("stoi", "estoi", "pesq_wb"):
        known = [clip[name] for clip in clips if np.isfinite(clip.get(name, np.nan))]
        if known:
            figures[name] = float(np.mean(known))
    return {name: figures[name] for name in SHOWN if name in figures}


def gather(corpora: Sequence[Path], split: str, most: int = 0) -> list[CorpusClip]:
    """Up to `most` clips of a split, evenly taken; 0 is all."""
    clips = [clip for folder in corpora for clip in read_corpus(folder).split(split)]
    if len(clips) < 2:
        raise ConfigError(f"models are compared on two clips at least, {split} has {len(clips)}; name other corpora")
    return clips[:: -(-len(clips) // most)] if most else clips


def bench(
    models: Sequence[Path],
    vocoder: Path,
    clips: Sequence[CorpusClip],
    *,
    words: bool = True,
    report: OnProgress = lambda what, part: None,
) -> dict:
    """The whole benchmark as plain numbers.

    Args:
        models: checkpoints of `mesh_to_speech`, which differ in their input.
        vocoder: checkpoint of `vocoder`.
        clips: of speakers that none was trained on.
        words: whether a recogniser counts words too, which takes longest.
        report: receives what is being done.
    """
    sounding = Vocoder(vocoder)
    rows: dict[str, list[dict[str, float]]] = {}
    for trained in map(TrainedMeshToSpeech, models):
        targets = [trained.read(clip) for clip in clips]
        if not rows:
            report(CEILING, None)
            rows[RECORDING] = [count_words(t.clip, t.samples) if words else {} for t in targets]
            rows[CEILING] = [judge_sound(t, sounding(t.mel), words) for t in targets]
        whole = {trained.name: [t.motion for t in targets], f"{trained.name}, {FLOOR}": list(_of_another(targets))}
        wrong = {
            f"{trained.name}, {fault}": [change(t.motion, trained.model.channels) for t in targets]
            for fault, change in MISSPOKEN.items()
        }
        for name, motions in {**whole, **wrong}.items():
            report(name, None)
            audible = sounding if name in whole else None
            pairs = zip(targets, motions, strict=True)
            rows[_free(name, rows)] = [judge_face(trained, t, m, audible, words) for t, m in pairs]
    return {
        "clips": len(clips),
        "speakers": len({clip.speaker for clip in clips}),
        "seconds": float(sum(clip.duration for clip in clips)),
        "rows": [_row(name, judged) for name, judged in rows.items()],
    }


def _of_another(targets: Sequence[SpokenTarget]) -> Iterator[np.ndarray]:
    """(T, C) the motion of the nearest clip before with other speech, repeated where it is shorter."""
    for at, here in enumerate(targets):
        before = [*targets[:at][::-1], *targets[:at:-1]]
        other = next((t for t in before if not np.array_equal(t.samples, here.samples)), before[0])
        yield np.resize(other.motion, here.motion.shape)


def _free(name: str, taken: Mapping[str, object]) -> str:
    """The name, with a number where it is taken."""
    names = [name, *(f"{name} ({n})" for n in range(2, len(taken) + 3))]
    return next(n for n in names if n not in taken)


def _row(name: str, clips: Sequence[Mapping[str, float]]) -> dict:
    spread = bootstrap(clips, summarise)
    figures = summarise(clips)
    return {"name": name, **figures, **{f"{key}_95": list(spread[key]) for key in figures}}


def of_rows(rows: Sequence[Mapping[str, Any]]) -> Table:
    """A table with a row each; 95 % intervals over clips behind the figures."""
    shown = [figure for figure in SHOWN if any(figure in row for row in rows)]

    def cell(row: Mapping[str, Any], figure: str) -> Cell:
        return Cell(number(row[figure]), span(row[f"{figure}_95"])) if figure in row else Cell("–")

    cells = tuple((Cell(row["name"]), *(cell(row, figure) for figure in shown)) for row in rows)
    return Table(("speech from", *(SHOWN[figure] for figure in shown)), cells)


def to_markdown(figures: Mapping[str, Any]) -> str:
    """The table under what it rests on."""
    rests = f"{figures['clips']} clips, {figures['speakers']} speakers, {figures['seconds']:.0f} s"
    return f"# Speech from faces: {rests}\n\n{of_table(of_rows(figures['rows']))}\n"
