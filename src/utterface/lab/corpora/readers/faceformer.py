"""The layout that FaceFormer, CodeTalker, SelfTalk, FaceDiffuser, DiffSpeaker and ScanTalk read VOCASET and BIWI from.

FOLDER/wav/KEY.wav             any rate
FOLDER/vertices_npy/KEY.npy    (T, 3·V) absolute coordinates
FOLDER/templates.pkl           speaker → (V, 3), pickled by Python 2
"""

from collections.abc import Callable, Container, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from utterface import speech
from utterface.errors import CorpusError
from utterface.lab.corpora.readers.contract import CapturedTake, Report, Split, read_array, require, unless_odd
from utterface.rigs import pickled
from utterface.rigs.topology import to_motion

Address = tuple[str, int, str]  # speaker, number of the sentence, its kind


def read_templates(path: Path) -> dict[str, np.ndarray]:
    """Speaker → (V, 3) float32 neutral face; CorpusError where the pickle holds something else."""
    stored = pickled.load(path, CorpusError)
    try:
        return {str(s): pickled.to_array(t).astype(np.float32).reshape(-1, 3) for s, t in stored.items()}
    except Exception as problem:
        raise CorpusError(f"{path}: expected a neutral face (vertices, 3) by speaker ({problem})") from None


def read(
    folder: Path,
    corpus: str,
    frame_rate: float,
    address: Callable[[str], Address | None],
    split: Split,
    done: Container[str],
    report: Report,
    check: Callable[[str, np.ndarray], None] = lambda speaker, template: None,
) -> Iterator[CapturedTake]:
    """The takes of a folder, in the order of their names.

    Args:
        folder: see above.
        corpus: its name in messages.
        frame_rate: of the vertices.
        address: what a key stands for; None where it is no take of this corpus.
        split: what to read, and where it belongs.
        done: keys to pass over.
        report: receives which takes lack sound or face or have an odd file; the published loaders pass over them.
        check: called with each speaker and template; raises CorpusError.
    """
    require(folder, corpus, "wav", "vertices_npy", "templates.pkl")
    templates = read_templates(folder / "templates.pkl")
    for speaker, template in templates.items():
        check(speaker, template)
    sounds = {p.stem: p for p in sorted((folder / "wav").glob("*.wav"))}
    faces = {p.stem: p for p in sorted((folder / "vertices_npy").glob("*.npy"))}
    for key in sorted(sounds.keys() | faces.keys()):
        name = address(key)
        part = split.place(*name) if name else ""
        if not name or not part or key in done:
            continue
        missing = f"wav/{key}.wav" if key not in sounds else f"vertices_npy/{key}.npy" if key not in faces else ""
        if missing:
            report(f"{key}: left out, {missing} is missing")
            continue
        if name[0] not in templates:
            raise CorpusError(f"{folder}/templates.pkl has no neutral face of {name[0]}; it has {', '.join(templates)}")
        paths, template = (sounds[key], faces[key]), templates[name[0]]
        yield from unless_odd(key, partial(_take, key, name[0], part, *paths, template, frame_rate, corpus), report)


def _take(
    key: str, speaker: str, part: str, sound: Path, face: Path, template: np.ndarray, frame_rate: float, corpus: str
) -> CapturedTake:
    vertices = read_array(face, corpus)
    if vertices.ndim not in (2, 3) or not len(vertices) or vertices[0].size != template.size:
        size = f"(frames, {template.size})"
        raise CorpusError(f"{face}: expected {size} as the template has, got {vertices.shape}")
    motion = to_motion(vertices, template, frame_rate)
    return CapturedTake(key, speaker, part, speech.read(sound).samples, motion, template)
