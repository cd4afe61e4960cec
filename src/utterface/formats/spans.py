"""Timed words and phones as files: Praat's TextGrid, TSV, JSON, subtitles.

Praat's format: https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html
"""

import json
import re
from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path

from utterface.align import Alignment
from utterface.clip import Clip
from utterface.errors import OutputError, TextError
from utterface.files import replacing
from utterface.formats import subtitles
from utterface.motion import rest
from utterface.phones import SILENCE, Span

Place = str | PathLike[str]


def write_textgrid(alignment: Alignment, path: Place) -> None:
    """Two interval tiers, `words` and `phones`, UTF-8; pauses are empty intervals, as Praat has them."""
    tiers = [("words", alignment.words), ("phones", alignment.phones)]
    span = f"xmin = 0\n{{0}}xmax = {alignment.duration:.6f}"
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", span.format("")]
    lines += ["tiers? <exists>", f"size = {len(tiers)}", "item []:"]
    for number, (name, spans) in enumerate(tiers, 1):
        intervals = _without_gaps(spans, alignment.duration)
        lines += [f"    item [{number}]:", '        class = "IntervalTier"', f'        name = "{name}"']
        lines += [f"        {span.format(' ' * 8)}", f"        intervals: size = {len(intervals)}"]
        for place, interval in enumerate(intervals, 1):
            label = interval.label.replace('"', '""')
            lines += [f"        intervals [{place}]:", f"            xmin = {interval.start:.6f}"]
            lines += [f"            xmax = {interval.end:.6f}", f'            text = "{label}"']
    _write(path, "\n".join(lines) + "\n")


def write_tsv(alignment: Alignment, path: Place) -> None:
    """A line a span, in order of time: tier, start and end in seconds, label, stress (0, 1, 2)."""
    rows = [("words", s) for s in alignment.words] + [("phones", s) for s in alignment.phones]
    rows.sort(key=lambda row: (row[1].start, row[0] == "phones"))
    lines = ["tier\tstart\tend\tlabel\tstress"]
    lines += [f"{tier}\t{s.start:.3f}\t{s.end:.3f}\t{s.label}\t{s.stress}" for tier, s in rows]
    _write(path, "\n".join(lines) + "\n")


def write_spans_json(alignment: Alignment, path: Place) -> None:
    """One object: duration, confidence, engine, and the lists `words` and `phones` of start, end, label, stress."""
    facts = {"duration": round(alignment.duration, 4), "confidence": alignment.confidence, "engine": alignment.engine}
    tiers = {
        name: [_facts(span) for span in spans]
        for name, spans in (("words", alignment.words), ("phones", alignment.phones))
    }
    _write(path, json.dumps(facts | tiers, ensure_ascii=False, indent=1) + "\n")


SPAN_FORMATS: dict[str, Callable[[Alignment, Place], None]] = {
    ".textgrid": write_textgrid,
    ".tsv": write_tsv,
    ".json": write_spans_json,
}


SUBTITLES = {".srt": subtitles.write_srt, ".vtt": subtitles.write_vtt}
SUFFIXES = (*SPAN_FORMATS, *SUBTITLES)


def check_format(path: Place) -> None:
    """OutputError where the suffix names no format of timed words and phones."""
    if Path(path).suffix.lower() not in SUFFIXES:
        raise OutputError(
            f"cannot write {path}: timed words and phones go to .TextGrid, .tsv or .json, subtitles to .srt or .vtt"
        )


def write_spans(alignment: Alignment, path: Place, text: str = "") -> None:
    """Timed words and phones in the format that the suffix names; OutputError for a suffix that names none.

    `text` is the transcript, whose spelling and punctuation subtitles have.
    """
    check_format(path)
    suffix = Path(path).suffix.lower()
    if suffix in SPAN_FORMATS:
        SPAN_FORMATS[suffix](alignment, path)
        return
    clip = Clip(rest(1), alignment.duration, text, alignment.words)
    with replacing(path) as temporary:
        SUBTITLES[suffix](clip, temporary)


def read_textgrid(path: Place) -> dict[str, tuple[Span, ...]]:
    """Interval tiers of a TextGrid, long or short form, name → spans; empty intervals are left out.

    Raises:
        TextError: where the file is no TextGrid.
    """
    try:
        raw = Path(path).read_bytes()
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except OSError as error:
        raise TextError(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise TextError(f"{Path(path).name} is no Praat TextGrid: it is not text") from None
    if "TextGrid" not in text[:200]:
        raise TextError(f"{Path(path).name} is no Praat TextGrid")
    tokens = re.findall(r'"((?:[^"]|"")*)"|(?<![\w\[."])(-?\d+(?:\.\d+)?(?:e-?\d+)?)(?![\w\]])', text)
    values = iter([(word.replace('""', '"'), number) for word, number in tokens][2:])
    tiers: dict[str, tuple[Span, ...]] = {}
    try:
        _, _, count = (float(next(values)[1]) for _ in range(3))
        for _ in range(int(count)):
            kind, name = next(values)[0], next(values)[0]
            _, _, size = (float(next(values)[1]) for _ in range(3))
            spans = []
            for _ in range(int(size)):
                start = float(next(values)[1])
                end = float(next(values)[1]) if kind == "IntervalTier" else start
                if label := next(values)[0]:
                    spans.append(Span(label, start, end))
            tiers[name] = tuple(spans)
    except (ValueError, OverflowError, StopIteration, RuntimeError) as error:
        raise TextError(f"{Path(path).name} is a damaged TextGrid") from error
    return tiers


def _without_gaps(spans: Sequence[Span], duration: float) -> list[Span]:
    """Praat's intervals tile the time: pauses become empty ones."""
    filled: list[Span] = []
    at = 0.0
    for span in spans:
        if span.start > at + 1e-6:
            filled.append(Span("", at, span.start))
        filled.append(Span("" if span.label == SILENCE else span.label, max(span.start, at), span.end))
        at = span.end
    if duration > at + 1e-6 or not filled:
        filled.append(Span("", at, duration))
    return filled


def _facts(span: Span) -> dict[str, float | str]:
    return {"start": round(span.start, 4), "end": round(span.end, 4), "label": span.label, "stress": span.stress}


def _write(path: Place, text: str) -> None:
    with replacing(path) as temporary:
        temporary.write_text(text, "utf-8")
