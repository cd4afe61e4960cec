"""A corpus and a size small enough for tests of the study."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from support.toy_speech import speak
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.corpora.writer import CorpusWriter
from utterface.lab.studies.store import Folder
from utterface.lab.studies.tokens.material import TokensMaterial, gather
from utterface.lab.studies.tokens.sizes import SMOKE, RepresentationEntry, TokensSize


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """Ten clips by five speakers, two of them to test on: a tone is /ɑ/, noise is /s/, near silence /b/ or a pause."""
    rng = np.random.default_rng(0)
    writer = CorpusWriter(tmp_path / "toy")
    for number in range(10):
        labels = ["sil", *rng.permutation(["ɑ", "b", "s"] * 4).tolist(), "sil"]
        phones = ((label, float(rng.integers(10, 22)) / 100) for label in labels)
        samples, spans = speak(phones, 150 + 30 * (number % 5), rng)
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
