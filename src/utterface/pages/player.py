"""One HTML file that plays face and sound from disk, without a network."""

from pathlib import Path

import numpy as np

from utterface import speech
from utterface.clip import Clip
from utterface.pages import payload, people, template
from utterface.rigs import Rig


def write(clip: Clip, path: Path, rig: Rig) -> None:
    """The page that plays `clip` on `rig`; OutputError where the page was not built with the package."""
    player = template.built("player")
    samples = samples_of(clip)
    parts = [template.embed_payload("utterface-clip", payload.pack(clip, rig, samples, clip.name))]
    parts += [template.embed_payload(f"utterface-face-{name}", packed) for name, packed in people.offered(rig).items()]
    if len(samples):
        parts.append(template.embed_flac("utterface-sound", samples))
    path.write_text(template.fill(player, clip.name, parts), encoding="utf-8")


def samples_of(clip: Clip) -> np.ndarray:
    """(N,) float32 sound of a clip at 16 kHz; empty where it has none."""
    if clip.audio is None:
        return np.zeros(0, np.float32)
    if isinstance(clip.audio, np.ndarray):
        return clip.audio
    return speech.read(clip.audio).samples
