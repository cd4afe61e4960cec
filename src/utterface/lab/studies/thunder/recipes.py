"""Recipes of everything that the study trains."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from utterface.lab.decoders import decoder_kind
from utterface.lab.studies.clips import CLIPS
from utterface.lab.studies.recipes import training
from utterface.lab.studies.runs import VariantRun
from utterface.lab.studies.store import Folder
from utterface.lab.studies.thunder.sizes import DIFFUSION, VOCODER, Budget, ThunderSize, ThunderVariant
from utterface.motion import ARKIT


def mesh_to_speech(size: ThunderSize, name: str, units: str, folder: Folder) -> dict[str, Any]:
    """Of a mesh-to-speech model by its input, of `INPUTS`; heads are held still, so weights come without angles."""
    begin = {"initial": str(shipped(folder))} if size.shipped else {}
    return {
        "system": "mesh_to_speech",
        "train": {**training(size.m2s, name, size.m2s.rate, folder), **begin},
        "data": _crops(size.m2s, folder),
        "network": {**size.m2s_network, "input": name},
        "speech": {"units": units, "store": str(folder.tracks)},
        "motion": {"channels": list(ARKIT)},
    }


def shipped(folder: Folder) -> Path:
    """Checkpoint that mesh-to-speech models begin from: that of the bundle `ThunderSize.shipped`."""
    return folder.models / "shipped.safetensors"


def vocoder(size: ThunderSize, folder: Folder) -> dict[str, Any]:
    """Of the vocoder: log-mel to samples."""
    return {
        "system": VOCODER,
        "train": {**training(size.vocoder, VOCODER, size.vocoder.rate, folder), "weight_decay": 0.0},
        "data": _crops(size.vocoder, folder),
        "network": dict(size.vocoder_network),
    }


def base(size: ThunderSize, decoder: str, seed: int, folder: Folder) -> dict[str, Any]:
    """Of a model without the loss, which variants resume: its rate does not fall."""
    recipe = _model(size, decoder, seed, f"base-{decoder}.{seed}", folder)
    recipe["train"] |= {"steps": size.base_steps, "warmup": min(200, size.base_steps), "decay": 0.0}
    return recipe


def variant(
    size: ThunderSize, run: VariantRun[ThunderVariant], m2s: Path | None, initial: Path | None, folder: Folder
) -> dict[str, Any]:
    """Of a run.

    Args:
        size, run: what is trained.
        m2s: checkpoint of the mesh-to-speech model in the loss.
        initial: checkpoint of the base model.
        folder: of the study.
    """
    recipe = _model(size, run.variant.decoder, run.seed, run.name, folder)
    if initial is not None:
        recipe["train"]["initial"] = str(initial)
    if m2s is not None:
        recipe["losses"] = {"hearing": run.variant.weight}
        recipe["hearing"] = loss(size, run.variant, m2s)
    return recipe


def loss(size: ThunderSize, of: ThunderVariant, m2s: Path) -> dict[str, Any]:
    """The table of the mesh-to-speech loss."""
    return {
        "listener": str(m2s), "trust": of.trust, "beside": of.beside, "share": size.share,
        "precision": size.m2s.precision,
    }  # fmt: skip


def _model(size: ThunderSize, decoder: str, seed: int, name: str, folder: Folder) -> dict[str, Any]:
    rate = size.rates.get(decoder, size.model.rate)
    return {
        "system": "thunder",
        "train": training(size.model, name, rate, folder, seed),
        "speech": {"representation": size.representation, "store": str(folder.tracks)},
        "data": {
            "root": str(folder.work), "corpora": [CLIPS], "batch": size.model.batch, "seconds": size.model.seconds,
        },
        "decoder": dict(size.decoders[decoder]),
        "sampling": {"sampler": size.sampler, "steps": min(size.steps, levels(size, decoder) or size.steps)},
        "bundle": dict(size.windows),
    }  # fmt: skip


def levels(size: ThunderSize, decoder: str = DIFFUSION) -> int:
    """Of noise, which bound a sampler's steps; 0 of a decoder without diffusion, whose takes are all the same."""
    table = size.decoders[decoder]
    return int(table.get("levels", getattr(decoder_kind(table).config(), "levels", 0)))


def _crops(budget: Budget, folder: Folder) -> Mapping[str, Any]:
    return {
        "root": str(folder.work),
        "shares": {CLIPS: 1.0},
        "batch": budget.batch,
        "seconds": budget.seconds,
        "workers": 0,  # runs are processes already
    }
