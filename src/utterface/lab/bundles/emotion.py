"""A trained emotion network → a bundle of kind `emotion`, which `animate --emotion auto` runs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from utterface import speech
from utterface.engines.bundle import FORMAT, VERSION
from utterface.files import replacing
from utterface.lab.bundles.motion import to_graph
from utterface.lab.networks.emotion import EmotionModel, EmotionNetworkConfig
from utterface.lab.systems.emotion import EMOTIONS
from utterface.lab.training.checkpoints import load_average
from utterface.lab.training.recipe import config_from, without_places


@dataclass(frozen=True)
class EmotionPackConfig:
    """The recipe's table `bundle`.

    Attributes:
        licence: of the weights.
        provenance: what they were made of, a line each.
        unsure, sure: probability up to which an emotion does not show, and from which it shows in full.
        rate: decisions a second.
    """

    licence: str
    provenance: tuple[str, ...]
    unsure: float = 0.6
    sure: float = 0.85
    rate: int = 2


def export_emotion(checkpoint: Path, folder: Path, table: Mapping[str, Any], card: str | None = None) -> Path:
    """The averaged weights of an emotion network as a bundle; see `bundles.mesh_to_speech.export_voice`."""
    config = config_from(EmotionPackConfig, table, "table [bundle]")
    weights, recipe, step = load_average(checkpoint)
    network = EmotionModel(
        config_from(EmotionNetworkConfig, recipe.get("network", {}), "table [network]"), len(EMOTIONS)
    )
    network.load_state_dict(weights)
    data = {**recipe["data"], "neutral": [Path(place).name for place in recipe["data"].get("neutral", ())]}
    described = {"system": recipe["system"], "data": data, "network": recipe.get("network", {})}
    keys = {
        "format": FORMAT,
        "version": VERSION,
        "kind": "emotion",
        "channels": EMOTIONS,
        "sample_rate": speech.SAMPLE_RATE,
        "frame_rate": config.rate,
        "window": recipe["data"].get("seconds", 3.0),
        "features": network.config.features,
        "hidden": network.config.hidden,
        "unsure": config.unsure,
        "sure": config.sure,
        "licence": config.licence,
        "provenance": config.provenance,
        "weights": sum(p.numel() for p in network.parameters()),
        "recipe": without_places(described),
        "step": step,
    }
    graph = to_graph(network.eval(), {"features": torch.zeros(1, network.config.features)}, "decision")
    files = {"model.onnx": graph.SerializeToString(), "config.json": (json.dumps(keys, indent=1) + "\n").encode()}
    if card is not None or not (folder / "CARD.md").is_file():
        made_of = "\n".join(f"* {line}" for line in config.provenance)
        files["CARD.md"] = (card or f"# {folder.name}\n\nEmotion of a voice.\n\n## Made of\n\n{made_of}\n").encode()
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        with replacing(folder / name) as part:
            part.write_bytes(content)
    return folder
