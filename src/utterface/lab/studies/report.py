"""A study's report as records: all that sections draw tables and plots from, one file of JSON."""

import json
import math
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from utterface import __version__
from utterface.errors import ConfigError
from utterface.lab.measures.catalogue import Sums
from utterface.lab.studies.claims import Claim, Evidence
from utterface.lab.studies.scores import Key, Scores
from utterface.lab.studies.store import write_json


def _versions() -> dict[str, str]:
    import numpy
    import torch

    versions = {"utterface": __version__, "python": platform.python_version()}
    return versions | {"torch": torch.__version__, "numpy": numpy.__version__}


@dataclass(frozen=True)
class Value:
    """A measure of one variant: mean over seeds, its 95 % interval, one value a seed; None where there is none."""

    value: float | None
    low: float | None
    high: float | None
    seeds: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class Line:
    """A variant in a table.

    Attributes:
        name: its cells in the first columns.
        trained: no for trivial ones, which stand apart.
        values: measure → value.
    """

    name: tuple[str, ...]
    trained: bool
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Results:
    """Variants × measures on a set of clips."""

    clips: int
    bilabials: int
    lines: tuple[Line, ...]
    between_seeds: Mapping[str, float | None]

    @property
    def trained(self) -> list[Line]:
        return [line for line in self.lines if line.trained]


@dataclass(frozen=True)
class Source:
    """What a corpus gives to a split."""

    corpus: str
    split: str
    clips: int
    minutes: float
    speakers: int
    phones: str
    faces: str


@dataclass(frozen=True)
class Report:
    """The figures of a study.

    Attributes:
        study, size: names.
        date, cores, versions: when and on what it ran.
        settings: of the size.
        sources: of the clips.
        results: set of clips → variants × measures.
        claims: with their verdicts.
        winner: what the study's rule chose; None where nothing was.
        missing, failed: what did not take part, what has no figures → why.
        more: what only this study measures, as JSON has it.
    """

    study: str
    size: str
    settings: Mapping[str, Any]
    sources: tuple[Source, ...]
    results: Mapping[str, Results] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    winner: Mapping[str, Any] | None = None
    missing: Mapping[str, str] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    date: str = field(default_factory=lambda: date.today().isoformat())
    cores: int = field(default_factory=lambda: os.cpu_count() or 1)
    versions: Mapping[str, str] = field(default_factory=_versions)


def results_of(scores: Scores[Key], sums: Mapping[str, Sums], name: Callable[[Key], tuple[str, ...]]) -> Results:
    """Results of a set of clips, the trivial variants last.

    Args:
        scores: of the set.
        sums: of its clips, of one face each, which say how many bilabials there are.
        name: a variant → its cells in the first columns.
    """
    lines = [
        Line(name(v), v not in scores.trivial, {m: _value(scores, v, m) for m in scores.measures})
        for v in (*scores.variants, *scores.trivial)
    ]
    spread = {measure: known(scores.between_seeds(measure)) for measure in scores.measures}
    return Results(len(scores.clips), int(sum(row["bilabials"] for row in sums.values())), tuple(lines), spread)


def known(value: float | None) -> float | None:
    """None where it is no number, which JSON does not know."""
    return float(value) if value is not None and math.isfinite(value) else None


def finite(claim: Claim) -> Claim:
    """A claim that JSON can hold."""
    rows = (replace(e, effect=known(e.effect), low=known(e.low), high=known(e.high)) for e in claim.evidence)
    return replace(claim, evidence=tuple(rows))


def write_report(report: Report, path: Path) -> None:
    """One compact file of JSON, which `read_report` reads."""
    write_json(path, asdict(report))


def read_report(path: Path) -> Report:
    """A file of `write_report`.

    Raises:
        ConfigError: it is something else.
    """
    try:
        plain = json.loads(path.read_text("utf-8"))
        plain["sources"] = tuple(Source(**row) for row in plain["sources"])
        plain["results"] = {name: _results(table) for name, table in plain["results"].items()}
        plain["claims"] = tuple(_claim(claim) for claim in plain["claims"])
        return Report(**plain)
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} holds no figures of a study: {error!r}") from error


def _results(plain: Mapping[str, Any]) -> Results:
    lines = [
        Line(tuple(line["name"]), line["trained"], {m: Value(**{**v, "seeds": tuple(v["seeds"])})
                                                    for m, v in line["values"].items()})
        for line in plain["lines"]
    ]  # fmt: skip
    return Results(plain["clips"], plain["bilabials"], tuple(lines), plain["between_seeds"])


def _claim(plain: Mapping[str, Any]) -> Claim:
    rows, remarks = tuple(Evidence(**row) for row in plain["evidence"]), tuple(plain["remarks"])
    return Claim(plain["key"], plain["title"], plain["verdict"], rows, remarks)


def _value(scores: Scores[Key], variant: Key, measure: str) -> Value:
    low, high = scores.interval(variant, measure)
    seeds = tuple(known(v) for v in scores.seeds(variant, measure))
    return Value(known(scores.value(variant, measure)), known(low), known(high), seeds)
