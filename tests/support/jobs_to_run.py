"""Functions of jobs that processes can be given: they find this module on the path, and test modules they do not."""

import os
import time
from pathlib import Path


def write(runner: Path, name: str) -> None:
    """Leaves a file in the runner's folder."""
    if name == "broken":
        raise ValueError("the loss\nis no number")
    if name == "fatal":
        while not list(runner.glob("*.begun")):  # another is at work
            time.sleep(0.01)
        os._exit(1)
    if name == "slow":
        (runner / "slow.begun").touch()
        time.sleep(0.5)
    (runner / name).touch()
