"""One HTML file that plays face and sound from disk, without a network."""

import base64
import html
import io
from importlib import resources
from pathlib import Path

import numpy as np

from utterface import rigs, speech
from utterface.clip import Clip
from utterface.errors import OutputError
from utterface.export import payload
from utterface.rigs import Rig
from utterface.timing import SAMPLE_RATE

LONGEST = 30 * 60  # seconds; a browser holds the whole page in memory
_PLACE = "<!--clip-->"  # where the page takes its clip, web/index.html


def write(clip: Clip, path: Path, rig: Rig | None = None) -> None:
    """The page that plays `clip` on `rig` (the built-in head).

    Raises:
        OutputError: the clip is longer than half an hour, or the page was not built with the package.
    """
    check_duration(clip.duration)
    page = built_page()
    samples = _samples(clip)
    packed = payload.pack(clip, rig or rigs.head(), samples, clip.name)
    embedded = _embed("utterface-clip", "application/octet-stream", packed)
    if len(samples):
        embedded += _embed("utterface-sound", "audio/flac", _flac(samples))
    before, after = page.split(_PLACE)
    titled = before.replace("<title>utterface</title>", f"<title>{html.escape(clip.name)}</title>")
    path.write_text(titled + embedded + after, encoding="utf-8")


def check_duration(duration: float) -> None:
    """OutputError where so much sound makes a page that no browser would hold; known before the work begins."""
    if duration > LONGEST:
        raise OutputError(
            f"{duration / 60:.0f} minutes are too long for one .html page (at most {LONGEST // 60}); "
            "write .csv or .npz instead, or cut the sound"
        )


def built_page() -> str:
    """The player without a clip, as the package build made it from web/."""
    page = resources.files("utterface").joinpath("web_dist", "player.html")
    if not page.is_file():
        raise OutputError("the player page was not built with this install; run `pip install .` again, with network")
    return page.read_text(encoding="utf-8")


def _samples(clip: Clip) -> np.ndarray:
    if clip.audio is None:
        return np.zeros(0, np.float32)
    if isinstance(clip.audio, np.ndarray):
        return clip.audio
    return speech.read(clip.audio).samples


def _flac(samples: np.ndarray) -> bytes:
    """The sound as FLAC: every browser plays it, and unlike MP3, AAC or Opus it has no encoder delay that a browser
    may or may not take off again, so a sample of the file is a sample of the clock. It halves what WAV would take."""
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, samples, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    return file.getvalue()


def _embed(name: str, kind: str, data: bytes) -> str:
    """A script element that no browser runs, holding data."""
    text = base64.b64encode(data).decode("ascii")
    return f'<script type="application/octet-stream" id="{name}" data-type="{kind}">{text}</script>\n'
