"""What bounds the animator: how it learns with fewer people, at other sizes, with other look-aheads.

Every row trains the same recipe, changed in one thing, for a short budget, and is judged on speakers that it never
heard (in quiet and degraded) and on as many clips of those that it did. What gains with people is bound by data, what
gains with size or look-ahead by the network, and the distance to the heard ones says how far it learns people by heart.

In the output folder:

    learning.json, learning.md    all rows
    rows/ROW.json                 figures of a row, with a mark; a row that is there is not trained again
    work/ROW-MARK/                checkpoints, from which a stopped row goes on
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from utterface.errors import ConfigError
from utterface.lab.corpora.manifest import MANIFEST
from utterface.lab.networks.animator import animator_config
from utterface.lab.studies.jobs import OnLine, OnProgress, StudyJob, do_all, workers
from utterface.lab.studies.markdown import number, span, table
from utterface.lab.studies.store import bytes_of, done, mark_of, portable, read_json, write_json
from utterface.lab.systems.animator import AnimatorSystem
from utterface.lab.systems.animator_validation import closure_f1, judged
from utterface.lab.systems.registry import train
from utterface.lab.training.checkpoints import load_average, trained_seconds
from utterface.metrics.intervals import bootstrap

PARTS = ("1/8", "1/4", "1/2")  # of the people
SIZES = ("1/2", "3/2")  # of width and bottleneck
LOOK_AHEADS = (1, 7)  # frames; what is worth more than is allowed is worth knowing
_CHECKS = 4  # validations a row
_VERSION = 1  # of what is measured; rows of another version are measured anew
Taps = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class LearningRow:
    """One change of the recipe.

    Attributes:
        what: that is changed.
        to: what it is then.
        recipe: with the change.
    """

    what: str
    to: str
    recipe: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.what}-{self.to}".replace("/", "_").replace(" ", "_")

    @property
    def mark(self) -> str:
        """Changes whenever the figures would."""
        root = Path(self.recipe["data"]["root"]).expanduser()
        lists = {name: root / name / MANIFEST for name in sorted(self.recipe["data"]["shares"])}
        corpora = {name: bytes_of(path) for name, path in lists.items() if path.is_file()}
        return mark_of([_VERSION, portable(self.recipe), corpora])

    def run(self, folder: Path) -> None:
        """Train and measure, unless that was done."""
        kept = folder / "rows" / f"{self.name}.json"
        kept.parent.mkdir(parents=True, exist_ok=True)
        if not done(kept, self.mark):
            write_json(kept, {"mark": self.mark, "what": self.what, "to": self.to, **_figures(self.recipe)})


def rows_of(recipe: Mapping[str, Any], steps: int, folder: Path) -> list[LearningRow]:
    """The recipe as it is, and every change of it.

    Args:
        recipe: of the animator.
        steps: length of a run.
        folder: where checkpoints go.

    Raises:
        ConfigError: another system's recipe.
    """
    if recipe.get("system") != "animator":
        raise ConfigError(f"learning curves are drawn of the animator, the recipe trains {recipe.get('system')!r}")
    config = animator_config(recipe)
    found = [("recipe", "as it is", recipe)]
    people = [name for name in recipe["data"]["validation"] if name in recipe["data"]["shares"]]
    for part in PARTS:
        found.append(("people", part, _changed(recipe, "data", speakers=dict.fromkeys(people, float(Fraction(part))))))
    for size in SIZES:
        width, bottleneck = (
            8 * max(1, round(float(Fraction(size)) * n / 8)) for n in (config.width, config.bottleneck)
        )
        found.append(("size", size, _changed(recipe, "network", width=width, bottleneck=bottleneck)))
    for frames in LOOK_AHEADS:
        if frames != config.delay:
            taps = [list(t) for t in delayed(config.taps, frames)]
            found.append(("look-ahead", f"{frames} frame{'s' * (frames > 1)}", _changed(recipe, "network", taps=taps)))
    made = [LearningRow(what, to, _short(changed, steps)) for what, to, changed in found]
    return [
        replace(row, recipe=_changed(row.recipe, "train", folder=str(folder / "work" / f"{row.name}-{row.mark}")))
        for row in made
    ]


def delayed(taps: Taps, frames: int) -> Taps:
    """Taps whose futures add up to `frames`: blocks look earlier or later by one, each as far as before."""
    now = [list(t) for t in taps]

    def futures() -> list[int]:
        return [max(0, t[-1]) for t in now]

    while sum(futures()) > frames:
        last = max(i for i, future in enumerate(futures()) if future)
        now[last] = [tap - 1 for tap in now[last]]
    while sum(futures()) < frames:
        first = futures().index(min(futures()))
        now[first] = [tap + 1 for tap in now[first]]
    return tuple(tuple(t) for t in now)


def _changed(recipe: Mapping[str, Any], name: str, **keys: Any) -> dict[str, Any]:
    changed = deepcopy(dict(recipe))
    changed[name] = {**changed.get(name, {}), **keys}
    return changed


def _short(recipe: Mapping[str, Any], steps: int) -> dict[str, Any]:
    """The recipe for a run of so many steps on one thread."""
    check = max(1, steps // _CHECKS)
    warmup = min(int(recipe["train"].get("warmup", 200)), max(1, steps // 5))
    budget = {"steps": steps, "warmup": warmup, "threads": 1, "validate_every": check, "save_every": check,
              "log_every": check}  # fmt: skip
    return _changed(_changed(recipe, "train", **budget), "data", workers=0)


def _run(folder: Path, row: LearningRow) -> None:
    row.run(folder)


def _work(row: LearningRow) -> int:
    config = animator_config(row.recipe)
    return config.width * config.bottleneck


def _figures(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Train a recipe, going on where it stopped; what it learned when, and how good it is at the end."""
    last = train(recipe, lambda line: None)
    log = [json.loads(line) for line in (last.parent / "log.jsonl").read_text("utf-8").splitlines()]
    checks = {row["step"]: row for row in log if "closure_f1" in row}
    weights, _, step = load_average(last)
    system = AnimatorSystem(recipe)
    network = system.network
    network.load_state_dict(weights)
    end = checks[step]
    held_out = system.held_out()
    clips = [c for name in system.data.shares for c in system.source(name).clips(system.data.splits)]
    people = [c for c in clips if c.folder.name in system.data.validation]
    network.eval()
    seen = judged(network, held_out, end["threshold"])
    heard = judged(network, people[:: max(1, len(people) // len(held_out))][: len(held_out)], end["threshold"])
    return {
        "people": len({c.speaker for c in people}),
        "hours": sum(c.duration for c in people) / 3600,
        "weights": sum(p.numel() for p in network.parameters()),
        "look_ahead_ms": 1000 * network.config.look_ahead,
        "curve": [[at, checks[at]["closure_f1"]] for at in sorted(checks)],
        "closure_f1": end["closure_f1"],
        "closure_f1_95": list(bootstrap(seen, lambda some: {"f1": closure_f1(some)}, 200)["f1"]),
        "noisy_f1": end["noisy_f1"],
        "heard_f1": closure_f1(heard),
        "clips": len(seen),
        "train_seconds": trained_seconds(last),
    }


def study(
    recipe: Mapping[str, Any],
    folder: Path,
    steps: int,
    processes: int,
    report: OnProgress = lambda what, part: None,
    tell: OnLine = lambda line: None,
) -> dict[str, Any]:
    """All rows, those that are there already taken over.

    Args:
        recipe: of the animator.
        folder: of the report.
        steps: length of a run.
        processes: runs at once, a thread each.
        report: told what is being done and how far it is.
        tell: told what is finished.
    """
    rows = rows_of(recipe, steps, folder)
    with workers(folder, processes) as submit:
        longest_first = sorted(rows, key=_work, reverse=True)  # or all cores but one wait for the last
        jobs = [StudyJob(row.name, _run, (row,)) for row in longest_first]
        failed = do_all(submit, jobs, "training", processes, report, tell)
    kept = [folder / "rows" / f"{row.name}.json" for row in rows if row.name not in failed]
    return {"steps": steps, "rows": [read_json(path) for path in kept], "failed": failed}


def to_markdown(found: Mapping[str, Any]) -> str:
    """One table, and the same as JSON for whoever draws it."""
    rows = found["rows"]
    steps = [at for at, _ in rows[0]["curve"]] if rows else []
    learned = [f"F1 at {at}" for at in steps]
    head = ("changed", "to", "people", "hours", "weights, M", "look-ahead, ms", *learned, "95 %", "in noise", "heard")
    cells = [
        (
            row["what"],
            row["to"],
            str(row["people"]),
            f"{row['hours']:.2f}",
            f"{row['weights'] / 1e6:.2f}",
            f"{row['look_ahead_ms']:.0f}",
            *(number(round(f1, 3)) for _, f1 in row["curve"]),
            span([round(f, 3) for f in row["closure_f1_95"]]),
            number(round(row["noisy_f1"], 3)),
            number(round(row["heard_f1"], 3)),
        )
        for row in rows
    ]
    about = f"{rows[0]['clips'] if rows else 0} held-out clips; {found['steps']} steps a row."
    lost = [f"{name}: {why}" for name, why in found["failed"].items()]
    plain = [{k: v for k, v in row.items() if k != "mark"} for row in rows]
    short = json.loads(json.dumps(plain), parse_float=lambda digits: round(float(digits), 4))
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in short)
    return "\n\n".join([table(head, cells), about, *lost, f"```json\n[{lines}]\n```"]) + "\n"
