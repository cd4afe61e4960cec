import pytest
import torch

from utterface.lab.training import precision
from utterface.lab.training.precision import precision_here

CPU, GPU = torch.device("cpu"), torch.device("cuda")


@pytest.mark.parametrize(
    ("machine", "capability", "expected"),
    [
        ("x86_64", "AVX2", "no"),
        ("AMD64", "DEFAULT", "no"),
        ("x86_64", "AVX512", "bf16"),
        ("aarch64", "DEFAULT", "bf16"),
    ],
)
def test_half_precision_is_for_cpus_that_multiply_it(monkeypatch, machine, capability, expected):
    monkeypatch.setattr(precision.platform, "machine", lambda: machine)
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    assert precision_here("bf16", CPU) == expected
    assert precision_here("no", CPU) == "no"
    assert precision_here("bf16", GPU) == "bf16"


def test_the_loop_says_when_it_takes_another(tmp_path, recipe, monkeypatch):
    from utterface.lab.systems.registry import train
    from utterface.lab.training.recipe import read_recipe

    told: list[str] = []
    monkeypatch.setattr(precision, "cpu_multiplies_bf16", lambda: False)
    train(read_recipe(recipe, ["train.precision=bf16", "train.steps=1"]), told.append)
    assert any("float32" in line and "bf16" in line for line in told)
    told.clear()
    train(read_recipe(recipe, ["train.steps=1", f"train.folder={tmp_path}/other"]), told.append)
    assert not any("float32" in line for line in told)
