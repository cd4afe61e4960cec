"""A performed corpus and a size small enough for tests of the study."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from support.toy_speech import speak
from utterface.lab.corpora.manifest import CorpusClip
from utterface.lab.corpora.performed import perform
from utterface.lab.corpora.writer import CorpusWriter
from utterface.lab.studies.store import Folder
from utterface.lab.studies.thunder.material import ThunderMaterial, gather
from utterface.lab.studies.thunder.runs import ThunderRunner, open_units
from utterface.lab.studies.thunder.sizes import SMOKE, ThunderSize


@pytest.fixture(scope="session")
def performed(tmp_path_factory) -> Path:
    """Eight voices, twice performed: four to learn from, two to choose by, two to judge on."""
    root = tmp_path_factory.mktemp("thunder")
    rng = np.random.default_rng(0)
    writer = CorpusWriter(root / "voices")
    splits = ("train", "train", "train", "train", "valid", "valid", "test", "test")
    for number, split in enumerate(splits):
        labels = ["sil", *rng.permutation(["ɑ", "b", "s"] * 3).tolist(), "sil"]
        phones = ((label, float(rng.integers(10, 16)) / 100) for label in labels)
        samples, spans = speak(phones, 150 + 30 * number, rng)
        clip = CorpusClip(f"c{number}", len(samples) / 16000, f"speaker{number}", text="ah", split=split)
        writer.add(clip, samples, spans)
    perform(root / "voices", root / "performed", takes=2, cast=6)
    return root / "performed"


@pytest.fixture
def size() -> ThunderSize:
    """Two decoders, one weight, two seeds."""
    decoders = {name: SMOKE.decoders[name] for name in ("diffusion", "transformer")}
    return replace(SMOKE, decoders=decoders, weights=(0.5,), face_weights=(0.5,))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "report")


@pytest.fixture
def material(size: ThunderSize, performed: Path, folder: Folder) -> ThunderMaterial:
    return gather(size, [performed], None, folder)


@pytest.fixture
def runner(size: ThunderSize, material: ThunderMaterial, folder: Folder) -> ThunderRunner:
    return ThunderRunner(size, material, folder, None, {}, open_units(size, material, folder))
