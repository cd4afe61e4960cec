"""The outcome of each recording, as lines for people and as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from utterface.cli.lines import printable
from utterface.clip import Clip


@dataclass(frozen=True)
class Result:
    """One recording's outcome: figures and files, or the error."""

    sound: Path
    files: tuple[Path, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None


def facts(clip: Clip, seconds: float) -> dict[str, Any]:
    """The figures of one clip that took `seconds` to make; `real_time_factor` is work per second of sound."""
    made, needed = clip.closures()
    figures: dict[str, Any] = {
        "duration": round(clip.duration, 3),
        "frames": len(clip.motion),
        "frame_rate": clip.motion.frame_rate,
        "engine": clip.engine,
        "recogniser": clip.recogniser or None,
        "sources": [[span.label, round(span.start, 2), round(span.end, 2)] for span in clip.sources],
        "emotions_heard": dict(clip.emotions_heard),
        "seed": clip.seed,
        "seconds": round(seconds, 3),
        "real_time_factor": round(seconds / clip.duration, 4),
        "closures": made,
        "bilabials": needed if clip.phones else None,
        "confidence": None if clip.confidence is None else round(clip.confidence, 3),
        "speech_without_words": [[round(start, 2), round(end, 2)] for start, end in clip.unspoken],
        "warnings": list(clip.warnings),
        "text": clip.text,
    }
    return figures


def for_people(result: Result) -> str:
    """One line of figures and one a file."""
    if result.error is not None:
        return f"utterface: {about(result.sound, result.error)}"
    f = result.facts
    by = f["engine"] if f["recogniser"] is None else f"{f['engine']} ({_listened(f)})"
    bilabials = "" if f["bilabials"] is None else f" for {f['bilabials']} bilabials"
    lines = [
        f"{printable(result.sound.name)}: {f['duration']} s, {f['frames']} frames at {f['frame_rate']:g} a second, "
        f"{f['closures']} lip closures{bilabials}, by {by} in {f['seconds']:.1f} s "
        f"(real-time factor {f['real_time_factor']:.2g})"
    ]
    if f["emotions_heard"]:
        likely = ", ".join(f"{name} {much:.2f}" for name, much in list(f["emotions_heard"].items())[:3])
        lines.append(f"emotion of the voice, mean probability: {likely}")
    return "\n".join([*lines, *(f"wrote {printable(file)} ({_size(file)})" for file in result.files)])


def _listened(figures: Mapping[str, Any]) -> str:
    """Which recognisers, and for how many seconds each where there are several."""
    lengths: dict[str, float] = {}
    for name, start, end in figures["sources"]:
        lengths[name] = lengths.get(name, 0.0) + end - start
    if len(lengths) < 2:
        return str(figures["recogniser"])
    return ", ".join(f"{name} for {seconds:.0f} s" for name, seconds in lengths.items())


def about(sound: Path, message: str) -> str:
    """The message, beginning with the recording that it is about where it does not name it."""
    return printable(message if sound.name in message else f"{sound.name}: {message}")


def for_machines(results: Sequence[Result]) -> str:
    """One JSON object: `clips`, each with its figures or its error, and how many `failed`."""
    clips = [
        {
            "input": str(r.sound),
            **({"error": r.error} if r.error is not None else r.facts),
            "files": [str(f) for f in r.files],
        }
        for r in results
    ]
    return json.dumps({"clips": clips, "failed": sum(r.error is not None for r in results)})


def _size(file: Path) -> str:
    size = file.stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"
