"""What `lab.training.loop` is given for everything that the benchmark trains."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from utterface.lab.decoders import decoder_kind
from utterface.lab.studies.thunder.grid import CLIPS, DIFFUSION, VOCODER, Budget, Cell, Folder, Grid, Row
from utterface.motion import ARKIT


def listener(grid: Grid, name: str, units: str, folder: Folder) -> dict[str, Any]:
    """Of a listener that looks at one of `listener.INPUTS`; heads are held still, so weights come without angles."""
    return {
        "system": "mesh_to_speech",
        "train": {**_train(grid.listener, name, folder), **({"initial": str(begun(folder))} if grid.begun else {})},
        "data": _crops(grid.listener, folder),
        "network": {**grid.ears, "input": name},
        "speech": {"units": units, "store": str(folder.work / "tracks")},
        "motion": {"channels": list(ARKIT)},
    }


def begun(folder: Folder) -> Path:
    """What listeners begin from: that of the voice `Grid.begun`, opened."""
    return folder.ears / "begun.safetensors"


def vocoder(grid: Grid, folder: Folder) -> dict[str, Any]:
    """Of what makes log-mel audible."""
    return {
        "system": VOCODER,
        "train": {**_train(grid.vocoder, VOCODER, folder), "weight_decay": 0.0},
        "data": _crops(grid.vocoder, folder),
        "network": dict(grid.voice),
    }


def before(grid: Grid, decoder: str, seed: int, folder: Folder) -> dict[str, Any]:
    """Of a head that nobody has listened to yet; its rate does not fall, since it goes on."""
    return _head(grid, decoder, seed, f"before-{decoder}.{seed}", folder) | {
        "train": {**_train(grid.head, f"before-{decoder}.{seed}", folder, seed), "steps": grid.before,
                  "warmup": min(200, grid.before), "decay": 0.0, "rate": grid.rates.get(decoder, grid.head.rate)},
    }  # fmt: skip


def head(grid: Grid, cell: Cell, ear: Path | None, initial: Path | None, folder: Folder) -> dict[str, Any]:
    """Of a row.

    Args:
        grid, cell: what is trained.
        ear: checkpoint of who listens.
        initial: checkpoint to begin from.
        folder: of the run.
    """
    row = cell.row
    asked = _head(grid, row.decoder, cell.seed, cell.name, folder)
    if initial is not None:
        asked["train"]["initial"] = str(initial)
    if ear is not None:
        asked["losses"] = {"hearing": row.weight}
        asked["hearing"] = hearing(grid, row, ear)
    return asked


def hearing(grid: Grid, row: Row, ear: Path) -> dict[str, Any]:
    """The table `hearing` of a row that is listened to."""
    return {
        "listener": str(ear), "trust": row.trust, "beside": row.beside, "share": grid.listened,
        "precision": grid.listener.precision,
    }  # fmt: skip


def _head(grid: Grid, decoder: str, seed: int, name: str, folder: Folder) -> dict[str, Any]:
    rate = grid.rates.get(decoder, grid.head.rate)
    return {
        "system": "thunder",
        "train": {**_train(grid.head, name, folder, seed), "rate": rate},
        "speech": {"representation": grid.representation, "store": str(folder.work / "tracks")},
        "data": {
            "root": str(folder.work), "corpora": [CLIPS], "batch": grid.head.batch, "seconds": grid.head.seconds,
        },
        "decoder": dict(grid.decoders[decoder]),
        "sampling": {"sampler": grid.sampler, "steps": min(grid.steps, levels(grid, decoder) or grid.steps)},
        "bundle": dict(grid.windows),
    }  # fmt: skip


def levels(grid: Grid, decoder: str = DIFFUSION) -> int:
    """Of noise, which bound a sampler's steps; 0 of a decoder that does not denoise, of which all takes are one."""
    table = grid.decoders[decoder]
    return int(table.get("levels", getattr(decoder_kind(table).config(), "levels", 0)))


def _train(budget: Budget, name: str, folder: Folder, seed: int = 0) -> dict[str, Any]:
    steps = budget.steps
    return {
        "folder": str(folder.work / "runs" / name),
        "steps": steps,
        "rate": budget.rate,
        "warmup": budget.warmup,
        "decay": budget.decay,
        "average": budget.average,
        "precision": budget.precision,
        "threads": 1,
        "seed": seed,
        "log_every": max(1, steps // 20),
        "validate_every": 0,  # nothing is chosen: the last weights are judged
        "save_every": max(1, steps // 5),
    }


def _crops(budget: Budget, folder: Folder) -> Mapping[str, Any]:
    return {
        "root": str(folder.work),
        "shares": {CLIPS: 1.0},
        "batch": budget.batch,
        "seconds": budget.seconds,
        "workers": 0,  # processes enough as it is
    }
