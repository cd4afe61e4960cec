"""Training under `accelerate launch`: two processes on one machine, joined by gloo."""

import os
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from support.recipes import CROPS, write_recipe
from utterface.lab.systems.registry import make_system
from utterface.lab.training.recipe import read_recipe

SCRIPT = Path(__file__).parents[1] / "support" / "two_workers.py"
# system: (figure, steps, sizes and more tables)
SYSTEMS = {
    "tokenizer": ("phone_accuracy", 1, "width=16\nheads=2\ninner=32\nbelow=1\nabove=1\nlevels=[3, 4]\ndropout=0.0\n"),
    "masked": ("masked_accuracy", 2, "width=16\nheads=2\ninner=32\nlayers=2\nclusters=5\nunit_layer=1\n"
                                     "[targets]\nsounds=6\n"),
    "codec": ("mel_fit", 3, "channels=2\nfeatures=8\ncodebooks=3\nsize=16\nwidth=8\n"
                            "[losses]\nwindows=[256]\nteacher='mfcc'\n"),
    "speaker": ("separation", 2, "width=16\nfeatures=8\nclips=2\n"),
}  # fmt: skip


def launch(*recipes: Path) -> list[str]:
    """The lines that `two_workers.py` says of the recipes, run by two processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # `--cpu --num_processes 2` would start a single process; the launcher of many runs on CPUs as well
    options = f"--multi_gpu --num_processes 2 --num_machines 1 --mixed_precision no --main_process_port {port}"
    command = [sys.executable, "-m", "accelerate.commands.launch", *options.split()]
    command += ["--num_cpu_threads_per_process", "1", "--dynamo_backend", "no", str(SCRIPT), *map(str, recipes)]
    environment = os.environ | {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=280, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return [line for line in done.stdout.splitlines() if line.count(" ") == 2]


@pytest.fixture
def recipes(toy, tmp_path) -> dict[str, Path]:
    written = {}
    for system, (select, steps, network) in SYSTEMS.items():
        train = {"folder": str(tmp_path / system), "steps": steps, "select": select, "save_every": 1,
                 "largest_gradient": 1e9}  # fmt: skip
        tables = tomllib.loads(f"[network]\n{network}")
        written[system] = write_recipe(tmp_path / f"{system}.toml", system, toy, train, CROPS, **tables)
    return written


def mean_gradient(recipe: Path, numbers: tuple[int, ...]) -> list[torch.Tensor]:
    """Of the first weights, over batches by number, by one process."""
    system = make_system(read_recipe(recipe))
    total = [torch.zeros_like(p) for p in system.network.parameters()]
    for number in numbers:
        system.network.zero_grad()
        parts = system.losses(system.network, next(system.batches(number, 1)), (0, number))
        torch.stack(list(parts.values())).sum().backward()
        total = [t + p.grad / len(numbers) for t, p in zip(total, system.network.parameters(), strict=True)]
    return total


def test_two_processes_train_one_network(recipes, tmp_path):
    told = [line.split() for line in launch(*recipes.values())]
    assert [(name, int(count)) for name, count, _ in told] == [
        (f"{kind}System", 2) for kind in ("Tokenizer", "Masked", "Codec", "Speaker")
    ]
    assert all(float(difference) == 0 for *_, difference in told)
    for system, (select, steps, _) in SYSTEMS.items():
        log = (tmp_path / system / "log.jsonl").read_text().splitlines()
        assert sum('"loss"' in row for row in log) == steps  # one process writes
        assert any(select in row for row in log)
    # After one step Adam's running mean is a tenth of the gradient: that of both batches, not of one.
    kept = load_file(tmp_path / "tokenizer" / "last.safetensors")
    both, first = mean_gradient(recipes["tokenizer"], (0, 1)), mean_gradient(recipes["tokenizer"], (0,))
    result = [10 * kept[f"optimiser/{i}/exp_avg"] for i in range(len(both))]
    assert all(torch.allclose(f, g, rtol=1e-3, atol=1e-6) for f, g in zip(result, both, strict=True))
    assert not any(torch.allclose(f, g, rtol=1e-2, atol=1e-6) for f, g in zip(result, first, strict=True))
    weights = np.concatenate([v.flatten() for k, v in kept.items() if k.startswith("average/")])
    assert np.isfinite(weights).all()
