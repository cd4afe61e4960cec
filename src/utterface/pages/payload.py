"""A clip, or sentences of several, and the face as the bytes that a page plays. web/src/payload.ts is the other side.

Arrays are as small as the eye allows: weights in small steps as differences along time, morph offsets as int16 where
they are longer than a hundredth of a millimetre.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from utterface.articulation.expression import EMOTIONS, GAP_MM
from utterface.articulation.visemes import viseme_weights
from utterface.clip import Clip
from utterface.motion import Motion
from utterface.pages.rig import add_rig
from utterface.pages.sections import Sections, compress
from utterface.phones import Span
from utterface.rigs import Rig
from utterface.text.captions import captions

STEP = 1 / 8192  # of weights and radians
COARSE_STEP = 1 / 2048  # where there are many motions: a hundredth of a millimetre of the jaw
WAVEFORM_RATE = 100.0  # peaks a second
Poses = dict[str, dict[str, dict[str, float]]]


def pack(clip: Clip, rig: Rig, samples: np.ndarray, title: str) -> bytes:
    """Everything the page shows, compressed.

    Args:
        clip: motion, words and phones.
        rig: the face that plays it.
        samples: (N,) float32 sound at 16 kHz, for the waveform; empty without sound.
        title: shown on the page.
    """
    sections = Sections()
    header = _add_take(sections, clip, samples, title, poses())
    header |= {"rig": add_rig(sections, rig), "lipGap": GAP_MM}
    return compress(header, sections)


def pack_avatar(clip: Clip, samples: np.ndarray, title: str, named: Poses, avatar: Mapping[str, object]) -> bytes:
    """The same for a face of the user's own, whose file lies beside it in the page.

    Args:
        clip: motion in the avatar's own channels, words and phones.
        samples: (N,) float32 sound at 16 kHz; empty without sound.
        title: shown on the page.
        named: poses by group and name, in the avatar's own channels.
        avatar: how channels move its file, as web/src/avatar.ts reads it.
    """
    sections = Sections()
    return compress(_add_take(sections, clip, samples, title, named) | {"avatar": avatar}, sections)


def poses() -> Poses:
    """Whole faces by name, in groups: visemes and emotions in ARKit's weights."""
    return {"Visemes": viseme_weights(), "Emotions": {name: dict(pose) for name, pose in EMOTIONS.items()}}


def _add_take(sections: Sections, clip: Clip, samples: np.ndarray, title: str, named: Poses) -> dict[str, object]:
    header = {
        "title": title,
        "duration": clip.duration,
        "motion": _add_motion(sections, clip.motion),
        "words": [_row(span) for span in clip.words],
        "phones": [_row(span) for span in clip.phones],
        "waveformRate": WAVEFORM_RATE,
        "poses": named,
        "captions": captions(clip.words, clip.text),
    }
    sections.add("waveform", "i8", waveform(samples))
    return header


def pack_comparison(rig: Rig, title: str, rows: Sequence[str], shown: Sequence[int], sentences: Sequence[str]) -> bytes:
    """What a page of faces side by side holds once: the face, and what can be chosen.

    Args:
        rig: the face that plays every row.
        title: shown on the page.
        rows: names of all that can be watched.
        shown: numbers of the rows that are shown at first.
        sentences: their titles, in the order of their payloads (`pack_sentence`).
    """
    sections = Sections()
    header = {
        "title": title,
        "rig": add_rig(sections, rig),
        "rows": list(rows),
        "shown": list(shown),
        "sentences": list(sentences),
    }
    return compress(header, sections)


def pack_sentence(
    duration: float,
    text: str,
    samples: np.ndarray,
    motions: Mapping[int, Motion],
    own_sounds: Mapping[int, np.ndarray],
    words: Sequence[Span] = (),
    phones: Sequence[Span] = (),
) -> bytes:
    """One sentence as every row speaks it.

    Args:
        duration: seconds.
        text: the words.
        samples: (N,) float32 sound at 16 kHz, for the waveform.
        motions: row number → motion.
        own_sounds: row number → (N,) float32 sound of a row that has its own.
        words, phones: timed.
    """
    sections = Sections()
    rows = [
        {"row": row, "motion": _add_motion(sections, motion, f"motion {row}", COARSE_STEP), "heard": row in own_sounds}
        for row, motion in motions.items()
    ]
    header = {
        "duration": duration,
        "text": text,
        "rows": rows,
        "words": [_row(span) for span in words],
        "phones": [_row(span) for span in phones],
        "waveformRate": WAVEFORM_RATE,
    }
    sections.add("waveform", "i8", waveform(samples))
    for row, sound in own_sounds.items():
        sections.add(f"waveform {row}", "i8", waveform(sound))
    return compress(header, sections)


def waveform(samples: np.ndarray) -> np.ndarray:
    """Lowest and highest sample of each 10 ms, (slices, 2) int8, scaled so that the loudest sample fills ±127."""
    size = round(16_000 / WAVEFORM_RATE)
    if not len(samples):
        return np.zeros((0, 2), np.int8)
    padded = np.pad(samples, (0, -len(samples) % size)).reshape(-1, size)
    loudest = max(float(np.abs(samples).max()), 1e-3)
    return np.round(127 / loudest * np.stack([padded.min(1), padded.max(1)], 1)).astype(np.int8)


def _add_motion(sections: Sections, motion: Motion, name: str = "motion", step: float = STEP) -> dict[str, object]:
    levels = np.clip(np.round(motion.values.T / step), -32768, 32767).astype(np.int32)  # (C, T)
    sections.add(name, "i16", np.diff(levels, axis=1, prepend=0).astype(np.int16))  # wraps, and so does the page
    return {
        "channels": list(motion.channels),
        "frameRate": motion.frame_rate,
        "start": motion.start,
        "step": step,
    }


def _row(span: Span) -> list[object]:
    return [span.label, round(span.start, 4), round(span.end, 4)]
