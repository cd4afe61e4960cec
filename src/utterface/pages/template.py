"""HTML files that play from disk, without a network: pages as the package build made them, and what they play."""

import base64
import html
import io
import re
from collections.abc import Iterable, Mapping
from importlib import resources

import numpy as np

from utterface.errors import OutputError
from utterface.pages.policy import policy, policy_element
from utterface.timing import SAMPLE_RATE

_PLACE = "<!--clip-->"  # where a page takes what it plays, web/*.html
_POLICY = re.compile(r'<meta\s+http-equiv="Content-Security-Policy"[^>]*>')  # a loose one, for development
_MP3_LEVEL = 0.8  # of libsndfile's 0…1; at 16 kHz this is about 30 kbit/s


def built(name: str) -> str:
    """A page of web/ as the package build made it, with nothing to play yet.

    Raises:
        OutputError: it was not built with the package.
    """
    page = resources.files("utterface").joinpath("web_dist", f"{name}.html")
    if not page.is_file():
        raise OutputError(f"the {name} page was not built with this install; run `pip install .` again, with network")
    return page.read_text(encoding="utf-8")


def fill(page: str, title: str, parts: Iterable[str], allowed: Mapping[str, str] | None = None) -> str:
    """A built page with its title, what it plays (as `embed` gives it) and its policy (`allowed` as there)."""
    page, count = _POLICY.subn(lambda _: policy_element(policy(page, allowed=allowed)), page, count=1)
    if not count:
        raise OutputError("the pages of this install are of another version; run `pip install .` again, with network")
    before, after = page.split(_PLACE)
    titled = before.replace("<title>utterface</title>", f"<title>{html.escape(title)}</title>")
    return "".join([titled, *parts, after])


def embed(name: str, kind: str, data: bytes) -> str:
    """A script element that no browser runs, holding data."""
    text = base64.b64encode(data).decode("ascii")
    return f'<script type="application/octet-stream" id="{name}" data-type="{kind}">{text}</script>\n'


def embed_payload(name: str, packed: bytes) -> str:
    return embed(name, "application/octet-stream", packed)


def embed_flac(name: str, samples: np.ndarray) -> str:
    """A sound (N,) at 16 kHz as FLAC: half of what WAV would take, and every browser plays it.

    Unlike MP3, AAC or Opus it has no encoder delay that a browser may or may not take off again, so a sample of the
    file is a sample of the clock."""
    return embed(name, "audio/flac", _encode(samples, format="FLAC", subtype="PCM_16"))


def embed_mp3(name: str, samples: np.ndarray) -> str:
    """A sound (N,) at 16 kHz as MP3, a fifth of FLAC: where there are too many on a page to be exact to the sample.

    At a variable bit rate libsndfile writes the encoder's delay into the file, and decoders take it off. The
    page decodes it whole (web/src/embedded.ts), because moments within such a file are found only roughly."""
    options = {"bitrate_mode": "VARIABLE", "compression_level": _MP3_LEVEL}
    return embed(name, "audio/mpeg", _encode(samples, format="MP3", subtype="MPEG_LAYER_III", **options))


def _encode(samples: np.ndarray, **options: object) -> bytes:
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, samples, SAMPLE_RATE, **options)
    return file.getvalue()
