"""One HTML file that plays face and sound from disk, without a network."""

from pathlib import Path

import numpy as np

from utterface import rigs, speech
from utterface.clip import Clip
from utterface.errors import OutputError
from utterface.pages import payload, template
from utterface.rigs import Rig

LONGEST = 30 * 60  # seconds; a browser holds the whole page in memory


def write(clip: Clip, path: Path, rig: Rig | None = None) -> None:
    """The page that plays `clip` on `rig` (the built-in head).

    Raises:
        OutputError: the clip is longer than half an hour, or the page was not built with the package.
    """
    check_duration(clip.duration)
    player = template.built("player")
    samples = _samples(clip)
    parts = [template.embed_payload("utterface-clip", payload.pack(clip, rig or rigs.head(), samples, clip.name))]
    if len(samples):
        parts.append(template.embed_flac("utterface-sound", samples))
    path.write_text(template.fill(player, clip.name, parts), encoding="utf-8")


def check_duration(duration: float) -> None:
    """OutputError where so much sound makes a page that no browser would hold; known before the work begins."""
    if duration > LONGEST:
        raise OutputError(
            f"{duration / 60:.0f} minutes are too long for one .html page (at most {LONGEST // 60}); "
            "write .csv or .npz instead, or cut the sound"
        )


def _samples(clip: Clip) -> np.ndarray:
    if clip.audio is None:
        return np.zeros(0, np.float32)
    if isinstance(clip.audio, np.ndarray):
        return clip.audio
    return speech.read(clip.audio).samples
