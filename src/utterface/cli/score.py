"""`utterface score`: how well predicted lips fit real speech."""

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

if TYPE_CHECKING:
    from utterface.rigs.lips import LipRig
    from utterface.score import Score

Flag = Annotated[bool, Parameter(negative="")]

UNITS = {"closure_timing_ms": "ms", "over_closed_mm": "mm", "wide_vowel_gap_mm": "mm"}
LOW_IS_GOOD = {"closure_timing_ms", "over_closed_mm", "vowel_closed"}


def score(
    predictions: Path,
    /,
    *,
    audio: Path,
    text: str,
    rig: Path | None = None,
    strict: Flag = False,
    lexicon: Path | None = None,
    against: Path | None = None,
    json: Flag = False,
) -> int:
    """Measure predicted lips on real speech: closures of p b m, vowel opening, rounding, rest in pauses.

    Parameters
    ----------
    predictions
        A file (.csv Live Link Face, .npz or .glb motion, .tsv Rhubarb cues), or a folder with one per recording.
    audio
        The recording, or a folder of them.
    text
        What is said, or a file with it; for a folder a folder of such files, or a table: name, TAB, transcript.
    rig
        Lips to measure on, an .npz as in docs/reference/conventions.md. Default: the built-in head.
    strict
        Align as published anchors were aligned: whole files, dictionary words only.
    lexicon
        With --strict: words outside the dictionary, a line each: word TAB ARPAbet phones.
    against
        A second set of predictions; differences are paired, on the same clips.
    json
        Print the figures as JSON.
    """
    from utterface.score import compare, score_speech

    lips = open_lips(rig)
    ours = score_speech(predictions, audio, text, lips, strict=strict, lexicon=lexicon)
    theirs = score_speech(against, audio, text, lips, strict=strict, lexicon=lexicon) if against else None
    differences = compare(ours, theirs) if theirs else {}
    if json:
        from json import dumps

        values = ours.to_dict() | ({"difference": differences} if differences else {})
        print(dumps(_without_nan(values), allow_nan=False))
    else:
        print(table(ours, differences))
    for of, scored in ((predictions, ours), (against, theirs)):
        for name in scored.missing if scored else ():
            print(f"left out, no prediction in {of}: {name}", file=sys.stderr)
    for name in ours.unaligned:
        print(f"left out, its transcript does not align: {name}", file=sys.stderr)
    return 0


def _without_nan(values: Any) -> Any:
    """The values with None (JSON null) for NaN, where there was nothing to measure."""
    if isinstance(values, dict):
        return {key: _without_nan(value) for key, value in values.items()}
    if isinstance(values, list | tuple):
        return [_without_nan(value) for value in values]
    return None if isinstance(values, float) and not math.isfinite(values) else values


def open_lips(path: Path | None) -> "LipRig":
    """The lips in a file, or those of the built-in head."""
    from utterface import rigs
    from utterface.rigs.lips import LipRig

    return LipRig.from_npz(path) if path else LipRig.from_rig(rigs.head())


def table(ours: "Score", differences: dict[str, tuple[float, float, float]]) -> str:
    """Figures with their intervals, one a line; with a second system also the paired difference."""
    facts = ours.to_dict()
    clips = f"{facts['clips']} clip{'s' if facts['clips'] != 1 else ''}"
    lines = [f"{clips}, {facts['bilabials']} bilabials; 95 % intervals over clips; ↑ high is good, ↓ low is good"]
    for key, value in ours.figures.items():
        low, high = ours.intervals[key]
        unit = UNITS.get(key, "")
        name = key.removesuffix(f"_{unit}").replace("_", " ")
        better = "↓" if key in LOW_IS_GOOD else "↑"
        line = f"{better} {name:20} {value:8.3f} {unit:2}  ({low:.3f} to {high:.3f})"
        if key in differences:
            change, least, most = differences[key]
            line += f"   difference {change:+.3f} ({least:+.3f} to {most:+.3f})"
        lines.append(line)
    return "\n".join(lines)
