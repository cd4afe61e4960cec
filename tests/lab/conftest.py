"""Small networks, corpora and runs of a few steps."""

import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch

from support.recipes import CROPS, DECODERS, write_recipe
from support.toy_speech import speak
from utterface.articulation import ARTICULATORS
from utterface.lab.corpora.manifest import CorpusClip, read_corpus
from utterface.lab.corpora.performed import perform
from utterface.lab.corpora.writer import CorpusWriter
from utterface.lab.networks.animator import AnimatorConfig, AnimatorNetwork
from utterface.lab.representations import fit_codebook, open_representation
from utterface.lab.systems.registry import train
from utterface.lab.training.recipe import read_recipe
from utterface.phones import Span

TAPS = ((-2, -1, 0), (-1, 0, 1), (-3, 0, 1), (-4, 0))


def small_config() -> AnimatorConfig:
    return AnimatorConfig(ARTICULATORS, width=32, bottleneck=16, taps=TAPS, pooled=8, pool_frames=10)


@pytest.fixture
def network() -> AnimatorNetwork:
    """Four blocks whose batch statistics have seen something; at rest."""
    torch.manual_seed(0)
    made = AnimatorNetwork(small_config())
    for _ in range(20):
        made(torch.randn(2, 60, 80) * 2 - 4)
    return made.eval()


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Six clips by six speakers: a tone is /ɑ/, noise is /s/, near silence is /b/ or a pause."""
    rng = np.random.default_rng(0)
    writer = CorpusWriter(tmp_path / "toy")
    phones = (("sil", 0.4), ("ɑ", 0.2), ("b", 0.1), ("ɑ", 0.2), ("s", 0.2), ("b", 0.1), ("ɑ", 0.2)) * 2
    for number in range(6):
        samples, spans = speak(phones, 180 + 20 * number, rng)
        split = "valid" if number == 5 else "train"
        clip = CorpusClip(f"c{number}", len(samples) / 16000, f"speaker{number}", split=split)
        writer.add(clip, samples, spans)
    return tmp_path / "toy"


@pytest.fixture
def recipe(tmp_path: Path, corpus: Path) -> Path:
    """Four steps of a tiny network on the toy corpus."""
    network = {"width": 16, "bottleneck": 8, "taps": [[-1, 0, 1], [-2, -1, 0]], "pooled": 4, "pool_frames": 5}
    train = {"steps": 4, "warmup": 2, "validate_every": 4}
    data = {"validation": ["toy"], "batch": 2, "workers": 0, "shares": {"toy": 1.0}}
    return write_recipe(tmp_path / "toy.toml", "animator", corpus.parent, train, data, network=network)


@pytest.fixture
def tokens_recipe(tmp_path: Path, corpus: Path):
    """Reads the recipe of a tiny system of *From Tokens to Faces*: decoder, changes → recipe."""

    def read(decoder: str = "transformer", *overrides: str) -> dict:
        data = {"corpora": ["toy"], "channels": ["jawOpen", "mouthClose", "mouthPucker"], "batch": 2}
        tables = {
            "speech": {"representation": "mel", "embedding": 8, "store": str(tmp_path / "tracks")},
            "sampling": {"steps": 3},
            "decoder": {"kind": decoder, **DECODERS[decoder]},
        }
        path = write_recipe(
            tmp_path / "tokens.toml", "tokens_to_faces", corpus.parent, {"select": "r2"}, data, **tables
        )
        return read_recipe(path, overrides)

    return read


@pytest.fixture
def units(tmp_path: Path, corpus: Path) -> str:
    """The name of eight k-means units of log-mel."""
    sounds = [clip.samples() for clip in read_corpus(corpus).split("train")]
    fit_codebook(open_representation("mel"), sounds, 8).save(tmp_path / "k8.safetensors")
    return f"mel#{tmp_path / 'k8.safetensors'}"


@pytest.fixture(scope="session")
def toy(tmp_path_factory) -> Path:
    """The folder of a corpus `toy`: six speakers, two clips each, of tones (/ɑ/) and noise (/s/); two are held out."""
    root = tmp_path_factory.mktemp("corpora")
    writer = CorpusWriter(root / "toy")
    rng = np.random.default_rng(0)
    for number in range(12):
        speaker = number % 6
        pieces, spans, now = [], [], 0.0
        for index in rng.permutation(8):
            t = np.arange(3200) / 16000
            tone = sum(np.sin(2 * np.pi * (100 + 25 * speaker) * k * t) / k for k in range(1, 6))
            pieces.append(0.2 * tone if index % 2 else 0.1 * rng.standard_normal(3200))
            spans.append(Span("ɑ" if index % 2 else "s", now, now + 0.2))
            now = round(now + 0.2, 6)
        samples = np.concatenate(pieces).astype(np.float32)
        split = "valid" if speaker >= 4 else "train"
        writer.add(CorpusClip(f"c{number}", len(samples) / 16000, f"s{speaker}", split=split), samples, spans)
    return root


@pytest.fixture
def trained(toy, tmp_path):
    """Trains two steps of a system: (name, figure to select by, tables of the recipe) → the checkpoint."""

    def run(system: str, select: str, tables: str, *overrides: str) -> Path:
        settings = {"folder": str(tmp_path / system), "select": select}
        path = write_recipe(tmp_path / f"{system}.toml", system, toy, settings, CROPS, **tomllib.loads(tables))
        return train(read_recipe(path, overrides), lambda line: None)

    return run


@pytest.fixture
def listener(trained, toy, tmp_path) -> Path:
    """A listener of two steps that knows eight k-means units of cepstra: checkpoint of `mesh_to_speech`."""
    units = tmp_path / "k8.safetensors"
    sounds = [clip.samples() for clip in read_corpus(toy / "toy").split("train")]
    fit_codebook(open_representation("mfcc"), sounds, 8).save(units)
    voice = trained("speaker", "separation", "[network]\nwidth = 8\nfeatures = 4\nclips = 2\n", "data.batch=4")
    speech = f'[speech]\nunits = "mfcc#{units}"\nspeaker = "{voice}"\nstore = "{tmp_path / "tracks"}"\n'
    network = "[network]\nvertices = 12\nwidth = 16\nheads = 2\ninner = 16\nlayers = 1\nkernel = 3\n"
    return trained("mesh_to_speech", "fit", speech + network, "data.seconds=0.8")


@pytest.fixture
def thunder(tmp_path, corpus):
    """Reads the recipe of a tiny THUNDER on a performed toy corpus, with changes."""
    perform(corpus, corpus.parent / "performed", takes=2, cast=6)
    path = write_recipe(
        tmp_path / "thunder.toml", "thunder", corpus.parent, {"select": "l_ccc"},
        {"corpora": ["performed"], "batch": 3, "judged": 2},
        speech={"representation": "mel", "store": str(tmp_path / "tracks")},
        decoder={"width": 16, "layers": 2, "heads": 2, "inner": 32, "levels": 50, "convolutions": 1, "dropout": 0.0},
        sampling={"steps": 3, "takes": 2},
        bundle={"licence": "MIT", "block": 0.4, "past": 0.4, "future": 0.2, "overlap": 0.2},
    )  # fmt: skip
    return lambda *overrides: read_recipe(path, overrides)


@pytest.fixture(scope="session")
def performed_clips(toy, tmp_path_factory) -> Path:
    """The toy corpus performed by people with planted identities."""
    made = tmp_path_factory.mktemp("performed") / "clips"
    perform(toy / "toy", made, takes=1, cast=4, identities="planted")
    return made
