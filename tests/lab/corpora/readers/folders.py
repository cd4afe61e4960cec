"""Miniature corpora in the exact layout of the real ones, with numbers of our own."""

import json
import pickle
from pathlib import Path

import numpy as np
import soundfile

from utterface.motion import ARKIT

COUNT = 12  # vertices
# BEAT's own order, which the makers' matrix shares
BEAT_NAMES = (
    "browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff cheekSquintLeft "
    "cheekSquintRight eyeBlinkLeft eyeBlinkRight eyeLookDownLeft eyeLookDownRight eyeLookInLeft eyeLookInRight "
    "eyeLookOutLeft eyeLookOutRight eyeLookUpLeft eyeLookUpRight eyeSquintLeft eyeSquintRight eyeWideLeft "
    "eyeWideRight jawForward jawLeft jawOpen jawRight mouthClose mouthDimpleLeft mouthDimpleRight mouthFrownLeft "
    "mouthFrownRight mouthFunnel mouthLeft mouthLowerDownLeft mouthLowerDownRight mouthPressLeft mouthPressRight "
    "mouthPucker mouthRight mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper mouthSmileLeft "
    "mouthSmileRight mouthStretchLeft mouthStretchRight mouthUpperUpLeft mouthUpperUpRight noseSneerLeft "
    "noseSneerRight"
).split()
TEXTGRID = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0.0
xmax = 1.0
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "words"
        xmin = 0.0
        xmax = 1.0
        intervals: size = 2
        intervals [1]:
            xmin = 0.0
            xmax = 0.4
            text = ""
        intervals [2]:
            xmin = 0.4
            xmax = 1.0
            text = "map"
    item [2]:
        class = "IntervalTier"
        name = "phones"
        xmin = 0.0
        xmax = 1.0
        intervals: size = 4
        intervals [1]:
            xmin = 0.0
            xmax = 0.4
            text = ""
        intervals [2]:
            xmin = 0.4
            xmax = 0.6
            text = "M"
        intervals [3]:
            xmin = 0.6
            xmax = 0.8
            text = "AE1"
        intervals [4]:
            xmin = 0.8
            xmax = 1.0
            text = "P"
"""


def tone(duration: float = 1.0, rate: int = 22_000) -> np.ndarray:
    return (8000 * np.sin(np.arange(round(rate * duration)) * 2 * np.pi * 220 / rate)).astype(np.int16)


def write_sound(path: Path, duration: float = 1.0, rate: int = 22_000) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, tone(duration, rate), rate)


def template(speaker: str, count: int = COUNT) -> np.ndarray:
    return np.random.default_rng(len(speaker) + ord(speaker[-1])).normal(0, 0.05, (count, 3))


def vertices(speaker: str, frames: int) -> np.ndarray:
    """(T, V, 3): frame i lies i millimetres above the neutral face."""
    lift = np.arange(frames)[:, None, None] * np.array([0, 0.001, 0])
    return (template(speaker) + lift).astype(np.float32)


def write_faceformer(folder: Path, takes: dict[str, str], frames: int = 30) -> Path:
    """`takes`: key → speaker."""
    (folder / "vertices_npy").mkdir(parents=True)
    for key, speaker in takes.items():
        write_sound(folder / "wav" / f"{key}.wav")
        np.save(folder / "vertices_npy" / f"{key}.npy", vertices(speaker, frames).reshape(frames, -1))
    (folder / "templates.pkl").write_bytes(pickle.dumps({s: template(s) for s in takes.values()}, 2))
    return folder


def write_raw_vocaset(folder: Path, takes: dict[str, list[str]], frames: int = 30) -> Path:
    """As its makers hand it out; `takes`: speaker → sequences. Frames lie backwards in the file, as nothing forbids."""
    folder.mkdir(parents=True)
    rows: dict = {}
    stored: list[np.ndarray] = []
    for speaker, sequences in takes.items():
        for sequence in sequences:
            first = sum(map(len, stored))
            stored.append(vertices(speaker, frames)[::-1])
            rows.setdefault(speaker, {})[sequence] = {i: first + frames - 1 - i for i in range(frames)}
    np.save(folder / "data_verts.npy", np.concatenate(stored))
    sounds = {s: {q: {"audio": tone(), "sample_rate": 22_000} for q in qs} for s, qs in takes.items()}
    for name, content in [
        ("subj_seq_to_idx.pkl", rows),
        ("raw_audio_fixed.pkl", sounds),
        ("templates.pkl", {s: template(s) for s in takes}),
    ]:
        (folder / name).write_bytes(pickle.dumps(content, 2))
    return folder


def write_mead(folder: Path, keys: list[str], frames: int = 25) -> Path:
    (folder / "param").mkdir(parents=True)
    for key in keys:
        write_sound(folder / "wav" / f"{key}.wav", rate=48_000)
        np.save(folder / "param" / f"{key}.npy", mead_values(key, frames))
    return folder


def mead_values(key: str, frames: int = 25) -> np.ndarray:
    return np.random.default_rng(len(key)).normal(0, 1, (1, frames, 403)).astype(np.float32)


def write_beat_face(path: Path, names: list[str], values: np.ndarray, times: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    frames = [{"weights": v.tolist(), "time": float(t), "rotation": []} for v, t in zip(values, times, strict=True)]
    path.write_text(json.dumps({"names": names, "frames": frames}))


def write_beat(folder: Path, keys: list[str]) -> Path:
    for key in keys:
        at = folder / key.split("_")[0] / key
        values = np.random.default_rng(0).random((60, 51))
        write_beat_face(at.with_suffix(".json"), list(BEAT_NAMES), values, np.arange(60) / 60)
        write_sound(at.with_suffix(".wav"), rate=16_000)
        at.with_suffix(".TextGrid").write_text(TEXTGRID)
    return folder


def write_beat2(folder: Path, types: dict[str, str], frames: int = 30) -> Path:
    (folder / "smplxflame_30").mkdir(parents=True)
    (folder / "textgrid").mkdir()
    rows = ["id,type"] + [f"{key},{kind}" for key, kind in types.items()]
    (folder / "train_test_split.csv").write_text("\n".join(rows) + "\n")
    for key in types:
        write_beat2_face(folder / "smplxflame_30" / f"{key}.npz", frames)
        write_sound(folder / "wave16k" / f"{key}.wav", rate=16_000)
        (folder / "textgrid" / f"{key}.TextGrid").write_text(TEXTGRID)
    return folder


def write_beat2_face(path: Path, frames: int = 30, **changes: np.ndarray) -> None:
    rng = np.random.default_rng(4)
    arrays = {
        "betas": rng.normal(size=300),
        "poses": rng.normal(size=(frames, 165)),
        "expressions": rng.normal(size=(frames, 100)),
        "trans": np.zeros((frames, 3)),
        "model": np.array("smplx2020"),
        "gender": np.array("neutral"),
        "mocap_frame_rate": np.array(30),  # NumPy's own integer, as the files have it
    }
    np.savez(path, **(arrays | changes))


assert set(BEAT_NAMES) == set(ARKIT) - {"tongueOut"}
