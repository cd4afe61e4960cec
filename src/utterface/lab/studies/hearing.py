"""How much of what is said can be heard from a face, on speakers that the listener never heard.

utterface bench hearing RUN/mouth.safetensors RUN/weights.safetensors --vocoder RUN/vocoder.safetensors --corpus CORPUS

The recording itself and its true log-mel through the vocoder are the ceiling, the face of another clip is the floor.
THUNDER's table 3 compares what is heard from expression weights, the whole face and the mouth in the same way. Faces
that say it wrongly in one known way (`misspoken`) tell what a listener notices, and so what its loss can correct.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
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
from utterface.lab.losses.speech import SpeechLossConfig
from utterface.lab.measures.edits import edit_distance
from utterface.lab.measures.fidelity import fidelity
from utterface.lab.measures.misspoken import MISSPOKEN
from utterface.lab.networks.mesh_to_speech import SPREAD, MeshToSpeechModel, gain
from utterface.lab.networks.vocoder import Vocoder
from utterface.lab.studies.report import number, span, table
from utterface.lab.systems.mesh_to_speech import MeshToSpeechSystem
from utterface.lab.training.checkpoints import load_average
from utterface.metrics.intervals import bootstrap
from utterface.recognise import recognise
from utterface.text import is_english, to_words

Report = Callable[[str, float | None], None]
RECORDING, CEILING, FLOOR = "the recording itself", "its true log-mel", "another's face"
_GRID = 0.2  # seconds in which frames of motion, units and mel come out whole
SHOWN = {  # how the table calls it, with the way it should go
    "loss": "10 · L1 + CE ↓", "mel_distance": "log-mel error, nats ↓", "unit_accuracy": "units right ↑",
    "stoi": "STOI ↑", "estoi": "ESTOI ↑", "pesq_wb": "PESQ-WB ↑", "word_error_rate": "word error rate ↓",
}  # fmt: skip


@dataclass(frozen=True)
class Said:
    """What was said in a clip and how the face moved.

    Attributes:
        clip: where it is from.
        samples: (N,) as loud as everybody, filled up to whole frames.
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


