"""The table of docs/research/life.md: liveliness of real takes, of recordings that utterface animates, and of people.

    python scripts/measure_life.py TAKE.csv … -- RECORDING …

Takes stand before `--`, recordings after it; all recordings make one column, as one motion each, averaged.
"""

import sys
from pathlib import Path

import numpy as np

from utterface import animate
from utterface.formats.livelink import read
from utterface.metrics.liveliness import NAMES, liveliness

PUBLISHED = {
    "blinks": "22 in conversation, 17 at rest (Bentivoglio et al. 1997)",
    "blink length": "200 to 400 (Stern et al. 1984)",
    "head yaw": "3 to 8 in talk (Hadar et al. 1983)",
    "gaze aside": "a quarter to a half of speaking time (Kendon 1967)",
    "gaze jumps": "1 to 3, microsaccades included (Martinez-Conde et al. 2004)",
    "vergence": "5 at 0.72 m",
}
UNITS = {
    "blinks": "a minute", "blink length": "ms", "head yaw": "°", "head pitch": "°", "head speed": "°/s",
    "gaze jumps": "a second", "vergence": "°", "moving channels": "of 52",
}  # fmt: skip


def table(takes: list[Path], recordings: list[Path]) -> str:
    columns = {path.stem: liveliness(read(path).motion) for path in takes}
    for life in ("calm", "on", "lively"):
        rows = [liveliness(animate(path, life=life).motion) for path in recordings]
        columns[f"ours, {life}"] = {name: float(np.nanmean([row[name] for row in rows])) for name in NAMES}
    lines = [f"| | {' | '.join(columns)} | people |", "|---" * (len(columns) + 2) + "|"]
    for name in NAMES:
        cells = ["–" if np.isnan(column[name]) else f"{column[name]:.3g}" for column in columns.values()]
        label = f"{name}, {UNITS[name]}" if name in UNITS else name
        lines.append(f"| {label} | {' | '.join(cells)} | {PUBLISHED.get(name, '')} |")
    return "\n".join(lines)


if __name__ == "__main__":
    given = sys.argv[1:]
    cut = given.index("--") if "--" in given else len(given)
    print(table([Path(p) for p in given[:cut]], [Path(p) for p in given[cut + 1 :]]))
