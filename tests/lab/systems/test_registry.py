import importlib
import sys
import tomllib
from pathlib import Path

import pytest

from utterface.cli import main
from utterface.errors import ConfigError
from utterface.lab.systems.registry import SYSTEMS, make_system, record
from utterface.lab.training.names import load

ROOT = Path(__file__).parents[3]
RECIPES = sorted((ROOT / "recipes").glob("*.toml"))
TOY = """
import torch
from utterface.lab.systems.registry import SystemRecord

class Toy:
    def __init__(self, recipe):
        self.network = torch.nn.Linear(1, 1)
        self.slope = recipe["data"]["slope"]

    def batches(self, first, stride):
        while True:
            x = torch.randn(8, 1)
            yield {"x": x, "y": self.slope * x}

    def losses(self, network, batch, seed):
        return {"error": (network(batch["x"]) - batch["y"]).square().mean()}

    def check_held_out(self):
        pass

    def validate(self, network):
        return {"fit": -abs(network.weight.item() - self.slope)}

def bundle(checkpoint, folder, table, card):
    folder.mkdir()
    (folder / "CARD.md").write_text(card or table["licence"])
    return folder

SYSTEM = SystemRecord(f"{__name__}:Toy", ("data", "bundle"), bundle=f"{__name__}:bundle")
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A module of a user with a system of their own, and a recipe for it."""
    (tmp_path / "own_package").mkdir()
    (tmp_path / "own_package" / "__init__.py").write_text("")
    (tmp_path / "own_package" / "toy.py").write_text(TOY)
    monkeypatch.syspath_prepend(tmp_path)
    recipe = tmp_path / "toy.toml"
    recipe.write_text(
        f"system = 'own_package.toy'\n[train]\nfolder = '{tmp_path.as_posix()}/run'\nsteps = 60\nrate = 0.1\n"
        "warmup = 1\nselect = 'fit'\naverage = 0.5\n[data]\nslope = 3.0\n[bundle]\nlicence = 'MIT'\n"
    )
    yield recipe
    for name in [name for name in sys.modules if name.startswith("own_package")]:
        del sys.modules[name]


def test_a_system_of_a_users_own_module_trains_and_bundles(own, tmp_path, capsys):
    assert main(["train", str(own), "--quiet"]) == 0
    checkpoint = capsys.readouterr().out.strip()
    from utterface.lab.training.checkpoints import load_average

    assert load_average(checkpoint)[0]["weight"].item() == pytest.approx(3, abs=0.2)
    assert main(["bundle", checkpoint, "-o", str(tmp_path / "made")]) == 0
    assert (tmp_path / "made" / "CARD.md").read_text() == "MIT"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("train.steps=abc", "table [train]: steps must be a whole number, got 'abc'"),
        ("train.stpes=3", "table [train] has no key 'stpes' (did you mean 'steps'?)"),
        ("dat.slope=2", "own_package.toy reads no [dat] of a recipe (did you mean 'data'?)"),
        ("system=animtor", "no system 'animtor' (did you mean 'animator'?)"),
        ("system=own_package.none", "no module 'own_package.none'"),
        ("system=own_package", "no system 'own_package'"),
        ("system=os.path", "os.path defines no 'SYSTEM'"),
    ],
)
def test_mistakes_in_a_recipe_are_one_line(own, override, message, capsys):
    assert main(["train", str(own), override, "--quiet"]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_a_run_of_another_recipe_is_resumed_only_when_requested(own, capsys):
    assert main(["train", str(own), "train.steps=2", "--quiet"]) == 0
    assert main(["train", str(own), "train.steps=3", "data.slope=2.0"]) == 2
    assert "holds a run with another data.slope" in capsys.readouterr().err
    assert main(["train", str(own), "train.steps=3", "data.slope=2.0", "--resume-anyway"]) == 0
    assert "resuming at step 2; changed in the recipe since: data.slope" in capsys.readouterr().err


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_table_of_a_shipped_recipe_is_read(path):
    recipe = tomllib.loads(path.read_text("utf-8"))
    tables = record(recipe["system"]).tables
    assert {"system", "train", "data"} <= recipe.keys() <= {"system", "train", *tables}


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_record_names_what_exists(system):
    own = SYSTEMS[system]
    assert all(callable(load(name)) for name in (own.make, own.bundle, own.reader) if name)
    assert (ROOT / "recipes" / own.recipe).is_file()
    studies = importlib.import_module("utterface.cli.bench").app
    assert own.study in studies


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_table_that_a_system_does_not_read_is_refused(system):
    with pytest.raises(ConfigError, match=rf"{system} reads no \[losess\] of a recipe"):
        make_system({"system": system, "losess": {"velocity": 3.0}})