class Ear:
    """A listener's checkpoint, and how its clips are read."""

    def __init__(self, path: str | Path) -> None:
        self.listener = MeshToSpeechModel(path)
        self.system = MeshToSpeechSystem(load_average(path)[1])

    @property
    def name(self) -> str:
        """What it looks at."""
        return self.listener.network.config.input

    def read(self, clip: CorpusClip) -> Said:
        """A whole clip; a mouth that has no captured motion moves as its phones ask."""
        samples = clip.samples()
        samples = gain(samples) * np.pad(samples, (0, -len(samples) % timing.sample_count(_GRID)))
        asked = self.system.arrays(Crop(clip, 0.0, samples))
        return Said(clip, samples, asked["motion"], speech.log_mel(samples), asked["units"], asked["speaker"])

    def hear(self, said: Said, motion: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(2U, 80) log-mel and (U, K) logits of units of a face, in the voice of `said`."""
        return self.listener.whole(motion, said.speaker)


def judge_sound(said: Said, sound: np.ndarray, words: bool = True) -> dict[str, float]:
    """One clip's sound beside what was said: `fidelity`, and where there is a transcript `errors` of `words`."""
    figures = {k: v for k, v in fidelity(said.samples, sound).items() if k != "mel_error"}
    return figures | (count_words(said.clip, sound) if words else {})


def count_words(clip: CorpusClip, sound: np.ndarray) -> dict[str, float]:
    """How many `words` were said, and the `errors` in what PocketSphinx hears; English only."""
    wanted = to_words(clip.text) if is_english(clip.language) else []
    if not wanted:
        return {"errors": 0, "words": 0}
    heard = [span.label for span in recognise(sound).words]
    number_of = {word: i for i, word in enumerate({*heard, *wanted})}
    errors = edit_distance([number_of[w] for w in heard], [number_of[w] for w in wanted])
    return {"errors": errors, "words": len(wanted)}


def judge_face(
    ear: Ear, said: Said, motion: np.ndarray, vocoder: Vocoder | None = None, words: bool = True
) -> dict[str, float]:
    """What one face tells, beside what was said; (T, C) `motion` of the clip or of whatever predicted it.

    Without a vocoder nobody listens to the sound.
    """
    mel, logits = ear.hear(said, motion)
    return {
        "distance": float(np.abs(mel - said.mel).mean(1).sum()),
        "mel_frames": len(mel),
        "right": int((logits.argmax(1) == said.units).sum()),
        "surprise": float(F.cross_entropy(torch.from_numpy(logits), torch.from_numpy(said.units), reduction="sum")),
        "frames": len(logits),
        **(judge_sound(said, vocoder(mel), words) if vocoder else {}),
    }


def listening_loss(distance: Any, mel_frames: Any, surprise: Any, frames: Any) -> Any:
    """10 · L1 + CE, the paper's, of sums over clips, numbers or arrays: see `judge_face`."""
    weigh = SpeechLossConfig()
    return weigh.mel * distance / mel_frames / SPREAD + weigh.units * surprise / frames


def summarise(clips: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The figures of the table over clips: distances and units by frame, words by word, the rest by clip."""
    figures = {}
    for name, wrong, of in (("mel_distance", "distance", "mel_frames"), ("unit_accuracy", "right", "frames"),
                            ("word_error_rate", "errors", "words")):  # fmt: skip
        total = sum(clip.get(of, 0) for clip in clips)
        if total:
            figures[name] = float(sum(clip.get(wrong, 0) for clip in clips) / total)
    if any(clip.get("frames") for clip in clips):
        told = {name: sum(c[name] for c in clips) for name in ("distance", "mel_frames", "surprise", "frames")}
        figures["loss"] = float(listening_loss(**told))
    for name in ("stoi", "estoi", "pesq_wb"):
        known = [clip[name] for clip in clips if np.isfinite(clip.get(name, np.nan))]
        if known:
            figures[name] = float(np.mean(known))
    return {name: figures[name] for name in SHOWN if name in figures}


def gather(corpora: Sequence[Path], split: str, most: int = 0) -> list[CorpusClip]:
    """Up to `most` clips of a split, evenly taken; 0 is all."""
    clips = [clip for folder in corpora for clip in read_corpus(folder).split(split)]
    if len(clips) < 2:
        raise ConfigError(f"hearing is judged on two clips at least, {split} has {len(clips)}; name other corpora")
    return clips[:: -(-len(clips) // most)] if most else clips


def bench(
    listeners: Sequence[Path],
    vocoder: Path,
    clips: Sequence[CorpusClip],
    *,
    words: bool = True,
    report: Report = lambda what, part: None,
) -> dict:
    """The whole benchmark as plain numbers.

    Args:
        listeners: checkpoints of `mesh_to_speech`, which differ in what they look at.
        vocoder: checkpoint of `vocoder`.
        clips: of speakers that none of them heard.
        words: whether the recogniser listens too, which takes longest.
        report: told what is being done.
    """
    sounding = Vocoder(vocoder)
    rows: dict[str, list[dict[str, float]]] = {}
    for ear in map(Ear, listeners):
        said = [ear.read(clip) for clip in clips]
        if not rows:
            report(CEILING, None)
            rows[RECORDING] = [count_words(s.clip, s.samples) if words else {} for s in said]
            rows[CEILING] = [judge_sound(s, sounding(s.mel), words) for s in said]
        whole = {ear.name: [s.motion for s in said], f"{ear.name}, {FLOOR}": list(_of_another(said))}
        wrong = {
            f"{ear.name}, {how}": [change(s.motion, ear.listener.channels) for s in said]
            for how, change in MISSPOKEN.items()
        }
        for name, motions in {**whole, **wrong}.items():
            report(name, None)
            loud = sounding if name in whole else None
            rows[_free(name, rows)] = [judge_face(ear, s, m, loud, words) for s, m in zip(said, motions, strict=True)]
    return {
        "clips": len(clips),
        "speakers": len({clip.speaker for clip in clips}),
        "seconds": float(sum(clip.duration for clip in clips)),
        "rows": [_row(name, judged) for name, judged in rows.items()],
    }


def _of_another(said: Sequence[Said]) -> Iterator[np.ndarray]:
    """(T, C) the motion of the nearest clip before that says something else, over and over where it is shorter."""
    for at, here in enumerate(said):
        before = [*said[:at][::-1], *said[:at:-1]]
        other = next((clip for clip in before if not np.array_equal(clip.samples, here.samples)), before[0])
        yield np.resize(other.motion, here.motion.shape)


def _free(name: str, taken: Mapping[str, object]) -> str:
    """The name, with a number where it is taken."""
    names = [name, *(f"{name} ({n})" for n in range(2, len(taken) + 3))]
    return next(n for n in names if n not in taken)


def _row(name: str, clips: Sequence[Mapping[str, float]]) -> dict:
    spread = bootstrap(clips, summarise)
    figures = summarise(clips)
    return {"name": name, **figures, **{f"{key}_95": list(spread[key]) for key in figures}}


def to_markdown(found: Mapping) -> str:
    """A table with a row each; in brackets 95 % intervals over clips."""
    shown = [figure for figure in SHOWN if any(figure in row for row in found["rows"])]
    rows = [
        (row["name"], *(f"{number(row[f])} ({span(row[f'{f}_95'])})" if f in row else "–" for f in shown))
        for row in found["rows"]
    ]
    head = f"# Heard from the face: {found['clips']} clips, {found['speakers']} speakers, {found['seconds']:.0f} s"
    return f"{head}\n\n{table(('heard from', *(SHOWN[f] for f in shown)), rows)}\n"
