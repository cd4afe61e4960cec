"""Every system trains, validates and goes on on a device that will have no tensor of the CPU, see elsewhere.py."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from support.recipes import write_recipe
from utterface.lab.corpora.manifest import read_corpus
from utterface.lab.representations import fit_codebook, open_representation
from utterface.lab.systems.registry import SYSTEMS, train
from utterface.lab.training.recipe import read_recipe

pytestmark = pytest.mark.timeout(600)  # all are trained before the first test
SCRIPT = Path(__file__).parents[1] / "support" / "elsewhere.py"
CROPS = "workers = 0\nvalidation_batches = 1\n[data.shares]\ntoy = 1.0\n"
FACES = 'corpora = ["toy"]\njudged = 1\n[speech]\nembedding = 8\nstore = "{store}"\nrepresentation = '
SMALL = "width = 16\nheads = 2\ninner = 16\n"
UNTRIED = {"audio_text"}  # the device that is feigned here has no LSTM
# name: (system, figure to select by, the rest of its recipe); each may name what those before it left
RECIPES = {
    "animator": (
        "animator",
        "closure_f1",
        'validation = ["toy"]\nworkers = 0\n[data.shares]\ntoy = 1.0\n[losses]\nlip_gap = 1.0\n[network]\nwidth = 16\n'
        'bottleneck = 8\ntaps = [[-1, 0, 1], [-2, -1, 0]]\npooled = 4\npool_frames = 5\ncontrols = ["strength"]\n',
    ),
    "masked": (
        "masked",
        "masked_accuracy",
        f"{CROPS}[network]\n{SMALL}layers = 2\nclusters = 5\nunit_layer = 1\n[targets]\nsounds = 6\n[augment]\n",
    ),
    "codec": (
        "codec",
        "mel_fit",
        CROPS + "[network]\nchannels = 2\nfeatures = 8\ncodebooks = 3\nsize = 16\nwidth = 8\nblocks = 1\n"
        '[losses]\nwindows = [256]\nteacher = "mfcc"\n',
    ),
    "tokenizer": (
        "tokenizer",
        "phone_accuracy",
        f"{CROPS}[network]\n{SMALL}below = 1\nabove = 1\nlevels = [3, 4]\npast = 3\n[augment]\n",
    ),
    "speaker": ("speaker", "separation", CROPS + "[network]\nwidth = 16\nfeatures = 8\nclips = 2\n"),
    "motion_prior": (
        "motion_prior",
        "fit",
        'corpora = ["toy"]\njudged = 1\n[speech]\nstore = "{store}"\n[network]\nwidth = 16\nlayers = 1\nheads = 2\n'
        'inner = 16\ncodes = 1\ncode = 8\ndropout = 0.0\nnorm = "layer"\n',
    ),
    "lsf": (
        "lsf",
        "fit",
        'corpora = ["toy"]\njudged = 1\n[speech]\nstore = "{store}"\nrepresentation = "mel"\n'
        '[conditions]\nemotion = "mfcc"\n'
        '[network]\nlayers = 1\nheads = 2\ninner = 16\nhidden = [8, 8]\nnorm = "layer"\n'
        '[losses]\ncodes = 0.0\n[prior]\ncheckpoint = "{here}/motion_prior/last.safetensors"\n',
    ),
    "emotion": ("emotion", "recall", 'corpora = ["toy"]\ncopies = 2\nnonspeech = 0\n[network]\nhidden = 8\n'),
    "vocoder": (
        "vocoder",
        "mel_fit",
        CROPS + "[network]\nwidth = 16\ninner = 16\nblocks = 1\n[losses]\nwindows = [128, 512]\n",
    ),
    "mesh_to_speech": (
        "mesh_to_speech",
        "fit",
        f"{CROPS}[network]\n{SMALL}layers = 1\nkernel = 3\nvertices = 12\n"
        '[speech]\nunits = "{units}"\nspeaker = "{here}/speaker/last.safetensors"\nstore = "{store}"\n',
    ),
    "speech_from_text": (
        "speech_from_text",
        "fit",
        f"{CROPS}[network]\n{SMALL}layers = 1\nkernel = 3\n[language]\n{SMALL}layers = 1\nphone_layers = 1\n"
        '[speech]\nstore = "{store}"\n',
    ),
    "transformer": (
        "tokens_to_faces",
        "r2",
        f'{FACES}"{{units}}"\n[decoder]\n{SMALL}layers = 1\n[losses]\ngap = 1.0\n',
    ),
    "gru": (
        "tokens_to_faces",
        "r2",
        f'{FACES}"mel"\n[sampling]\nsampler = "ddpm"\nsteps = 2\n[decoder]\nkind = "gru_diffusion"\n'
        "width = 16\ntoken = 8\nlevels = 20\ndropout = 0.0\n",
    ),
    "taps": (
        "tokens_to_faces",
        "r2",
        f'{FACES}"mel"\n[decoder]\nkind = "animator"\nwidth = 16\nbottleneck = 8\npooled = 4\n'
        "taps = [[-1, 0, 1], [-2, 0]]\n",
    ),
    "thunder": (
        "thunder",
        "l_ccc",
        f'{FACES}"checkpoint:{{here}}/masked/last.safetensors@1"\n[sampling]\nsteps = 2\nguidance = 2.0\ntakes = 2\n'
        f"[decoder]\n{SMALL}layers = 1\nlevels = 20\nconvolutions = 1\n"
        "[bundle]\nblock = 0.4\npast = 0.4\nfuture = 0.2\noverlap = 0.2\n"
        '[losses]\nmesh_to_speech = 1.0\n[mesh_to_speech]\nmodel = "{here}/mesh_to_speech/last.safetensors"\n',
    ),
}


class Runs:
    """Recipes, what training them left, and what went wrong elsewhere."""

    errors: dict[tuple[str, str], str]

    def __init__(self, root: Path, corpora: Path) -> None:
        self.root, self.corpora = root, corpora
        sounds = [clip.samples() for clip in read_corpus(corpora / "toy").split("train")]
        fit_codebook(open_representation("mfcc"), sounds, 8).save(root / "k8.safetensors")

    def write(self, name: str, place: str, steps: int) -> Path:
        """The file of a recipe."""
        system, select, tables = RECIPES[name]
        path = self.root / f"{place}-{name}.toml"
        units = f"mfcc#{self.root / 'k8.safetensors'}"
        text = f"[data]\n{tables}".format(here=self.root / "here", store=self.root / "tracks", units=units)
        train = {"folder": str(self.root / place / name), "steps": steps, "decay": 0.01, "select": select}
        return write_recipe(path, system, self.corpora, train, **tomllib.loads(text))

    def elsewhere(self, paths: Sequence[Path]) -> list[str]:
        """The error of each recipe, empty where there is none."""
        environment = os.environ | {"ACCELERATE_TORCH_DEVICE": "elsewhere:0", "OMP_NUM_THREADS": "1"}
        command = [sys.executable, str(SCRIPT), *map(str, paths)]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=580, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        assert [row["recipe"] for row in rows] == [str(path) for path in paths]
        return [row["error"] for row in rows]

    def kept(self, name: str, place: str) -> dict[str, torch.Tensor]:
        return load_file(self.root / place / name / "last.safetensors")

    def log(self, name: str, place: str) -> list[dict[str, float]]:
        """Without how long it took."""
        lines = (self.root / place / name / "log.jsonl").read_text().splitlines()
        return [{k: v for k, v in json.loads(line).items() if k != "steps_per_second"} for line in lines]


def assert_alike(kept: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    """In the mean: where a gradient is nothing but rounding, Adam still takes whole steps.

    A bias of eight or sixteen numbers has a mean that a few of them move, one step the other way by rounding alone, as
    happens on CPUs without AVX-512 and beside other work; larger tensors do not.
    """
    assert kept.keys() == other.keys()
    for key, value in kept.items():
        assert value.dtype == other[key].dtype
        apart = (value.double() - other[key].double()).abs().mean()
        least = 3e-4 if value.numel() > 64 else 1e-3
        assert apart <= least + 1e-3 * value.double().abs().mean(), key


@pytest.fixture(scope="module")
def runs(toy, tmp_path_factory) -> Runs:
    """Two steps of all recipes in `here` and `there`; in `moved` the first one here and the second elsewhere."""
    made = Runs(tmp_path_factory.mktemp("devices"), toy)
    for name in RECIPES:
        train(read_recipe(made.write(name, "here", 2)), lambda line: None)
    train(read_recipe(made.write("masked", "moved", 1)), lambda line: None)
    places = [(name, "there") for name in RECIPES] + [("masked", "moved")]
    errors = made.elsewhere([made.write(name, place, 2) for name, place in places])
    made.errors = dict(zip(places, errors, strict=True))
    return made


def test_every_system_is_tried():
    assert {system for system, *_ in RECIPES.values()} | UNTRIED == SYSTEMS.keys()


@pytest.mark.parametrize("name", RECIPES)
def test_a_system_learns_elsewhere_what_it_learns_here(name, runs):
    assert not runs.errors[name, "there"], runs.errors[name, "there"]
    assert_alike(runs.kept(name, "here"), runs.kept(name, "there"))
    select = RECIPES[name][1]
    for row, other in zip(runs.log(name, "here"), runs.log(name, "there"), strict=True):
        assert other == pytest.approx(row, rel=2e-3, abs=1e-4, nan_ok=True)
    assert select in other


def test_a_run_resumes_on_another_device(runs):
    assert not runs.errors["masked", "moved"], runs.errors["masked", "moved"]
    assert_alike(runs.kept("masked", "here"), runs.kept("masked", "moved"))
    ended = {}
    for place in ("here", "there"):  # and back again
        shutil.copytree(runs.root / place / "masked", runs.root / f"{place}-longer" / "masked")
        train(read_recipe(runs.write("masked", f"{place}-longer", 3)), lambda line: None)
        ended[place] = runs.kept("masked", f"{place}-longer")
    assert_alike(ended["here"], ended["there"])
    assert not torch.equal(ended["here"]["average/clusters"], runs.kept("masked", "here")["average/clusters"])
