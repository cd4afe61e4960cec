"""Our own motion file: a NumPy archive that round-trips, without pickles."""

import json
import zipfile
import zlib
from dataclasses import asdict
from os import PathLike
from pathlib import Path

import numpy as np

from utterface.clip import Clip
from utterface.errors import MotionError
from utterface.motion import Motion
from utterface.phones import Span

VERSION = 1


def write(clip: Clip, path: Path, rig: object = None) -> None:
    """Motion as arrays, everything else of the clip as one JSON string; the sound itself stays where it is."""
    facts = {
        "version": VERSION,
        "duration": clip.duration,
        "text": clip.text,
        "engine": clip.engine,
        "audio": str(clip.audio.resolve()) if isinstance(clip.audio, Path) else None,
        "emotions": dict(clip.emotions),
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


def read(path: str | PathLike[str]) -> Clip:
    """A clip from a file that `write` made; MotionError where it is something else."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            channels = tuple(map(str, archive["channels"]))
            motion = Motion(archive["values"], channels, float(archive["frame_rate"]), float(archive["start"]))
            facts = json.loads(str(archive["facts"]))
    except FileNotFoundError:
        raise MotionError(f"no such file: {path}") from None
    except (OSError, KeyError, ValueError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise MotionError(f"{path} is not an utterface motion file ({error})") from error
    if facts.pop("version", None) != VERSION:
        raise MotionError(f"{path} was written by another version of utterface; animate the sound again")
    facts["audio"] = _sound(Path(facts["audio"]), Path(path)) if facts["audio"] else None
    facts["unspoken"] = tuple(tuple(stretch) for stretch in facts.get("unspoken", ()))
    for kind in ("words", "phones"):
        facts[kind] = tuple(Span(**span) for span in facts[kind])
    return Clip(motion, **facts)


def _sound(said: Path, motion: Path) -> Path:
    """Where the sound is: the place that was written down, or beside a motion file that was moved with it."""
    beside = motion.parent / said.name
    return beside if beside.is_file() and not said.is_file() else said
