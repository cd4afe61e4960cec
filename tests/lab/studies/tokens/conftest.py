"""A corpus and a size small enough for tests of the study."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from utterface.lab.corpora.manifest import CorpusClip, CorpusWriter
from utterface.lab.studies.store import Folder
from utterface.lab.studies.tokens.material import TokensMaterial, gather
from utterface.lab.studies.tokens.sizes import SMOKE, RepresentationEntry, TokensSize
from utterface.phones import Span


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """Ten clips by five speakers, two of them to test on: a tone is /ɑ/, noise is /s/, near silence /b/ or a pause."""
    rng = np.random.default_rng(0)
    writer = CorpusWriter(tmp_path / "toy")
    for number in range(10):
        pieces, spans, now = [], [], 0.0
        for label in ["sil", *rng.permutation(["ɑ", "b", "s"] * 4).tolist(), "sil"]:
            length = float(rng.integers(10, 22)) / 100
            count = round(length * 16000)
            noise = rng.standard_normal(count)
            tone = 0.3 * np.sin(2 * np.pi * (150 + 30 * (number % 5)) * np.arange(count) / 16000)
            pieces.append({"ɑ": tone, "s": 0.2 * noise}.get(label, 0.001 * noise))
            spans.append(Span(label, now, now + length))
            now = round(now + length, 6)
        samples = np.concatenate(pieces).astype(np.float32)
        split = "test" if number % 5 > 2 else "train"
        writer.add(CorpusClip(f"c{number}", len(samples) / 16000, f"speaker{number % 5}", split=split), samples, spans)
    return tmp_path / "toy"


@pytest.fixture
def size() -> TokensSize:
    """Two representations, three decoders, four steps."""
    compared = (RepresentationEntry("mel", "mel"), RepresentationEntry("units", "mfcc", 8))
    return replace(SMOKE, representations=compared, seeds=1, steps=4, clips=6, judged=3, probed=4, longest=4.0)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "report")


@pytest.fixture
def material(size: TokensSize, toy: Path, folder: Folder, tmp_path: Path) -> TokensMaterial:
    return gather(size, [toy], None, folder, tmp_path / "voices")
