"""Mouth cues for drawn faces: Rhubarb Lip Sync's TSV, XML and JSON, and Moho's switch files.

https://github.com/DanielSWolf/rhubarb-lip-sync#readme tells the first three and the names of the fourth.
"""

import json
import math
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from utterface.articulation.visemes import SHOWN_BY
from utterface.clip import Clip
from utterface.phones import Span, inventory, to_rhubarb
from utterface.rigs import reduction

REST = "X"
SHORTEST = 0.04  # seconds that a cue lasts at least, closed lips excepted
MOHO = dict(zip("ABCDEFGHX", ("MBP", "etc", "E", "AI", "O", "U", "FV", "L", "rest"), strict=True))  # Preston Blair's
FILM_RATE = 24.0  # frames a second of drawn animation; faster clips are counted by it
_FASTEST = 30.0


def cues_of(clip: Clip) -> tuple[Span, ...]:
    """Rhubarb's mouth shapes from 0 to the end of the sound, without gaps, by hundredths of a second.

    They come from the clip's phones, or from its motion where no phones are known.
    """
    spans = _from_phones(clip) if clip.phones else _from_motion(clip)
    end = max(round(clip.duration, 2), 0.01)
    cues: list[tuple[str, float]] = [(REST, 0.0)]
    for label, start in spans:
        at = min(max(round(start + clip.offset, 2), 0.0), end)
        while cues and cues[-1][1] >= at:  # of two that begin together the later one shows
            cues.pop()
        if at < end and not (cues and cues[-1][0] == label):
            cues.append((label, at))
    if not cues or cues[0][1] > 0:
        cues.insert(0, (REST, 0.0))
    ends = [start for _, start in cues[1:]] + [end]
    return tuple(Span(label, start, stop) for (label, start), stop in zip(cues, ends, strict=True))


def write_tsv(clip: Clip, path: Path, rig: object = None) -> None:
    """A line a cue, `seconds TAB shape`; the last line is the end of the sound."""
    cues = cues_of(clip)
    lines = [f"{cue.start:.2f}\t{cue.label}" for cue in cues] + [f"{cues[-1].end:.2f}\t{REST}"]
    _write(path, lines)


def write_xml(clip: Clip, path: Path, rig: object = None) -> None:
    """`rhubarbResult` with `metadata` and `mouthCues`."""
    cues = cues_of(clip)
    root = ElementTree.Element("rhubarbResult")
    about = ElementTree.SubElement(root, "metadata")
    ElementTree.SubElement(about, "soundFile").text = _sound(clip)
    ElementTree.SubElement(about, "duration").text = f"{cues[-1].end:.2f}"
    listed = ElementTree.SubElement(root, "mouthCues")
    for cue in cues:
        span = {"start": f"{cue.start:.2f}", "end": f"{cue.end:.2f}"}
        ElementTree.SubElement(listed, "mouthCue", span).text = cue.label
    ElementTree.indent(root)
    _write(path, ['<?xml version="1.0" encoding="utf-8"?>', ElementTree.tostring(root, encoding="unicode")])


def write_json(clip: Clip, path: Path, rig: object = None) -> None:
    """`metadata` and `mouthCues`, as Rhubarb writes them."""
    cues = cues_of(clip)
    rows = [f'    {{ "start": {cue.start:.2f}, "end": {cue.end:.2f}, "value": "{cue.label}" }}' for cue in cues]
    about = [f'    "soundFile": {json.dumps(_sound(clip))},', f'    "duration": {cues[-1].end:.2f}']
    head = ["{", '  "metadata": {', *about, "  },", '  "mouthCues": [']
    _write(path, [*head, ",\n".join(rows), "  ]", "}"])


def write_moho(clip: Clip, path: Path, rig: object = None) -> None:
    """Moho's and OpenToonz's switch file: `frame name` a line, frames from 1, Preston Blair's names.

    Frames are counted at the clip's rate, or at 24 a second where the clip has more than 30: the file names no rate,
    and drawn animation has no more. A cue on the frame of the cue before is left out.
    """
    rate = clip.motion.frame_rate if clip.motion.frame_rate <= _FASTEST else FILM_RATE
    cues = cues_of(clip)
    lines, last = ["MohoSwitch1"], 0
    for label, start in [*((cue.label, cue.start) for cue in cues), (REST, cues[-1].end)]:
        frame = 1 + math.floor(rate * start + 1e-9)
        if frame > last:
            lines.append(f"{frame} {MOHO[label]}")
        last = frame
    _write(path, lines)


def _from_phones(clip: Clip) -> Iterable[tuple[str, float]]:
    known = inventory()
    return [(to_rhubarb(phone.label) if phone.label in known else REST, phone.start) for phone in clip.phones]


def _from_motion(clip: Clip) -> Iterable[tuple[str, float]]:
    """(shape, start) of each stretch of frames that one viseme fits best."""
    motion = clip.motion
    shapes = np.array([to_rhubarb(phone) for phone in SHOWN_BY])[reduction.to_visemes(motion).argmax(1)]
    begins = np.flatnonzero(np.concatenate([[True], shapes[1:] != shapes[:-1]]))
    lengths = np.diff(np.append(begins, len(shapes))) / motion.frame_rate
    kept = (lengths >= SHORTEST) | (shapes[begins] == "A")
    times = motion.times - clip.offset
    return [(str(shapes[begin]), float(times[begin])) for begin in begins[kept]]


def _sound(clip: Clip) -> str:
    return clip.audio.name if isinstance(clip.audio, Path) else ""


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", "utf-8", newline="\n")
