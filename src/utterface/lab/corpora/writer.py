"""Corpora written clip by clip, in the layout that `manifest` reads."""

import io
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from utterface import timing
from utterface.errors import CorpusError
from utterface.lab.corpora.manifest import (
    FORMAT,
    MANIFEST,
    STORED,
    VERSION,
    CorpusClip,
    CorpusInfo,
    check_clip,
    check_times,
    read_corpus,
    read_header,
)
from utterface.motion import Motion
from utterface.phones import Span

_LARGE = 2_000_000  # bytes of motion from which packing costs seconds a clip and saves a fifth (bare vertices)


def encode_flac(samples: np.ndarray) -> bytes:
    """(N,) float samples at 16 kHz as a FLAC file's bytes; what lies beyond ±1 is clipped."""
    import soundfile

    pcm = np.round(np.clip(samples, -1, 1) * 32767).astype(np.int16)
    buffer = io.BytesIO()
    soundfile.write(buffer, pcm, timing.SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    return buffer.getvalue()


class CorpusWriter:
    """Adds clips to a corpus folder, new or half done; one writer a folder at a time.

    `id in writer` tells whether a clip is there already. `about` describes a new corpus; a folder that holds one of
    another kind is refused.
    """

    def __init__(self, folder: str | os.PathLike[str], about: CorpusInfo | None = None) -> None:
        self.folder = Path(folder)
        for kind in ("audio", "arrays"):
            (self.folder / kind).mkdir(parents=True, exist_ok=True)
        header, self._manifest = self.folder / "corpus.json", self.folder / MANIFEST
        if not header.exists():
            stored = {"format": FORMAT, "version": VERSION, **asdict(about or CorpusInfo())}
            _write_whole(header, json.dumps(stored).encode())
        self.about = read_header(self.folder)
        if about is not None and about != self.about:
            raise CorpusError(f"{self.folder} holds a corpus of another kind ({self.about}); choose another folder")
        self._manifest.touch()
        done = self._manifest.read_bytes()
        if whole := done.rfind(b"\n") + 1:
            os.truncate(self._manifest, whole)  # a line cut off in the middle is a clip that was never finished
        elif done:
            os.truncate(self._manifest, 0)
        self._clips = {c.id: c for c in read_corpus(self.folder)}

    def __contains__(self, clip_id: str) -> bool:
        return clip_id in self._clips

    def __getitem__(self, clip_id: str) -> CorpusClip:
        return self._clips[clip_id]

    def __iter__(self) -> Iterator[CorpusClip]:
        return iter(self._clips.values())

    def __len__(self) -> int:
        return len(self._clips)

    def add(
        self,
        clip: CorpusClip,
        samples: np.ndarray | bytes | Path,
        phones: Sequence[Span],
        motion: Motion | None = None,
        template: np.ndarray | None = None,
        identity: np.ndarray | None = None,
        words: Sequence[Span] = (),
    ) -> CorpusClip:
        """Write one clip; `samples` is (N,) floats at 16 kHz, the bytes `encode_flac` made of them, or another clip's
        `audio`, which both then share: a hard link, or a copy where the file system has none.

        A captured face may come with its `template` (V, 3) or `identity` (I,), a transcript with its timed `words`.

        Raises:
            CorpusError: the id is taken or malformed, a field is not one of its values, phones are unknown, out of
                order or beyond the sound.
        """
        check_clip(clip, phones)
        check_times(clip, "word", words)
        if clip.id in self._clips:
            raise CorpusError(f"{self.folder}: clip {clip.id} is already there")
        audio = self.folder / "audio" / f"{clip.id}.flac"
        if isinstance(samples, Path):
            _share(samples, audio)
        else:
            _write_whole(audio, samples if isinstance(samples, bytes) else encode_flac(samples))
        _write_whole(self.folder / "arrays" / f"{clip.id}.npz", _pack(phones, motion, template, identity, words))
        line = json.dumps({k: v for k, v in asdict(clip).items() if k in STORED}, ensure_ascii=False) + "\n"
        with self._manifest.open("ab", buffering=0) as file:
            file.write(line.encode())
        clip = CorpusClip(**{k: getattr(clip, k) for k in STORED}, folder=self.folder)
        self._clips[clip.id] = clip
        return clip


def _pack(
    phones: Sequence[Span],
    motion: Motion | None,
    template: np.ndarray | None,
    identity: np.ndarray | None,
    words: Sequence[Span],
) -> bytes:
    arrays = {
        "symbols": np.array([p.label for p in phones], dtype=str),
        "starts": np.array([p.start for p in phones], np.float64),
        "ends": np.array([p.end for p in phones], np.float64),
        "stress": np.array([p.stress for p in phones], np.int8),
    }
    if words:
        arrays |= {"words": np.array([w.label for w in words], dtype=str)}
        arrays |= {"word_starts": np.array([w.start for w in words]), "word_ends": np.array([w.end for w in words])}
    if motion is not None:
        arrays |= {"motion": motion.values, "channels": np.array(motion.channels)}
        arrays |= {"frame_rate": np.array(motion.frame_rate), "motion_start": np.array(motion.start)}
    arrays |= {k: a.astype(np.float32) for k, a in (("template", template), ("identity", identity)) if a is not None}
    buffer = io.BytesIO()
    save = np.savez if motion is not None and motion.values.nbytes > _LARGE else np.savez_compressed
    save(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _share(source: Path, path: Path) -> None:
    path.unlink(missing_ok=True)  # left behind by a stop before the clip's line
    try:
        path.hardlink_to(source.resolve())
    except OSError:  # another disk, or a file system without links
        _write_whole(path, source.read_bytes())


def _write_whole(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.replace(path)
