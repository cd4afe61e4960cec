"""The report of the study: sums of the sentences, claims, tables, plots."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from utterface.errors import ConfigError
from utterface.lab.measures.catalogue import OURS, Measure, Sums, ratio, select
from utterface.lab.studies import sections, tables
from utterface.lab.studies.avtts.runs import NAME, AvttsRunner
from utterface.lab.studies.avtts.spoken import CASCADE, DURATIONS, SHARED, SOUNDED, VOICE
from utterface.lab.studies.claims import Claim, conclude, evidence, not_asked
from utterface.lab.studies.plots import INK, drawing, svg
from utterface.lab.studies.report import Line, Report, Results, read_report, results_of
from utterface.lab.studies.scores import Scores
from utterface.lab.studies.sections import Block, Plot, Section
from utterface.lab.studies.store import read_json
from utterface.lab.studies.study import Findings

TITLE = "Speech and a face from text"
_PERCENT = 100.0
MEASURES: dict[str, Measure] = {
    **select(("closure_f1", "closure_recall", "closure_precision", "vowel_closed")),
    "word_error_rate": ratio("word errors", "%", "low", 1, "errors", "words",
                             "of Whisper tiny.en on the sound", OURS, _PERCENT),
    "stoi": ratio("STOI", "", "high", 3, "stoi", "sounds", "short-time objective intelligibility beside the voice",
                  "Taal et al. 2011"),
    "drift_ms": ratio("drift", "ms", "low", 1, "drift", "sentences",
                      "difference of the ends of sound and face, mean", OURS, 1000),
    "first_ms": ratio("first frame", "ms", "low", 0, "first", "sentences",
                      "CPU time from the text to the first frames", OURS, 1000),
    "real_time": ratio("real time", "", "low", 3, "cpu", "seconds", "seconds of CPU a second of speech", OURS),
}  # fmt: skip
_FACES = ("closure_f1", "closure_recall", "closure_precision", "vowel_closed", "first_ms", "real_time", "drift_ms")
_SOUNDS = ("word_error_rate", "stoi", "real_time")
_MOST_ERRORS, _MOST_OF_VOICE, _NEAR = 0.40, 0.15, 0.05
_TOKENIZER = "ours:tokenizer"


@dataclass(frozen=True)
class AvttsBasis:
    """What claims are judged on."""

    faces: Scores[str]
    sounds: Scores[str]


def collect(runner: AvttsRunner, failed: Mapping[str, str]) -> Findings[AvttsBasis]:
    """Scores of the sentences that were spoken."""
    read: dict[str, dict[str, dict[str, Sums]]] = {}
    for number in runner.sentences:
        files = [runner.file(number, part) for part in ("sounds", "tokens")]
        if NAME not in failed and all(path.is_file() for path in files):
            sounds, tokens = map(read_json, files)
            read[str(number)] = {"faces": tokens["faces"], "sounds": {**sounds["sounds"], **tokens["sounds"]}}
    if not read:
        return Findings(None, {})
    scored, results = {}, {}
    for where in ("faces", "sounds"):
        ways: dict[str, list[dict[str, Sums]]] = {
            way: [{name: rows[where][way] for name, rows in read.items()}] for way in next(iter(read.values()))[where]
        }
        scored[where] = Scores(ways, MEASURES)
        first = next(iter(ways.values()))[0]
        results[where] = results_of(scored[where], first, lambda way: (way,))
    more: dict[str, Any] = {"training": runner.trained(), "faces_of_kinds": _faces_of_kinds(runner.options.faces)}
    return Findings(AvttsBasis(**scored), results, more)


def _faces_of_kinds(path: Path | None) -> dict[str, float]:
    """Representation → closure F1 of its faces with the Transformer, from figures of `bench tokens`."""
    if path is None:
        return {}
    report = read_report(path)
    if report.study != "tokens":
        raise ConfigError(f"{path} holds figures of {report.study}; give those of: utterface bench tokens")
    lines = report.results["spoken" if "spoken" in report.results else "test"].trained
    values = {line.name[0]: line.values["closure_f1"].value for line in lines if line.name[1] == "transformer"}
    return {f"ours:{name}": value for name, value in values.items() if value is not None}


def judge(basis: AvttsBasis) -> list[Claim]:
    """The thresholds of the study, and the order of the three ways."""
    return [_understood(basis.sounds), _alike(basis.faces), *_order(basis.faces)]


def _understood(sounds: Scores[str]) -> Claim:
    key, title = "understood", "Generated speech is understood: word errors of at most 40 %"
    own = sounds.value(VOICE, "word_error_rate")
    if own > _MOST_OF_VOICE:
        return not_asked(key, title, f"synthetic speech itself has {100 * own:.0f} %, more than 15 %")
    rows = [
        evidence(f"40 % less the word errors of {way}", _MOST_ERRORS - sounds.value(way, "word_error_rate"),
                 _MOST_ERRORS - sounds.drawn(way, "word_error_rate"), "word_error_rate", way == SHARED)
        for way in (SHARED, SOUNDED)
    ]  # fmt: skip
    return conclude(key, title, rows, (f"Synthetic speech itself has {100 * own:.1f} %.",))


def _alike(faces: Scores[str]) -> Claim:
    lost = faces.value(SOUNDED, "closure_f1") - faces.value(SHARED, "closure_f1")
    drawn = faces.drawn(SOUNDED, "closure_f1") - faces.drawn(SHARED, "closure_f1")
    row = evidence("5 points less what generated tokens lose", _NEAR - lost, _NEAR - drawn, "closure_f1", True)
    return conclude("alike", "Faces of generated tokens close the lips as well as those of tokens of sound", [row])


def _order(faces: Scores[str]) -> Iterator[Claim]:
    pairs = (
        ("shared", "Shared tokens close the lips better than the cascade", SHARED, CASCADE),
        ("durations", "The voice's own durations close the lips better than the cascade", DURATIONS, CASCADE),
    )
    for key, title, one, other in pairs:
        difference = faces.value(one, "closure_f1") - faces.value(other, "closure_f1")
        drawn = faces.drawn(one, "closure_f1") - faces.drawn(other, "closure_f1")
        yield conclude(key, title, [evidence(f"{one} − {other}", difference, drawn, "closure_f1", True)])


def _table(where: str, columns: tuple[str, ...], head: str) -> Section:
    def blocks(report: Report) -> list[Block]:
        if where not in report.results:
            return []
        return [tables.of_results(report.results[where], MEASURES, columns, (head,), spread=False)]

    return Section(where, sections.counted("Faces", where, "sentences") if where == "faces" else "Sounds", blocks)


def _value(results: Results, way: str, measure: str) -> float | None:
    line: Line | None = next((each for each in results.lines if each.name == (way,)), None)
    return line.values[measure].value if line else None


def _kinds(report: Report) -> list[tuple[str, float, float]]:
    """Kinds of tokens: name, word errors of the decoded sound and closure F1 of the face, %."""
    faces, sounds = report.more.get("faces_of_kinds") or {}, report.results.get("sounds")
    rows = []
    for name, closure in faces.items():
        way = SOUNDED if name == _TOKENIZER else name
        lost = _value(sounds, way, "word_error_rate") if sounds else None
        if lost is not None:
            rows.append((name.removeprefix("ours:"), 100 * lost, 100 * closure))
    return rows


def kinds(report: Report) -> Iterator[Block]:
    """The trade-off of token kinds: words that are lost in the sound against lips that close in the face."""
    if rows := _kinds(report):
        yield "Faces are those of `utterface bench tokens`, of the Transformer on its own clips."
        cells = ((name, f"{across:.1f}", f"{up:.1f}") for name, across, up in rows)
        yield tables.plain(("tokens", "word errors of the sound, % ↓", "closure F1 of the face, % ↑"), cells)


def plots(report: Report) -> Iterator[Plot]:
    """The same as a plot."""
    if not (rows := _kinds(report)):
        return
    with drawing("word errors of the decoded sound, %", "closure F1 of the face, %") as (figure, axes):
        for name, across, up in rows:
            axes.plot(across, up, "o", color="#2f7ed8")
            axes.annotate(name, (across, up), (5, 4), textcoords="offset points", color=INK)
        yield Plot("kinds", "Token kinds: sound against face", svg(figure))


def _training(report: Report) -> Iterator[str]:
    trained = report.more.get("training")
    if not trained:
        return
    sizes = ", ".join(f"{name} {count / 1e6:.1f} million" for name, count in trained["parameters"].items())
    settings = report.settings
    last = trained["losses"][-1][1] if trained["losses"] else float("nan")
    yield (
        f"{trained['steps']} steps of {settings['batch']} crops of {settings['seconds']:g} s, "
        f"{trained['train_seconds'] / 60:.0f} minutes on one shared core; weights: {sizes}; last loss {last:.2f}. "
        f"The voice of the engine is {settings['voice']}; the phones of (a) are those of its front end, without times."
    )


SECTIONS = (
    sections.verdicts(MEASURES),
    _table("faces", _FACES, "a face from"),
    _table("sounds", _SOUNDS, "sound from"),
    Section("kinds", "Token kinds", kinds),
    Section("plot", "Token kinds, drawn", plots),
    sections.ran(_training),
    sections.definitions(MEASURES),
)
