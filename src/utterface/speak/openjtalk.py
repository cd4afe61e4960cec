"""Open JTalk, Japanese: the engine left out of training. Its trace carries the moments of every phone.

https://open-jtalk.sourceforge.net/. Voices are `.htsvoice` files in `~/.cache/utterface/voices` or where Debian puts
them; `mei_normal.htsvoice` (CC BY 3.0, MMDAgent project) is one.
"""

import math
import re
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from utterface.phones import Span, from_ipa, inventory
from utterface.speak.contract import SpeakingManner, SyntheticUtterance, SyntheticVoice, program, whole

_DICTIONARY = Path("/var/lib/mecab/dic/open-jtalk/naist-jdic")
_FOLDERS = ("~/.cache/utterface/voices", "/usr/share/hts-voice")
_LABEL = re.compile(r"^(\d+) (\d+) [^-]*-([A-Za-z]+)\+")  # start and end in 100 ns, the phone amid its neighbours

_NAMES = {
    "A": "a", "I": "i", "U": "ɯ", "E": "e", "O": "o", "u": "ɯ", "sh": "ʃ", "ch": "tʃ", "ts": "ts", "j": "dʒ", "y": "j",
    "f": "ɸ", "r": "ɾ", "N": "ɴ", "g": "ɡ", "ky": "k j", "gy": "ɡ j", "ny": "ɲ", "hy": "ç", "by": "b j", "py": "p j",
    "my": "m j", "ry": "ɾ j", "ty": "t j", "dy": "d j", "kw": "k w", "gw": "ɡ w", "pau": "sil", "sil": "sil",
}  # fmt: skip


@cache
def voices() -> tuple[SyntheticVoice, ...]:
    """The installed voices, all left out of training; empty without the program or its dictionary."""
    if program("open_jtalk") is None or not _DICTIONARY.is_dir():
        return ()
    return tuple(SyntheticVoice("openjtalk", name, "ja", f"hts-{name}", "test", "CC BY 3.0") for name in _files())


def _files() -> dict[str, Path]:
    files = (f for folder in _FOLDERS for f in Path(folder).expanduser().rglob("*.htsvoice"))
    return {f.stem: f for f in sorted(files)}


def speak(voice: SyntheticVoice, sentences: Sequence[tuple[str, SpeakingManner]]) -> list[SyntheticUtterance | None]:
    """Each sentence as sound with phone times; None for one that the engine could not say."""
    return [_speak(voice, text, prosody) for text, prosody in sentences]


def _speak(voice: SyntheticVoice, text: str, prosody: SpeakingManner) -> SyntheticUtterance | None:
    import soundfile

    with tempfile.TemporaryDirectory() as name:
        wave, trace = Path(name) / "speech.wav", Path(name) / "trace.txt"
        command = [program("open_jtalk") or "open_jtalk", "-x", str(_DICTIONARY), "-m", str(_files()[voice.name])]
        command += ["-r", f"{prosody.rate:.3f}", "-fm", f"{12 * math.log2(prosody.pitch):.2f}"]
        command += ["-ow", str(wave), "-ot", str(trace)]
        result = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
        if result.returncode != 0 or not wave.exists() or wave.stat().st_size < 1000:
            return None
        samples, sample_rate = soundfile.read(wave, dtype="float32")
        return whole(samples, from_trace(trace.read_text("utf-8", "replace")), text, sample_rate)


def from_trace(trace: str) -> list[Span]:
    """The output labels of a trace as spans.

    What has two phones shares its time between them. The hold of a double consonant (`cl`) is the start of the
    consonant that follows: /pp/ keeps the lips closed all along.
    """
    spans: list[Span] = []
    held: float | None = None
    for line in trace.partition("[Output label]")[2].splitlines():
        match = _LABEL.match(line)
        if not match:
            continue
        start, end, name = int(match[1]) / 1e7, int(match[2]) / 1e7, match[3]
        if name == "cl":
            held = start
            continue
        labels = _NAMES.get(name, name).split()
        if not all(label in inventory() for label in labels):
            labels = list(from_ipa(name))
        if held is not None and labels and inventory()[labels[0]].manner in ("plosive", "affricate", "fricative"):
            start = held
        held = None
        width = (end - start) / max(len(labels), 1)
        spans += [Span(x, start + i * width, start + (i + 1) * width) for i, x in enumerate(labels)]
    return spans
