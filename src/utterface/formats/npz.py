"""Our own motion file: a NumPy archive that round-trips, without pickles."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from utterface.arrays import read_arrays
from utterface.clip import Clip
from utterface.errors import MotionError
from utterface.formats.guard import MAX_SECONDS, guarded
from utterface.formats.sound import beside, digest_of
from utterface.motion import Motion
from utterface.phones import Span

VERSION = 2  # 1 held the path of the sound
VERSIONS = (1, VERSION)


def write(clip: Clip, path: Path, rig: object = None) -> None:
    """Motion as arrays, everything else of the clip as one JSON string; the sound itself stays where it is."""
    facts = {
        "version": VERSION,
        "duration": clip.duration,
        "text": clip.text,
        "engine": clip.engine,
        "recogniser": clip.recogniser,
        "sources": [asdict(span) for span in clip.sources],
        "audio": _named(clip.audio) if isinstance(clip.audio, Path) else None,
        "emotions": dict(clip.emotions),
        "emotions_heard": dict(clip.emotions_heard),
        "seed": clip.seed,
        "confidence": clip.confidence,
        "unspoken": clip.unspoken,
        "words": [asdict(span) for span in clip.words],
        "phones": [asdict(span) for span in clip.phones],
    }
    motion = clip.motion
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            values=motion.values,
            channels=np.array(motion.channels),
            frame_rate=np.float64(motion.frame_rate),
            start=np.float64(motion.start),
            facts=np.array(json.dumps(facts, ensure_ascii=False)),
        )


def _named(audio: Path) -> dict[str, str | None]:
    return {"name": audio.name, "sha256": digest_of(audio)}


@guarded("utterface motion file")
def read(path: Path) -> Clip:
    """A clip from a file that `write` made; MotionError where it is something else."""
    arrays = read_arrays(path)
    facts = json.loads(str(arrays["facts"][()]))
    if facts["version"] not in VERSIONS:
        raise MotionError(f"{path} was written by another version of utterface; animate the sound again")
    rate, start = float(arrays["frame_rate"][()]), float(arrays["start"][()])
    if not 0 <= _number(facts["duration"]) <= MAX_SECONDS:
        raise ValueError(f"a sound of {facts['duration']} s (at most {MAX_SECONDS:.0f})")
    motion = Motion(arrays["values"], tuple(map(str, arrays["channels"].tolist())), rate, start)
    return Clip(
        motion,
        duration=_number(facts["duration"]),
        text=_text(facts["text"]),
        words=tuple(_span(span) for span in facts["words"]),
        phones=tuple(_span(span) for span in facts["phones"]),
        engine=_text(facts["engine"]),
        recogniser=_text(facts.get("recogniser", "")),
        sources=tuple(_span(span) for span in facts.get("sources", ())),
        audio=_sound(facts["audio"], path),
        emotions={_text(name): _number(amount) for name, amount in facts["emotions"].items()},
        emotions_heard={_text(name): _number(amount) for name, amount in facts.get("emotions_heard", {}).items()},
        seed=_whole(facts["seed"]),
        confidence=None if facts["confidence"] is None else _number(facts["confidence"]),
        unspoken=tuple((_number(start), _number(end)) for start, end in facts.get("unspoken", ())),
    )


def _sound(audio: object, motion: Path) -> Path | None:
    """Beside the motion file: by name and hash, in files of version 1 by the last part of a path."""
    if audio is None or isinstance(audio, str):
        return beside(motion, audio, None) if audio else None
    if not isinstance(audio, dict):
        raise ValueError(f"audio is {audio!r}")
    digest = audio.get("sha256")
    return beside(motion, _text(audio["name"]), None if digest is None else _text(digest))


def _span(fields: Any) -> Span:
    return Span(_text(fields["label"]), _number(fields["start"]), _number(fields["end"]), _whole(fields["stress"]))


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e15 < value < 1e15:
        raise ValueError(f"expected a number, got {str(value)[:40]!r}")
    return value


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"expected a whole number, got {str(value)[:40]!r}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected text, got {str(value)[:40]!r}")
    return value
