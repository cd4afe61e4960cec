"""Jobs that processes can be given: they find this module on the path, and test modules they do not."""

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

            os._exit(1)
        (runner / self.name).touch()
