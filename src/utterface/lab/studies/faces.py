"""Faces of a study side by side: sentences with the motion that runs kept."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.studies.runs import VariantRun
from utterface.lab.studies.store import Folder
from utterface.pages.comparison import Row, Sentence, comparison_page, frame

SHOWN = 6
_TITLE = 60  # characters


def motions(folder: Folder, runs: Mapping[str, VariantRun[Any]]) -> dict[str, Mapping[str, np.ndarray]]:
    """Name of a face → clip id → weights, of the runs that kept some."""
    kept: dict[str, Mapping[str, np.ndarray]] = {}
    for name, run in runs.items():
        path = folder.motion(run.name)
        if path.is_file():
            with np.load(path) as stored:
                kept[name] = dict(stored)
    return kept


def sentence(clip: CorpusClip, rows: Sequence[Row]) -> Sentence:
    """A clip and its faces."""
    title = clip.text if len(clip.text) < _TITLE else clip.text[:_TITLE].rsplit(" ", 1)[0] + " …"
    return Sentence(title or clip.id, clip.samples(), rows, clip.text, phones=clip.phones())


def element(title: str, sentences: Sequence[Sentence], wanted: Iterable[str]) -> str | None:
    """An HTML element in which the sentences play; None without any.

    Args:
        title: of the page.
        sentences: in order.
        wanted: names of the faces shown at first, as far as they are there, the most important first.
    """
    if not sentences:
        return None
    names = {row.name for each in sentences for row in each.rows}
    shown = [name for name in dict.fromkeys(wanted) if name in names][:SHOWN]
    return frame(comparison_page(sentences, title=f"{title}, side by side", shown=shown))
