"""The same sentence on every cell's face: what the report plays side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from utterface.lab.studies.clips import FRAME_RATE
from utterface.lab.studies.tokens.cells import CHANNELS, reference
from utterface.lab.studies.tokens.grid import Cell, Folder
from utterface.lab.studies.tokens.material import Material
from utterface.lab.studies.tokens.tables import DECODERS
from utterface.motion import Motion
from utterface.pages.comparison import Row, Sentence, comparison_page

REFERENCE = "reference"
_TITLE = "From Tokens to Faces, side by side"


def page(report: Mapping[str, Any], material: Material, folder: Folder) -> str | None:
    """A page that plays; None where no cell kept its motion.

    Args:
        report: from `results.collect`.
        material: whose shown sentences the first seed's cells kept.
        folder: of the run.
    """
    kept = _kept(report, folder)
    sentences = [_sentence(clip, kept) for clip in material.shown if any(clip.id in rows for rows in kept.values())]
    return comparison_page(sentences, title=_TITLE, shown=_shown(report, list(kept))) if sentences else None


def row_name(representation: str, decoder: str) -> str:
    """What a face is called."""
    return f"{representation}, {DECODERS.get(decoder, decoder)}"


def _kept(report: Mapping[str, Any], folder: Folder) -> dict[str, Mapping[str, np.ndarray]]:
    """Row name → clip id → weights, of the first seed."""
    found: dict[str, Mapping[str, np.ndarray]] = {}
    for row in report.get("test", {"rows": ()})["rows"]:
        path = folder.cells / f"{Cell(row['representation'], row['decoder'], 0).name}.npz"
        if row["decoder"] and path.is_file():
            with np.load(path) as stored:
                found[row_name(row["representation"], row["decoder"])] = dict(stored)
    return found


def _sentence(clip: Any, kept: Mapping[str, Mapping[str, np.ndarray]]) -> Sentence:
    rows = [Row(REFERENCE, reference(clip))]
    rows += [Row(name, Motion(said[clip.id], CHANNELS, FRAME_RATE)) for name, said in kept.items() if clip.id in said]
    text = clip.text if len(clip.text) < 60 else clip.text[:60].rsplit(" ", 1)[0] + " …"
    return Sentence(text or clip.id, clip.samples(), rows, clip.text, phones=clip.phones())


def _shown(report: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """Six to begin with: the reference, the winner with each decoder, the best and the worst by closures."""
    where = "spoken" if "spoken" in report else "test"
    trained = [row for row in report[where]["rows"] if row["decoder"]]
    ranked = sorted(trained, key=lambda row: -(row["figures"]["closure_f1"]["value"] or 0.0))
    won = report["winner"]["representation"] if report.get("winner") else ""
    wanted = [row_name(won, decoder) for decoder in DECODERS]
    wanted += [row_name(row["representation"], row["decoder"]) for row in (ranked[0], ranked[-1], *ranked[1:])]
    return [REFERENCE, *[name for name in dict.fromkeys(wanted) if name in names]][:6]
