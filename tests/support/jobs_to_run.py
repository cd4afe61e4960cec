"""Jobs that processes can be given: they find this module on the path, and test modules they do not."""

import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Write:
    """Leaves a file in the runner's folder."""

    name: str

    def __call__(self, runner: Path) -> None:
        if self.name == "broken":
            raise ValueError("the loss\nis no number")
        if self.name == "fatal":
            import os

            while not list(runner.glob("*.begun")):  # another is at work
                time.sleep(0.01)
            os._exit(1)
        if self.name == "slow":
            (runner / "slow.begun").touch()
            time.sleep(0.5)
        (runner / self.name).touch()
