"""The same sentence on every row's face, several takes each, and what a listener hears of each: played side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.networks.vocoder import Vocoder
from utterface.lab.studies.clips import FRAME_RATE
from utterface.lab.studies.hearing import Ear
from utterface.lab.studies.thunder.cells import Runner
from utterface.lab.studies.thunder.grid import DIFFUSION, MOUTH, VOCODER, Cell
from utterface.lab.studies.thunder.grid import Row as Trained
from utterface.lab.studies.thunder.material import reference
from utterface.lab.systems.thunder import CHANNELS
from utterface.motion import Motion
from utterface.pages.comparison import Row, Sentence, comparison_page

PERFORMED = "performed"
_TITLE = "THUNDER, side by side"


def page(report: Mapping[str, Any], runner: Runner) -> str | None:
    """A page that plays; None where no row kept its motion.

    Args:
        report: from `results.collect`.
        runner: of the finished run.
    """
    kept = _kept(report, runner)
    clips = runner.material.shown(runner.grid.shown)
    if not kept or not clips:
        return None
    voice = _Voice(runner) if runner.ear(MOUTH).is_file() and runner.ear(VOCODER).is_file() else None
    sentences = [_sentence(clip, runner, kept, voice) for clip in clips]
    names = [row.name for sentence in sentences for row in sentence.rows]
    return comparison_page(sentences, title=_TITLE, shown=_shown(report, list(dict.fromkeys(names))))


def take_name(row: str, number: int) -> str:
    """What a face is called: briefly, it stands below it."""
    return f"{row.removeprefix(f'{DIFFUSION} + ')} · {number + 1}"


class _Voice:
    """A listener and a vocoder: what a face sounds like in the voice of a clip."""

    def __init__(self, runner: Runner) -> None:
        self.ear, self.vocoder = Ear(runner.ear(MOUTH)), Vocoder(runner.ear(VOCODER))

    def __call__(self, clip: CorpusClip, motion: Motion) -> np.ndarray:
        """(N,) samples at 16 kHz."""
        speaker = self.ear.system.voices[clip].values[0]
        mel, _ = self.ear.listener.whole(motion.select(self.ear.listener.channels), speaker)
        return np.clip(self.vocoder(mel), -1, 1)


def _kept(report: Mapping[str, Any], runner: Runner) -> dict[str, Mapping[str, np.ndarray]]:
    """Row → clip id → (S, T, C), of the first seed."""
    found: dict[str, Mapping[str, np.ndarray]] = {}
    for told in report["test"]["rows"]:
        if not told["trained"]:
            continue
        row = Trained(**{field.name: told[field.name] for field in fields(Trained)})
        path = runner.folder.cells / f"{Cell(row, 0).name}.npz"
        if path.is_file():
            with np.load(path) as stored:
                found[told["row"]] = dict(stored)
    return found


def _sentence(
    clip: CorpusClip, runner: Runner, kept: Mapping[str, Mapping[str, np.ndarray]], voice: _Voice | None
) -> Sentence:
    performances = next((s.performances for s in runner.material.test if s.clip.id == clip.id), (clip,))
    faces = {take_name(PERFORMED, k): reference(one) for k, one in enumerate(performances[: runner.grid.samples])}
    for name, said in kept.items():
        for k, values in enumerate(said.get(clip.id, ())):
            faces[take_name(name, k)] = Motion(values, CHANNELS, FRAME_RATE)
    rows = [Row(name, motion, voice(clip, motion) if voice else None) for name, motion in faces.items()]
    text = clip.text if len(clip.text) < 60 else clip.text[:60].rsplit(" ", 1)[0] + " …"
    return Sentence(text or clip.id, clip.samples(), rows, clip.text, phones=clip.phones())


def _shown(report: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """Six to begin with: a performance, without a listener and with the best, two takes each, another decoder."""
    titles = [row["row"] for row in report["test"]["rows"] if row["trained"]]
    best = next((row["row"] for row in report["test"]["rows"] if _is_best(report, row)), titles[0])
    wanted = [take_name(PERFORMED, 0), take_name(titles[0], 0), take_name(best, 0), take_name(best, 1)]
    wanted += [take_name(titles[0], 1), *(take_name(title, 0) for title in reversed(titles))]
    return [name for name in dict.fromkeys(wanted) if name in names][:6]


def _is_best(report: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    won = report.get("winner")
    return won is not None and all(row[field.name] == won[field.name] for field in fields(Trained))
